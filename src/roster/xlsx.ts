import { setImmediate } from 'node:timers/promises';
import { Zip, ZipDeflate } from 'fflate';

/**
 * Workbooks of text, days and links, in the parts of Office Open XML (ECMA-376) that every spreadsheet reads. Written row
 * by row, because a library that holds all cells takes many times the file's memory; with equal bytes for equal rows,
 * because a repeat is known by them.
 */
export interface Sheet {
  readonly name: string;
  readonly columns: readonly Column[];
  /** Asked for twice. */
  readonly rows: () => Iterable<readonly Cell[]>;
}

export interface Column {
  readonly title: string;
  /** In characters. */
  readonly width: number;
}

export type Cell =
  | { readonly text: string }
  | { readonly number: number }
  /** `YYYY-MM-DD` */
  | { readonly day: string }
  | { readonly link: string }
  | null;

/** Any fixed one, so that the bytes do not tell when they were written. */
const WRITTEN_AT = new Date(1980, 0, 1);
const ROWS_AT_ONCE = 100;
/** Small tables: most rosters are small, and each part of a workbook would begin with megabytes otherwise. */
const TABLES = 3;

export async function writeXlsx(sheets: readonly Sheet[]): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let failure: Error | null = null;
  const zip = new Zip((error, chunk) => {
    if (error) failure = error;
    else chunks.push(chunk);
  });
  for (const { path, text } of partsOf(sheets)) await add(zip, path, text);
  zip.end();
  if (failure !== null) throw failure;
  return Buffer.concat(chunks);
}

async function add(zip: Zip, path: string, text: Iterable<string>): Promise<void> {
  const entry = new ZipDeflate(path, { level: 6, mem: TABLES });
  entry.mtime = WRITTEN_AT;
  zip.add(entry);
  let pending = '';
  let rows = 0;
  for (const part of text) {
    pending += part;
    rows += 1;
    if (rows % ROWS_AT_ONCE > 0) continue;
    entry.push(Buffer.from(pending));
    pending = '';
    // Others have their turn in between.
    await setImmediate();
  }
  entry.push(Buffer.from(pending), true);
}

interface Part {
  readonly path: string;
  readonly text: Iterable<string>;
}

const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const RELATIONS = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
const TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml';

function* partsOf(sheets: readonly Sheet[]): Generator<Part> {
  const numbers = sheets.map((_, index) => index + 1);
  const types = numbers.map(
    (n) => `<Override PartName="/xl/worksheets/sheet${n}.xml" ContentType="${TYPE}.worksheet+xml"/>`,
  );
  yield {
    path: '[Content_Types].xml',
    text: [
      `${XML}<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${TYPE}.sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="${TYPE}.styles+xml"/>${types.join('')}</Types>`,
    ],
  };
  yield { path: '_rels/.rels', text: relations([['officeDocument', 'xl/workbook.xml']]) };
  const listed = sheets.map(
    ({ name }, index) => `<sheet name="${xmlText(name)}" sheetId="${index + 1}" r:id="rId${index + 1}"/>`,
  );
  yield {
    path: 'xl/workbook.xml',
    text: [
      `${XML}<workbook xmlns="${MAIN}" xmlns:r="${RELATIONS}"><sheets>${listed.join('')}</sheets></workbook>`,
    ],
  };
  yield {
    path: 'xl/_rels/workbook.xml.rels',
    text: relations([
      ...numbers.map((n) => ['worksheet', `worksheets/sheet${n}.xml`] as const),
      ['styles', 'styles.xml'],
    ]),
  };
  yield { path: 'xl/styles.xml', text: [STYLES] };
  for (const [index, sheet] of sheets.entries()) {
    yield { path: `xl/worksheets/sheet${index + 1}.xml`, text: worksheet(sheet) };
    yield { path: `xl/worksheets/_rels/sheet${index + 1}.xml.rels`, text: linkRelations(sheet) };
  }
}

function* relations(targets: readonly (readonly [type: string, target: string])[]): Generator<string> {
  const all = targets.map(
    ([type, target], index) =>
      `<Relationship Id="rId${index + 1}" Type="${RELATIONS}/${type}" Target="${target}"/>`,
  );
  yield `${XML}<Relationships xmlns="${PACKAGE}/relationships">${all.join('')}</Relationships>`;
}

/** Indexes into the formats of `STYLES`. */
const STYLE = { header: 1, text: 2, day: 3, link: 4 } as const;

/** 49 is text, so that a code that is edited stays one; 14 is the day as the reader's own machine writes it. */
const STYLES = `${XML}<styleSheet xmlns="${MAIN}"><fonts count="3"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font><font><u/><sz val="11"/><color rgb="FF0563C1"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="5"><xf/><xf fontId="1" applyFont="1"/><xf numFmtId="49" applyNumberFormat="1"/><xf numFmtId="14" applyNumberFormat="1"/><xf numFmtId="49" fontId="2" applyNumberFormat="1" applyFont="1"/></cellXfs></styleSheet>`;

function* worksheet({ columns, rows }: Sheet): Generator<string> {
  const widths = columns.map(
    ({ width }, index) => `<col min="${index + 1}" max="${index + 1}" width="${width}" customWidth="1"/>`,
  );
  yield `${XML}<worksheet xmlns="${MAIN}" xmlns:r="${RELATIONS}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>${widths.join('')}</cols><sheetData>`;
  yield `<row r="1">${columns.map(({ title }, index) => textCell(place(index, 1), title, STYLE.header)).join('')}</row>`;
  let number = 1;
  for (const row of rows()) {
    number += 1;
    const at = number;
    yield `<row r="${at}">${row.map((cell, index) => cellXml(cell, place(index, at))).join('')}</row>`;
  }
  yield '</sheetData>';
  yield* hyperlinks(rows);
  yield '</worksheet>';
}

function* hyperlinks(rows: Sheet['rows']): Generator<string> {
  let hasLink = false;
  for (const { at, id } of linksIn(rows)) {
    yield `${hasLink ? '' : '<hyperlinks>'}<hyperlink ref="${at}" r:id="${id}"/>`;
    hasLink = true;
  }
  if (hasLink) yield '</hyperlinks>';
}

function* linkRelations({ rows }: Sheet): Generator<string> {
  yield `${XML}<Relationships xmlns="${PACKAGE}/relationships">`;
  for (const { id, link } of linksIn(rows)) {
    yield `<Relationship Id="${id}" Type="${RELATIONS}/hyperlink" Target="${attributeText(link)}" TargetMode="External"/>`;
  }
  yield '</Relationships>';
}

function* linksIn(
  rows: Sheet['rows'],
): Generator<{ readonly at: string; readonly id: string; readonly link: string }> {
  let number = 1;
  for (const row of rows()) {
    number += 1;
    for (const [index, cell] of row.entries()) {
      if (cell === null || !('link' in cell)) continue;
      yield { at: place(index, number), id: `rId${number}c${index}`, link: cell.link };
    }
  }
}

function cellXml(cell: Cell, at: string): string {
  if (cell === null) return '';
  if ('number' in cell) return `<c r="${at}"><v>${cell.number}</v></c>`;
  if ('day' in cell) return `<c r="${at}" s="${STYLE.day}"><v>${serialOf(cell.day)}</v></c>`;
  return 'link' in cell ? textCell(at, cell.link, STYLE.link) : textCell(at, cell.text, STYLE.text);
}

function textCell(at: string, text: string, style: number): string {
  return `<c r="${at}" s="${style}" t="inlineStr"><is><t xml:space="preserve">${xmlText(text)}</t></is></c>`;
}

/** No sheet of ours has more columns than there are letters. */
function place(column: number, row: number): string {
  return `${String.fromCharCode('A'.charCodeAt(0) + column)}${row}`;
}

const DAY_MS = 86_400_000;
/** Day 0 of spreadsheets, which count a 29 February 1900 that never was. */
const DAY_0 = Date.UTC(1899, 11, 30);

function serialOf(day: string): number {
  return (Date.parse(`${day}T00:00:00Z`) - DAY_0) / DAY_MS;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** In cells and names of sheets `_x0041_` would be read as the character of that number; an address is taken as it is. */
function xmlText(text: string): string {
  return attributeText(text.replace(/_(?=x[0-9a-f]{4}_)/gi, '_x005F_'));
}

/** XML has no way to write most control characters. */
function attributeText(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replace(/[&<>"]/g, (character) => ENTITIES[character] ?? character);
}
