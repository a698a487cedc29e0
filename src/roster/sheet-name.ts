import { beginningOf } from '../domain/beginning-of.ts';

/** Excel takes no longer ones. */
const MAX_LENGTH = 31;
/** What the number of an equal name leaves of it. */
const LEAST_ROOM = 20;
/** Excel keeps this name for itself. */
const RESERVED = 'history';

/** A name that Excel takes for each title, no two alike whatever their case, in their order. */
export function sheetNames(titles: readonly string[]): string[] {
  const taken = new Set<string>();
  return titles.map((title) => {
    const plain = title
      .replace(/[[\]:*?/\\\p{Cc}\p{Cf}]+/gu, ' ')
      .replace(/\s+/g, ' ')
      .replace(/^[' ]+|[' ]+$/g, '');
    // A single character may be longer than a name.
    const isUsable = cutTo(plain, LEAST_ROOM) !== '' && plain.toLowerCase() !== RESERVED;
    const base = isUsable ? plain : `Seats ${plain}`.trim();
    let name = cutTo(base, MAX_LENGTH);
    for (let number = 2; taken.has(name.toLowerCase()); number += 1) {
      const ending = ` (${number})`;
      name = `${cutTo(base, MAX_LENGTH - ending.length)}${ending}`;
    }
    taken.add(name.toLowerCase());
    return name;
  });
}

function cutTo(text: string, length: number): string {
  return beginningOf(text, length).replace(/[' ]+$/, '');
}
