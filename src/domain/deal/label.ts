/**
 * Group labels: `<partner>-<content>-<yyyy-mm-dd>-<token>`, only `[a-z0-9-]`, at most 100 characters.
 * People read the front, programs find the group by the token at the end.
 */
export const LABEL_MAX_LENGTH = 100;
const PARTNER_MAX_LENGTH = 30;

interface LabelParts {
  readonly partner: string;
  readonly content: string;
  /** `YYYY-MM-DD` */
  readonly closeDate: string;
  readonly token: string;
}

export function groupLabel({ partner, content, closeDate, token }: LabelParts): string {
  const partnerSlug = slug(partner, PARTNER_MAX_LENGTH);
  const tail = `${closeDate}-${token}`;
  const contentSlug = slug(content, LABEL_MAX_LENGTH - tail.length - partnerSlug.length - 2);
  return [partnerSlug, contentSlug, tail].filter((part) => part !== '').join('-');
}

/** Lower-case ASCII words joined by single hyphens; letters with accents lose them, other scripts vanish. */
export function slug(text: string, maxLength: number): string {
  return text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, maxLength)
    .replace(/-+$/, '');
}
