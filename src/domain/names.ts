/** An accent that people type for an apostrophe; composing would make a blank of it. */
const LONE_ACUTE = /\u00b4/g;
const APOSTROPHES = /[\u2018\u2019\u02bc\u2032\u0060]/g;
const DASHES = /[\p{Pd}\u2212]/gu;
/** Soft hyphens, joiners, marks of direction: a text with them looks like the one without. */
const UNSEEN = /\p{Default_Ignorable_Code_Point}/gu;

/**
 * The form in which names are compared, whoever typed them where: without case, composed or not, full width or not, with
 * blanks, apostrophes and hyphens of any kind. Empty for a text that shows nothing. It knows no language, so that every
 * machine finds the same.
 */
export function nameKey(text: string): string {
  return (
    text
      .replace(LONE_ACUTE, "'")
      .normalize('NFKC')
      .replace(APOSTROPHES, "'")
      .replace(DASHES, '-')
      .replace(UNSEEN, '')
      .toUpperCase()
      .toLowerCase()
      // A capital I with a dot leaves the dot as a mark of its own.
      .replace(/i\u0307/g, 'i')
      .normalize('NFKC')
      .replace(/\s+/g, ' ')
      .trim()
  );
}

export function isSameName(a: string, b: string): boolean {
  return nameKey(a) === nameKey(b);
}
