const PLACEHOLDER = '{code}';

/**
 * A pre-filled redeem link. The template comes from configuration, so the host is fixed there; the code is
 * percent-encoded and its case is never changed.
 */
export function redeemLink(template: string, code: string): string {
  return template.replace(PLACEHOLDER, () => encodeURIComponent(code));
}

/** A code, and the template that its group was made with. */
export interface Linked {
  readonly code: string;
  readonly template: string;
}

/** Made where it is needed, because seats are many and links are long. */
export function linkOf({ template, code }: Linked): string {
  return redeemLink(template, code);
}

/** The page where a learner types a code by hand: the template without its code. */
export function redeemPage(template: string): string {
  return template.replace(PLACEHOLDER, '').replace(/\/+$/, '');
}

/** The code in a link made by `redeemLink` from this template; null for any other link. */
export function codeInLink(template: string, link: string): string | null {
  const [before = '', after = ''] = template.split(PLACEHOLDER);
  if (!link.startsWith(before) || !link.endsWith(after)) return null;
  const encoded = link.slice(before.length, link.length - after.length);
  try {
    const code = decodeURIComponent(encoded);
    return code !== '' && redeemLink(template, code) === link ? code : null;
  } catch {
    return null;
  }
}
