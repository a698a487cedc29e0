import { CsvError, parse } from 'csv-parse/sync';

/** The codes of a roster file. Null for one that somebody has edited until it is no table any more. */
export function codesOfRoster(csv: Uint8Array): string[] | null {
  const codes = rowsOfCsv(csv)?.map(({ code }) => code);
  // A spreadsheet may have saved it with other separators.
  if (!codes?.every((code) => code !== undefined)) return null;
  // Cells that a spreadsheet would run as a formula were disarmed with an apostrophe.
  return codes.map((code) => code.replace(/^'(?=[=+\-@\t\r])/, ''));
}

/** Null for what is no table. The parser's own words are dropped, because they may quote a code. */
export function rowsOfCsv(csv: Uint8Array): Partial<Record<string, string>>[] | null {
  try {
    return parse(Buffer.from(csv), { columns: true, bom: true });
  } catch (error) {
    if (error instanceof CsvError) return null;
    throw error;
  }
}
