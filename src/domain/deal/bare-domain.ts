/**
 * The host name in what a CRM has as a company's website: `https://www.Acme.com/about` and `acme.com` are `acme.com`.
 * Null for a sentence, an e-mail address, or a name without a dot.
 */
export function bareDomain(website: string | null): string | null {
  const text = (website ?? '').trim().toLowerCase();
  const [authority = ''] = text.replace(/^(?:[a-z][a-z0-9+.-]*:)?\/\//, '').split(/[/?#]/);
  // An e-mail address, or a user before the host. An @ behind the host is part of a page's path.
  if (authority.includes('@')) return null;
  const [host = ''] = authority.split(':');
  const bare = host.replace(/^www\./, '').replace(/\.$/, '');
  return /^[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+$/u.test(bare) ? bare : null;
}
