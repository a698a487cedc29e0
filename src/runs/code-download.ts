import { CsvError, parse } from 'csv-parse/sync';
import type { DownloadedCode } from '../domain/seats/code-import.ts';

/** The column, whatever stands between its words. */
const CODE_COLUMNS = new Set(['code', 'codes', 'redemptioncode', 'redemptioncodes']);
/** Some exports begin with a title. */
const HEADER_WITHIN = 10;
const MAX_BYTES = 64 * 1024 * 1024;

interface Row {
  readonly line: number;
  readonly cells: readonly string[];
}

/** What the option `info` makes of the parser's rows; its types do not know of it. */
interface Parsed {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

/**
 * The codes of an admin's download, in order: of the column that is called code, or of a file with a single column.
 * `problem` says what is no such table, and quotes nothing of it.
 */
export function readDownload(
  bytes: Uint8Array,
): { readonly codes: readonly DownloadedCode[] } | { readonly problem: string } {
  if (bytes.length > MAX_BYTES) return { problem: 'the file is larger than 64 MB' };
  const rows = rowsOf(decode(bytes));
  if ('problem' in rows) return rows;
  const found = rows.rows.filter(({ cells }) => cells.some((cell) => cell !== ''));
  const at = found.slice(0, HEADER_WITHIN).findIndex(({ cells }) => columnOf(cells) !== -1);
  if (at !== -1) {
    const column = columnOf(found[at]?.cells ?? []);
    return { codes: found.slice(at + 1).map(({ line, cells }) => ({ line, code: cells[column] ?? '' })) };
  }
  const wide = found.find(({ cells }) => cells.filter((cell) => cell !== '').length > 1);
  if (wide !== undefined) {
    return { problem: `line ${wide.line}: there are several columns, and none of them is called "code"` };
  }
  return { codes: found.map(({ line, cells }) => ({ line, code: cells.find((cell) => cell !== '') ?? '' })) };
}

function rowsOf(text: string): { readonly rows: readonly Row[] } | { readonly problem: string } {
  try {
    const records = parse(text, {
      bom: true,
      delimiter: [',', ';', '\t'],
      info: true,
      relax_column_count: true,
      relax_quotes: true,
      trim: true,
    }) as unknown as Parsed[];
    return { rows: records.map(({ record, info }) => ({ line: info.lines, cells: record.map(plainCell) })) };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    // The parser's own words may quote a code.
    return { problem: `line ${error.lines ?? 1}: the line is not valid CSV` };
  }
}

function columnOf(cells: readonly string[]): number {
  return cells.findIndex((cell) => CODE_COLUMNS.has(cell.toLowerCase().replaceAll(/[^a-z]/g, '')));
}

/** Some exports keep a spreadsheet from changing a code by `="…"`; ours disarm formulas by an apostrophe. */
function plainCell(cell: string): string {
  return (/^="(.*)"$/.exec(cell)?.[1] ?? cell).replace(/^'(?=[=+\-@])/, '').trim();
}

/** Spreadsheets save text as UTF-16 too. */
function decode(bytes: Uint8Array): string {
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  return new TextDecoder(isUtf16 ? 'utf-16le' : 'utf-8').decode(bytes);
}
