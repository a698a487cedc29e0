/**
 * The host name in what a CRM has as a company's website: `https://www.Acme.com/about` and `acme.com` are `acme.com`.
 * Null for a sentence, an e-mail address, or a name without a dot.
 */
export function bareDomain(website: string | null): string | null {
  const text = (website ?? '').trim().toLowerCase();
  if (text.includes('@')) return null;
  const [host = ''] = text.replace(/^[a-z][a-z0-9+.-]*:\/\//, '').split(/[/?#:]/);
  const bare = host.replace(/^www\./, '').replace(/\.$/, '');
  return /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/.test(bare) ? bare : null;
}
