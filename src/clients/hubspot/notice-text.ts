import { escapeHtml } from '../../domain/escape-html.ts';
import { countOf } from '../../domain/words.ts';

/** The text as HTML of at most so many characters: whole lines while they fit, then how many more there are. */
export function noticeHtml(text: string, maxLength: number): string {
  const lines = text.split('\n').map(escapeHtml);
  const whole = lines.join('<br>');
  if (whole.length <= maxLength) return whole;
  const room = maxLength - rest(lines.length).length;
  let html = '';
  let count = 0;
  for (const line of lines) {
    const longer = count === 0 ? line : `${html}<br>${line}`;
    if (longer.length > room) break;
    html = longer;
    count += 1;
  }
  if (count > 0) return html + rest(lines.length - count);
  // Not in the middle of an entity or of a pair of surrogates.
  const start = (lines[0] ?? '').slice(0, room - 1).replace(/(&[^;]*|[\uD800-\uDBFF])$/, '');
  return `${start}…${lines.length > 1 ? rest(lines.length - 1) : ''}`;
}

function rest(count: number): string {
  return `<br>… and ${countOf(count, 'more line')}`;
}
