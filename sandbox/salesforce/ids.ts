/** Salesforce record ids: a three-character key prefix, and the case-safe suffix that turns 15 characters into 18. */

const SUFFIX_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345';
const BASE_62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** For each block of five characters one letter that says which of them are upper case. */
function caseSuffix(id15: string): string {
  let suffix = '';
  for (let block = 0; block < 3; block += 1) {
    let bits = 0;
    for (let i = 0; i < 5; i += 1) {
      if (/[A-Z]/.test(id15.charAt(block * 5 + i))) bits += 1 << i;
    }
    suffix += SUFFIX_ALPHABET.charAt(bits);
  }
  return suffix;
}

/** The 18-character form of a 15- or 18-character id; null when it is no id or its suffix does not fit. */
export function toId18(id: string): string | null {
  if (!/^[0-9A-Za-z]{15}([0-9A-Za-z]{3})?$/.test(id)) return null;
  const full = id.slice(0, 15) + caseSuffix(id.slice(0, 15));
  return id.length === 15 || id === full ? full : null;
}

/** Same, for ids that the caller vouches for. */
export function mustBeId(id: string): string {
  const full = toId18(id);
  if (full === null) throw new RangeError(`"${id}" is not a Salesforce id of 15 or 18 characters`);
  return full;
}

export function keyPrefix(id: string): string {
  return id.slice(0, 3);
}

/** Hands out fresh 18-character ids, each prefix with a count of its own. */
export function createIdSequence(): (prefix: string) => string {
  const counts = new Map<string, number>();
  return (prefix) => {
    const count = (counts.get(prefix) ?? 0) + 1;
    counts.set(prefix, count);
    return mustBeId(`${prefix}5Y0${toBase62(count).padStart(9, '0')}`);
  };
}

function toBase62(value: number): string {
  let rest = value;
  let text = '';
  while (rest > 0) {
    text = BASE_62.charAt(rest % 62) + text;
    rest = Math.floor(rest / 62);
  }
  return text;
}
