import Table from 'cli-table3';
import { type FigureTable, figureTables } from './figures.ts';
import { machineLines } from './machine.ts';
import type { BenchReport } from './report.ts';
import { rowTable } from './rows.ts';

/** The figures for a terminal. */
export function writeTables({ figures, machine, server, tookMs }: BenchReport): string {
  const blocks = [...figureTables(figures), rowTable(figures)].filter(({ rows }) => rows.length > 0);
  const where = [...machineLines(machine), `Temporal: ${server}`].join('\n');
  return `\n${blocks.map(drawTable).join('\n\n')}\n\nMedians, with the quartiles in brackets. Measured in ${Math.round(tookMs / 1_000)} s on:\n${where}\n`;
}

export function drawTable({ title, head, rows }: FigureTable): string {
  const table = new Table({ head: [...head], style: { head: [], border: [] }, wordWrap: true });
  for (const row of rows) table.push([...row]);
  return `${title}\n${table}`;
}
