const SUFFIX_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345';
const ID = /^[a-zA-Z0-9]{15}(?:[a-zA-Z0-9]{3})?$/;

/**
 * The 18-character form of a Salesforce id, or null for text that is none. The last three characters say which of
 * the first fifteen are capitals, five characters to one; an 18-character id with other ones is refused, because
 * some tool has changed the case of its letters and it may name another record.
 */
export function toSalesforceId18(text: string): string | null {
  if (!ID.test(text)) return null;
  const short = text.slice(0, 15);
  const full = short + [0, 5, 10].map((start) => suffixCharacter(short.slice(start, start + 5))).join('');
  // Suffixes are upper case by definition; tools that lower-case only the suffix do no harm.
  return text.length === 15 || text.slice(15).toUpperCase() === full.slice(15) ? full : null;
}

function suffixCharacter(five: string): string {
  const capitals = [...five].reduce((bits, letter, place) => bits | (isCapital(letter) ? 1 << place : 0), 0);
  return SUFFIX_ALPHABET.charAt(capitals);
}

function isCapital(letter: string): boolean {
  return letter >= 'A' && letter <= 'Z';
}
