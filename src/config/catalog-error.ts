import { countOf, numberOf } from '../domain/words.ts';

const MAX_FAULTS_TOLD = 100;

/** Where something stands in the file, counted from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export interface CatalogFault {
  /** Its place in the catalog (`products[2].grants`) and what was expected. */
  readonly text: string;
  readonly position: Position | null;
}

/** Every fault of a catalog at once, in the order of the file. */
export class CatalogError extends Error {
  /** Each names its place in the catalog and what was expected. */
  readonly faults: readonly string[];
  /** The same with line and column in front. */
  readonly lines: readonly string[];

  constructor(source: string, faults: readonly CatalogFault[]) {
    const sorted = [...faults].sort((a, b) => orderOf(a) - orderOf(b));
    const lines = sorted.map(lineOf);
    const more = faults.length - MAX_FAULTS_TOLD;
    const told = [...lines.slice(0, MAX_FAULTS_TOLD), ...(more > 0 ? [`and ${numberOf(more)} more`] : [])];
    super(
      `${source} has ${countOf(faults.length, 'fault')}:\n${told.map((line) => `  - ${line}`).join('\n')}`,
    );
    this.name = 'CatalogError';
    this.faults = sorted.map(({ text }) => text);
    this.lines = lines;
  }
}

function lineOf({ text, position }: CatalogFault): string {
  return position === null ? text : `line ${position.line}, column ${position.column}: ${text}`;
}

/** A catalog has no line of a million columns. */
function orderOf({ position }: CatalogFault): number {
  return position === null ? 0 : position.line * 1_000_000 + position.column;
}
