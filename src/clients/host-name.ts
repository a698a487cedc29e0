import { domainToASCII } from 'node:url';

/**
 * The host name in what a CRM has as a company's website, in the one spelling in which hosts are compared: ASCII, lower
 * case, without `www.`. `https://www.Müller.example/about` and `xn--mller-kva.example` are the same. Null for a sentence,
 * an e-mail address, or a name without a dot.
 */
export function hostNameIn(website: string | null): string | null {
  const [authority = ''] = (website ?? '')
    .trim()
    .replace(/^(?:[a-z][a-z0-9+.-]*:)?\/\//i, '')
    .split(/[/?#]/);
  // An e-mail address, or a user before the host. An @ behind the host is part of a page's path.
  if (authority.includes('@')) return null;
  const [host = ''] = authority.split(':');
  const bare = domainToASCII(host)
    .replace(/^www\./, '')
    .replace(/\.$/, '');
  return /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/.test(bare) ? bare : null;
}

/** The host name that a text is, which nothing may stand around; `www.` may. Null for anything else. */
export function hostNameOf(text: string): string | null {
  return /[:/?#@\s]/.test(text.trim()) ? null : hostNameIn(text);
}
