import { setImmediate } from 'node:timers/promises';
import { stringify } from 'csv-stringify/sync';
import { CSV_SEPARATORS, type CsvSeparator } from '../domain/seats/csv-separator.ts';

interface Sheet<Column extends string> {
  /** Names of the columns, which are the first line, in order. */
  readonly columns: readonly Column[];
  /** Called twice; the rows must be the same both times. */
  readonly rows: () => Iterable<Readonly<Record<Column, string>>>;
  readonly separator: CsvSeparator;
}

const ROWS_AT_ONCE = 50;

/** Without it Excel reads UTF-8 as the code page of the machine. */
const BOM = '\ufeff';

/**
 * A file that people open in a spreadsheet: UTF-8 with a BOM, RFC 4180 but for the separator, and cells that a spreadsheet
 * would run as a formula are disarmed. The same rows make the same bytes.
 */
export async function writeSpreadsheetCsv<Column extends string>(sheet: Sheet<Column>): Promise<Buffer> {
  let size = 0;
  for await (const lines of linesOf(sheet)) size += Buffer.byteLength(lines);
  // Filled in a second go, so that a large file is in memory once.
  const csv = Buffer.alloc(size);
  let end = 0;
  for await (const lines of linesOf(sheet)) end += csv.write(lines, end);
  return csv;
}

/** Some rows at a time; others have their turn in between. */
async function* linesOf<Column extends string>({
  columns,
  rows,
  separator,
}: Sheet<Column>): AsyncGenerator<string> {
  yield BOM;
  let header = true;
  let some: Readonly<Record<Column, string>>[] = [];
  const lines = () =>
    stringify(some, {
      columns: [...columns],
      delimiter: CSV_SEPARATORS[separator],
      escape_formulas: true,
      header,
      record_delimiter: 'windows',
    });
  for (const row of rows()) {
    some.push(row);
    if (some.length < ROWS_AT_ONCE) continue;
    yield lines();
    header = false;
    some = [];
    await setImmediate();
  }
  yield lines();
}
