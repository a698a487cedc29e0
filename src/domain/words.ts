/** `1 seat`, `2 seats`. */
export function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** What is wrong and what to do about it, as sentences. What a remote system said may end with a stop and a quotation mark. */
export function withCure(message: string, cure: string): string {
  return `${message}${/[.!?]["”']?$/.test(message) ? '' : '.'} ${cure}`;
}

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** `13 Dec 2026`, the UTC day of an instant in ISO 8601 or in milliseconds since the epoch. */
export function dayOf(at: string | number): string {
  const date = new Date(at);
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
}
