/** `1,200`: a whole number as people read it. The same on every machine, because runs are replayed. */
export function numberOf(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** `1 seat`, `2 seats`, `1,200 seats`. */
export function countOf(count: number, noun: string): string {
  return `${numberOf(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** What is wrong and what to do about it, as sentences. What a remote system said may end with a stop and a quotation mark. */
export function withCure(message: string, cure: string): string {
  return `${message}${/[.!?]["”']?$/.test(message) ? '' : '.'} ${cure}`;
}
