const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `29 Nov 2026`, in UTC. `at`: `YYYY-MM-DD`, an ISO instant, or milliseconds since the epoch. */
export function dayInWords(at: string | number): string {
  const date = new Date(at);
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
}

/** `29 Nov 2026, 21:41 UTC`. */
export function momentInWords(at: number | string): string {
  const instant = new Date(at).toISOString();
  return `${dayInWords(instant)}, ${instant.slice(11, 16)} UTC`;
}

/** A day that stands by itself, not as a part of a name. */
const ISO_DAY = /(?<![\w-])\d{4}-\d{2}-\d{2}(?![\w-])/g;

export function withDaysInWords(text: string): string {
  return text.replace(ISO_DAY, (day) => (Number.isNaN(Date.parse(day)) ? day : dayInWords(day)));
}
