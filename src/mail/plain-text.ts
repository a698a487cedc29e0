const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
};

/** The mail for readers without HTML, made from its HTML: links show where they lead, lists have hyphens. */
export function plainTextOf(html: string): string {
  const text = html
    .replace(/<(style|script|head)\b[^>]*>[\s\S]*?<\/\1\s*>/gi, '')
    .replace(/\s+/g, ' ')
    .replace(
      /<a\b[^>]*\bhref\s*=\s*(["'])(.*?)\1[^>]*>(.*?)<\/a\s*>/gi,
      (_, _quote, href: string, shown: string) => linkText(href, shown.replace(/<[^>]*>/g, '').trim()),
    )
    .replace(/\s*<li\b[^>]*>\s*/gi, '\n- ')
    .replace(/\s*<br\s*\/?>\s*/gi, '\n')
    .replace(/\s*<\/?(p|div|h[1-6]|ul|ol|table|blockquote)\b[^>]*>\s*/gi, '\n\n')
    .replace(/\s*<\/tr\s*>\s*/gi, '\n')
    .replace(/<[^>]*>/g, '');
  return decoded(text)
    .replace(/[^\S\n]+/g, ' ')
    .replace(/ ?\n ?/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

function linkText(href: string, shown: string): string {
  const address = href.replace(/^mailto:/i, '');
  return shown === '' || shown === address ? address : `${shown} (${address})`;
}

function decoded(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]+));/gi, (entity, decimal, hex, name) => {
    if (name !== undefined) return ENTITIES[String(name).toLowerCase()] ?? entity;
    const point = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    return point > 0x10_ff_ff ? entity : String.fromCodePoint(point);
  });
}
