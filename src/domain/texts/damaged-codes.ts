import { isKeptAsText } from '../seats/spreadsheet-text.ts';
import { countOf } from '../words.ts';

/**
 * A paragraph of HTML about codes that Excel alters when it opens a CSV file, for the note that carries the file; null: it
 * alters none. `instead`: what to do, as a sentence without its full stop.
 */
export function damagedCodesHtml(codes: Iterable<string>, instead: string): string | null {
  let damaged = 0;
  for (const code of codes) if (!isKeptAsText(code)) damaged += 1;
  if (damaged === 0) return null;
  const [looks, them] =
    damaged === 1 ? ['looks like a number or a date', 'it'] : ['look like numbers or dates', 'them'];
  return `<p>${countOf(damaged, 'code')} ${looks} to Excel, which changes ${them} when it opens the .csv file. ${instead}.</p>`;
}
