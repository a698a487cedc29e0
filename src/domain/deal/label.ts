/**
 * Group labels: `<partner>-<content>-<yyyy-mm-dd>-<token>`, only `[a-z0-9-]`, at most 100 characters.
 * People read the front, programs find the group by the token at the end.
 */
export const LABEL_MAX_LENGTH = 100;
const PARTNER_MAX_LENGTH = 30;

interface LabelParts {
  /** The first of these counts that has a letter or digit of ours. */
  readonly partner: readonly (string | null | undefined)[];
  readonly content: readonly string[];
  /** `YYYY-MM-DD` */
  readonly closeDate: string;
  readonly token: string;
}

export function groupLabel({ partner, content, closeDate, token }: LabelParts): string {
  const partnerSlug = firstSlug(partner, PARTNER_MAX_LENGTH);
  const tail = `${closeDate}-${token}`;
  const contentSlug = firstSlug(content, LABEL_MAX_LENGTH - tail.length - partnerSlug.length - 2);
  return [partnerSlug, contentSlug, tail].filter((part) => part !== '').join('-');
}

/**
 * Of a group that is made because codes of a sold one were taken back: the front of its label, its token, and a token of its
 * own. So a search for the token of the sold group finds both, and each ends in another one.
 */
export function replacementLabel(
  sold: { readonly label: string; readonly token: string },
  token: string,
): string {
  const tail = `${sold.token}-${token}`;
  const front = sold.label.endsWith(sold.token) ? sold.label.slice(0, -sold.token.length) : '';
  const kept = front.slice(0, LABEL_MAX_LENGTH - tail.length - 1).replace(/-+$/, '');
  return kept === '' ? tail : `${kept}-${tail}`;
}

function firstSlug(names: readonly (string | null | undefined)[], maxLength: number): string {
  return names.map((name) => slug(name ?? '', maxLength)).find((name) => name !== '') ?? '';
}

/** Latin letters that are no letter with an accent, as people write them where they have only a to z. */
const WRITTEN_AS: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ł: 'l',
  ħ: 'h',
  ŧ: 't',
  ŋ: 'n',
  ĸ: 'k',
  ı: 'i',
  ƒ: 'f',
  ə: 'e',
  ɛ: 'e',
  ɔ: 'o',
  ɓ: 'b',
  ɗ: 'd',
  ɖ: 'd',
  ɣ: 'g',
  ƙ: 'k',
  ƴ: 'y',
};
const OTHER_LETTERS = new RegExp(`[${Object.keys(WRITTEN_AS).join('')}]`, 'g');

/** Lower-case ASCII words joined by single hyphens; letters with accents lose them, other scripts vanish. */
export function slug(text: string, maxLength: number): string {
  return text
    .normalize('NFKD')
    .toLowerCase()
    .replace(OTHER_LETTERS, (letter) => WRITTEN_AS[letter] ?? '')
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, maxLength)
    .replace(/-+$/, '');
}
