const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `29 Nov 2026`. `day`: `YYYY-MM-DD`, or an ISO instant, which is read in UTC. */
export function dayInWords(day: string): string {
  const [year = '', month = '', date = ''] = day.slice(0, 10).split('-');
  return `${Number(date)} ${MONTHS[Number(month) - 1]} ${year}`;
}

/** `29 Nov 2026, 21:41 UTC`. */
export function momentInWords(at: number | string): string {
  const instant = new Date(at).toISOString();
  return `${dayInWords(instant)}, ${instant.slice(11, 16)} UTC`;
}

/** A day that stands by itself, not as a part of a name. */
const ISO_DAY = /(?<![\w-])\d{4}-\d{2}-\d{2}(?![\w-])/g;

export function withDaysInWords(text: string): string {
  return text.replace(ISO_DAY, dayInWords);
}
