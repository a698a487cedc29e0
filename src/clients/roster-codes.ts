import { CsvError, parse } from 'csv-parse/sync';

/** The codes of a roster file. Null for one that somebody has edited until it is no table of codes. */
export function codesOfRoster(csv: Uint8Array): string[] | null {
  const rows = rowsOfCsv(csv);
  if (rows === null) return null;
  const [head] = rows;
  if (head === undefined) return [];
  // A spreadsheet may have saved it with other separators.
  const column = head.indexOf('code');
  if (column === -1) return null;
  // Cells that a spreadsheet would run as a formula were disarmed with an apostrophe.
  return rows.slice(1).map((row) => (row[column] ?? '').replace(/^'(?=[=+\-@\t\r])/, ''));
}

/** The header and the rows; null for what is no table. The parser's own words are dropped, because they may quote a code. */
export function rowsOfCsv(csv: Uint8Array): string[][] | null {
  try {
    return parse(Buffer.from(csv), { bom: true });
  } catch (error) {
    if (error instanceof CsvError) return null;
    throw error;
  }
}
