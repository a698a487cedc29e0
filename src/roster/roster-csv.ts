import { createHash } from 'node:crypto';
import type { CsvSeparator } from '../domain/seats/csv-separator.ts';
import { ROSTER_COLUMNS, rosterRows } from '../domain/seats/roster.ts';
import type { SeatedGroup } from '../domain/seats/seat.ts';
import { writeSpreadsheetCsv } from './spreadsheet-csv.ts';

export interface RosterCsv {
  readonly csv: Buffer;
  readonly sha256: string;
  readonly codeCount: number;
}

export async function writeRosterCsv(
  groups: readonly SeatedGroup[],
  separator: CsvSeparator = 'comma',
): Promise<RosterCsv> {
  const rows = () => rosterRows(groups);
  const csv = await writeSpreadsheetCsv({ columns: ROSTER_COLUMNS, rows, separator });
  return { csv, sha256: createHash('sha256').update(csv).digest('hex'), codeCount: codesIn(groups) };
}

export function codesIn(groups: readonly SeatedGroup[]): number {
  return groups.reduce((sum, { seats }) => sum + seats.length, 0);
}
