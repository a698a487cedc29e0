import Table from 'cli-table3';
import { figureTables } from './figures.ts';
import { machineLines } from './machine.ts';
import type { BenchReport } from './run.ts';

/** The figures for a terminal. */
export function writeTables(report: BenchReport): string {
  const blocks = figureTables(report).map(({ title, head, rows }) => {
    const table = new Table({ head: [...head], style: { head: [], border: [] } });
    for (const row of rows) table.push([...row]);
    return `${title}\n${table}`;
  });
  const machine = machineLines(report.machine).join('\n');
  return `\n${blocks.join('\n\n')}\n\nMedians, with the quartiles in brackets. Measured in ${Math.round(report.tookMs / 1_000)} s on:\n${machine}\n`;
}
