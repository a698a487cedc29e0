/** `1 seat`, `2 seats`. */
export function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** What is wrong and what to do about it, as sentences. What a remote system said may end with a stop and a quotation mark. */
export function withCure(message: string, cure: string): string {
  return `${message}${/[.!?]["”']?$/.test(message) ? '' : '.'} ${cure}`;
}
