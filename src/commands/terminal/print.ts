import Table from 'cli-table3';
import { Option } from 'commander';
import type { Problem } from '../../domain/failure.ts';
import { withCure } from '../../domain/words.ts';
import { printable } from './printable.ts';
import type { Terminal } from './terminal.ts';

/** Columns by blanks alone: no lines to cut off when the output is piped, and never a shortened link. */
const NO_LINES = Object.fromEntries(
  [
    ...['top', 'bottom', 'mid', 'left', 'right'].flatMap((side) =>
      side === 'mid' ? [side, 'mid-mid'] : [side, `${side}-mid`],
    ),
    ...['top-left', 'top-right', 'bottom-left', 'bottom-right', 'left-mid', 'right-mid', 'middle'],
  ].map((part) => [part, '']),
);

/** Rows under a head, as text that ends in a line break. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return render(new Table({ ...LOOK, head: head.map((title) => title.toUpperCase()) }), rows);
}

/** One thing: its names and values, a pair a line; pairs without a value are left out. */
export function facts(pairs: readonly (readonly [name: string, value: string | null])[]): string {
  const told = pairs.filter((pair): pair is [string, string] => pair[1] !== null && pair[1] !== '');
  return render(new Table(LOOK), told);
}

const LOOK = {
  chars: NO_LINES,
  style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2, compact: true },
};

function render(lines: InstanceType<typeof Table>, rows: readonly (readonly string[])[]): string {
  // Before the columns are measured: what the terminal leaves out later would move them.
  for (const row of rows) lines.push(row.map(printable));
  const text = lines.toString();
  return `${text
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')}\n`;
}

/** What is wrong and what to do, in one line. */
export function problemLine({ code, message, cure }: Problem): string {
  return `${code}: ${withCure(message, cure)}`;
}

/** The one thing a data command prints: a document for programs, or text for people. */
export function printData(
  terminal: Terminal,
  options: { readonly json?: boolean },
  data: { readonly document: unknown; readonly text: () => string },
): void {
  if (options.json) printJson(terminal, data.document);
  else terminal.write(data.text());
}

/** One document. All control characters in it are escaped: `JSON.stringify` leaves DEL and the C1 set as they are. */
export function printJson({ write }: Pick<Terminal, 'write'>, document: unknown): void {
  const text = JSON.stringify(document, null, 2);
  write(`${text.replace(/[\x7f-\x9f]/g, escapeOf)}\n`);
}

function escapeOf(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** Every command that shows data has it. */
export function jsonOption(): Option {
  return new Option('--json', 'print exactly one JSON document');
}
