import { parse } from 'csv-parse/sync';
import type { OpenedFile } from '../desks/desk.ts';
import { escapeHtml, table } from '../html.ts';
import type { Region } from './view.ts';

const SHOWN_ROWS = 200;

/** A file as its reader sees it: a table where it is one. */
export function fileRegions(file: OpenedFile, path: string, showsCodes: boolean): Region[] {
  const toggle = showsCodes
    ? `<a class="button" href="${escapeHtml(path)}">Hide the codes</a>`
    : `<a class="button" href="${escapeHtml(path)}?codes=shown">Show the codes</a>`;
  return [
    {
      id: 'file',
      html: `<section class="card"><p class="quiet small">File of ${file.bytes.length} bytes</p><h1>${escapeHtml(file.name)}</h1>
<p class="forms">${toggle}<a href="${escapeHtml(path)}/download" download>Download</a></p>${contentHtml(file)}</section>`,
    },
  ];
}

function contentHtml({ name, bytes }: OpenedFile): string {
  if (!/\.(csv|txt)$/i.test(name)) return '<p class="quiet">Download it to open it in its own program.</p>';
  const text = bytes.toString('utf8').replace(/^\ufeff/, '');
  const [head = [], ...rows] = rowsOf(text);
  if (!/\.csv$/i.test(name)) return `<p>${escapeHtml(text).replaceAll('\n', '<br>')}</p>`;
  const more =
    rows.length > SHOWN_ROWS ? `<p class="quiet">and ${rows.length - SHOWN_ROWS} more rows</p>` : '';
  return table(head, rows.slice(0, SHOWN_ROWS)) + more;
}

function rowsOf(text: string): string[][] {
  // Of what stands between the names of columns; a cell below may hold either.
  const [header = ''] = text.split(/[\r\n]/, 1);
  const delimiter = header.split(';').length > header.split(',').length ? ';' : ',';
  return parse(text, { relaxColumnCount: true, relaxQuotes: true, delimiter });
}
