import { CsvError, parse } from 'csv-parse/sync';
import { CSV_SEPARATORS } from '../domain/seats/csv-separator.ts';

/** The codes of a roster file. Null for one that somebody has edited until it is no table of codes. */
export function codesOfRoster(csv: Uint8Array): string[] | null {
  const rows = rowsOfCsv(csv);
  if (rows === null) return null;
  const [head] = rows;
  if (head === undefined) return [];
  // A spreadsheet may have saved it in another form.
  const column = head.indexOf('code');
  if (column === -1) return null;
  // Cells that a spreadsheet would run as a formula were disarmed with an apostrophe.
  return rows.slice(1).map((row) => (row[column] ?? '').replace(/^'(?=[=+\-@\t\r])/, ''));
}

/**
 * The header and the rows, whichever separator the file has; null for what is no table. The parser's own words are dropped,
 * because they may quote a code.
 */
export function rowsOfCsv(csv: Uint8Array): string[][] | null {
  try {
    return parse(Buffer.from(csv), { bom: true, delimiter: separatorOf(csv) });
  } catch (error) {
    if (error instanceof CsvError) return null;
    throw error;
  }
}

/** A spreadsheet may save a file with other separators than it had. */
const SEPARATORS = [CSV_SEPARATORS.comma, CSV_SEPARATORS.semicolon, '\t'];
/** Longer than our longest line of names. */
const HEADER_BYTES = 256;

/** The one that the first line has most of: it is names of columns, which hold none themselves. Titles below may hold any. */
function separatorOf(csv: Uint8Array): string {
  const [header = ''] = Buffer.from(csv.subarray(0, HEADER_BYTES))
    .toString('utf8')
    .split(/[\r\n]/, 1);
  const countOf = (separator: string) => header.split(separator).length;
  return SEPARATORS.reduce((best, other) => (countOf(other) > countOf(best) ? other : best));
}
