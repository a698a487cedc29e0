import type { CsvSeparator } from '../domain/seats/csv-separator.ts';
import type { Seat, SeatedGroup } from '../domain/seats/seat.ts';
import { writeSpreadsheetCsv } from './spreadsheet-csv.ts';

const COLUMNS = ['code', 'group', 'redeemed'] as const;

/** For the admin of the learning platform, who expires these codes and no others. The same bytes at every attempt. */
export function writeWithdrawnCsv(groups: readonly SeatedGroup[], separator: CsvSeparator): Promise<Buffer> {
  return writeSpreadsheetCsv({ columns: COLUMNS, rows: () => withdrawnRows(groups), separator });
}

/** The codes of that file. */
export function withdrawnCodes(groups: readonly SeatedGroup[]): string[] {
  return groups.flatMap(({ seats }) => seats.filter(isGone).map(({ code }) => code));
}

function* withdrawnRows(groups: readonly SeatedGroup[]): Generator<Record<(typeof COLUMNS)[number], string>> {
  for (const { group, seats } of groups) {
    for (const { code, isRedeemed } of seats.filter(isGone)) {
      yield { code, group: group.label, redeemed: isRedeemed ? 'yes' : 'no' };
    }
  }
}

function isGone({ isWithdrawn }: Seat): boolean {
  return isWithdrawn;
}
