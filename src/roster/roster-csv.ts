import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { stringify } from 'csv-stringify/sync';
import { ROSTER_COLUMNS, type RosterRow, rosterRows } from '../domain/seats/roster.ts';
import type { SeatedGroup } from '../domain/seats/seat.ts';

export interface RosterCsv {
  readonly csv: Buffer;
  readonly sha256: string;
  readonly codeCount: number;
}

const ROWS_AT_ONCE = 50;
const CSV = { columns: [...ROSTER_COLUMNS], escape_formulas: true, record_delimiter: 'windows' } as const;

/** Without it Excel reads UTF-8 as the code page of the machine. */
const BOM = '\ufeff';

/** UTF-8 with a BOM, RFC 4180, cells that a spreadsheet would run as a formula are disarmed. */
export async function writeRosterCsv(groups: readonly SeatedGroup[]): Promise<RosterCsv> {
  let size = 0;
  for await (const lines of csvLines(groups)) size += Buffer.byteLength(lines);
  // Filled in a second go, so that a large file is in memory once.
  const csv = Buffer.alloc(size);
  let end = 0;
  for await (const lines of csvLines(groups)) end += csv.write(lines, end);
  return { csv, sha256: createHash('sha256').update(csv).digest('hex'), codeCount: codesIn(groups) };
}

export function codesIn(groups: readonly SeatedGroup[]): number {
  return groups.reduce((sum, { seats }) => sum + seats.length, 0);
}

/** Some rows at a time; others have their turn in between. */
async function* csvLines(groups: readonly SeatedGroup[]): AsyncGenerator<string> {
  yield BOM;
  let header = true;
  let rows: RosterRow[] = [];
  const lines = () => stringify(rows, { ...CSV, header });
  for (const row of rosterRows(groups)) {
    rows.push(row);
    if (rows.length < ROWS_AT_ONCE) continue;
    yield lines();
    header = false;
    rows = [];
    await setImmediate();
  }
  yield lines();
}
