import { Painted } from './look.ts';
import { printable } from './printable.ts';
import { fitTo, padTo, widthOf } from './text-width.ts';

export interface Column<Row> {
  readonly title: string;
  readonly text: (row: Row) => string;
  /** How the text that fits is shown. */
  readonly paint?: (text: string, row: Row) => Painted;
  /** Cut to so many columns where the room is short; absent: never cut. */
  readonly atLeast?: number;
  /** Where the room is limited at all, no wider than this. */
  readonly atMost?: number;
}

const GAP = '  ';

/** Rows under a head, each in one line that is no wider than the terminal; null: as wide as it comes. */
export function fittedTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  width: number | null,
  paintHead: (text: string) => Painted = Painted.of,
): Painted {
  const texts = rows.map((row) => columns.map(({ text }) => printable(text(row)).replaceAll('\n', ' ')));
  const widths = widthsWithin(columns, texts, width);
  const line = (cells: readonly string[], paint: (text: string, index: number) => string | Painted) =>
    Painted.join([
      ...cells.flatMap((cell, index) => {
        const fitted = fitTo(cell, widths[index] ?? 0);
        const isLast = index === cells.length - 1;
        const blanks = isLast ? '' : padTo('', (widths[index] ?? 0) - widthOf(fitted)) + GAP;
        return [paint(fitted, index), blanks];
      }),
      '\n',
    ]);
  const head = columns.map(({ title }) => title);
  return Painted.join([
    line(head, paintHead),
    ...texts.map((cells, at) =>
      line(cells, (text, index) => {
        const row = rows[at];
        const paint = columns[index]?.paint;
        return paint === undefined || row === undefined ? text : paint(text, row);
      }),
    ),
  ]);
}

/** The last column that may be cut gives way first, then the one before it. */
function widthsWithin<Row>(
  columns: readonly Column<Row>[],
  texts: readonly (readonly string[])[],
  width: number | null,
): number[] {
  const widths = columns.map(({ title }, index) =>
    Math.max(widthOf(title), ...texts.map((cells) => widthOf(cells[index] ?? ''))),
  );
  if (width === null) return widths;
  for (const [index, { atMost = Number.POSITIVE_INFINITY }] of columns.entries()) {
    widths[index] = Math.min(widths[index] ?? 0, atMost);
  }
  const gaps = GAP.length * (columns.length - 1);
  let over = widths.reduce((sum, each) => sum + each, gaps) - width;
  for (const [index, { atLeast }] of [...columns.entries()].reverse()) {
    const own = widths[index] ?? 0;
    if (over <= 0 || atLeast === undefined) continue;
    const given = Math.min(over, Math.max(0, own - atLeast));
    widths[index] = own - given;
    over -= given;
  }
  return widths;
}
