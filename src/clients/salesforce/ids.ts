/** Salesforce ids: 15 case-sensitive characters, or the same with a 3-character suffix that survives case folding. */

const SUFFIX_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345';

/** Key prefixes of the objects that Dealseat takes ids of. */
const KEY_PREFIX = {
  Opportunity: '006',
  Contact: '003',
  User: '005',
  Organization: '00D',
} as const;

type SalesforceObject = keyof typeof KEY_PREFIX;

/**
 * The 18-character form of an id, or null when it is none: wrong length, other characters, or a suffix that does
 * not belong to the first 15 characters (which is how a case-folded or mistyped id shows).
 */
export function normalizeSalesforceId(id: string): string | null {
  if (!/^[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?$/.test(id)) return null;
  const stem = id.slice(0, 15);
  const full = stem + suffixOf(stem);
  return id.length === 15 || id.toUpperCase().endsWith(full.slice(15)) ? full : null;
}

/** As `normalizeSalesforceId`, and the id must be of the named object. */
export function normalizeIdOf(object: SalesforceObject, id: string): string | null {
  return id.startsWith(KEY_PREFIX[object]) ? normalizeSalesforceId(id) : null;
}

/** One character for each block of five: bit i is set when character i is an upper-case letter. */
function suffixOf(stem: string): string {
  let suffix = '';
  for (let start = 0; start < 15; start += 5) {
    let bits = 0;
    for (let i = 0; i < 5; i += 1) {
      if (/[A-Z]/.test(stem.charAt(start + i))) bits |= 1 << i;
    }
    suffix += SUFFIX_ALPHABET.charAt(bits);
  }
  return suffix;
}
