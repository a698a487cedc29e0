import { FAILURES } from '../../src/domain/failure.ts';
import { WEBHOOK_PROBLEMS } from '../../webhooks/problems.ts';

/** The tables of `docs/failures.md` that are made from the code, by the name of their place on the page. */
const TABLES: Readonly<Record<string, () => string>> = {
  'failure codes': failureTable,
  'http problems': httpProblemTable,
};

/** The page with its tables as the code has them now. Throws when a table has no place on the page. */
export function withCurrentTables(page: string): string {
  return Object.entries(TABLES).reduce((text, [name, table]) => fillPlace(text, name, table()), page);
}

function failureTable(): string {
  const rows = Object.entries(FAILURES).map(([code, kind]) => [
    `\`${code}\``,
    kind.class,
    kind.cause,
    kind.cure,
  ]);
  return markdownTable(['code', 'class', 'cause', 'cure'], rows);
}

function httpProblemTable(): string {
  const rows = Object.entries(WEBHOOK_PROBLEMS).map(([code, { status, title }]) => [
    `\`${code}\``,
    String(status),
    title,
  ]);
  return markdownTable(['code', 'status', 'meaning'], rows);
}

function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function fillPlace(page: string, name: string, table: string): string {
  const [begin, end] = [`<!-- begin ${name} -->\n`, `\n<!-- end ${name} -->`];
  const from = page.indexOf(begin);
  const to = page.indexOf(end, from);
  if (from === -1 || to === -1) throw new Error(`The page has no place for the table "${name}"`);
  return page.slice(0, from + begin.length) + table + page.slice(to);
}
