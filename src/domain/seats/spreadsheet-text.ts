/** How months begin in the languages that Excel speaks most. */
const MONTH =
  '(?:jan|f[eé][bv]|m[aä]r|apr|avr|abr|ma[iyjg]|ju[nl]|jui|giu|lug|a[uo][gû]|ago|sep|set|o[ckt]t|out|nov|de[czs]|dic|gen|ene)';

/**
 * What Excel takes for something else when it opens a CSV file, and destroys when it saves the file. In any language of
 * Excel, and rather too much than too little: a code that is listed here by mistake costs a hint.
 */
const READ_AS: readonly RegExp[] = [
  // Numbers, with the signs of money, percents and thousands; 1E5 and 12e3.
  /^[-+]?[$€£¥]?\s*\d[\d.,'\s]*%?$/u,
  /^[-+]?\d+([.,]\d+)?e[-+]?\d+$/i,
  // Days and times.
  /^\d{1,4}([-/.]\d{1,4}){1,2}$/,
  /^\d{1,2}:\d{1,2}(:\d{1,2})?\s*([ap]m?)?$/i,
  /^\d{1,2}\s*[ap]m?$/i,
  new RegExp(`^\\d{1,4}[-/. ]?${MONTH}\\p{L}{0,7}[-/. ]?\\d{0,4}$`, 'iu'),
  new RegExp(`^${MONTH}\\p{L}{0,7}[-/. ]?\\d{1,4}$`, 'iu'),
  // Truth.
  /^(true|false|wahr|falsch|vrai|faux|verdadero|falso|vero|verdadeiro|waar|onwaar|prawda|fałsz|sant|falskt|sand|falsk|tosi|epätosi|igaz|hamis|pravda|nepravda)$/iu,
  // Formulas and errors.
  /^[=+\-@#]/,
];

/** Whether a spreadsheet that opens a CSV file leaves this text as it is. */
export function isKeptAsText(text: string): boolean {
  return !READ_AS.some((form) => form.test(text.trim()));
}

/** Letters and digits from which platforms make codes; a larger alphabet makes damage rarer. */
const ALPHABET = 36;
const DIGITS = 10;

/** Of how many random codes of that length one looks like a number: all digits, or digits around one E. */
export function codesPerNumber(codeLength: number): number {
  const digit = DIGITS / ALPHABET;
  const allDigits = digit ** codeLength;
  const withE = (Math.max(0, codeLength - 2) * digit ** (codeLength - 1)) / ALPHABET;
  return Math.floor(1 / (allDigits + withE));
}

/** From this length on a code that looks like a number is not to be expected in the life of a customer. */
export const SAFE_CODE_LENGTH = 10;
