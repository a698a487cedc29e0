import { CsvError, parse } from 'csv-parse/sync';

/** The codes of a roster file. Null for one that somebody has edited until it is no table any more. */
export function codesOfRoster(csv: Uint8Array): string[] | null {
  // Cells that a spreadsheet would run as a formula were disarmed with an apostrophe.
  return rowsOf(csv)?.map(({ code = '' }) => code.replace(/^'(?=[=+\-@\t\r])/, '')) ?? null;
}

/** The parser's own words are dropped, because they may quote a code. */
function rowsOf(csv: Uint8Array): Record<string, string>[] | null {
  try {
    return parse(Buffer.from(csv), { columns: true, bom: true });
  } catch (error) {
    if (error instanceof CsvError) return null;
    throw error;
  }
}
