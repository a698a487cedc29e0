import { escapeHtml } from '../html.ts';

const TAGS = new Set('p br b strong i em u ul ol li h1 h2 h3 h4 blockquote code small span div'.split(' '));
const SINGLE = new Set(['br']);
const TOKEN = /<(\/?)([a-z][a-z0-9]*)\b([^<>]*)>|<!--[\s\S]*?-->|[<>]|[^<>]+/gi;
const WEB_ADDRESS = /https?:\/\/[^\s<>"')\]]+[^\s<>"')\].,;:]/g;

/**
 * HTML that somebody wrote into a CRM, reduced to plain formatting and links: no attribute but an address of the web, no
 * script, and every element closed again.
 */
export function safeHtml(html: string): string {
  const open: string[] = [];
  let result = '';
  for (const [token, slash, name = '', attributes = ''] of html.matchAll(TOKEN)) {
    const tag = name.toLowerCase();
    if (token.startsWith('<!--')) continue;
    if (tag === '')
      result += token === '<' ? '&lt;' : token === '>' ? '&gt;' : token.replaceAll('"', '&quot;');
    else if (tag !== 'a' && !TAGS.has(tag)) continue;
    else if (slash) result += closing(open, tag);
    else if (SINGLE.has(tag)) result += `<${tag}>`;
    else {
      open.push(tag);
      result += tag === 'a' ? anchor(attributes) : `<${tag}>`;
    }
  }
  return (
    result +
    open
      .reverse()
      .map((tag) => `</${tag}>`)
      .join('')
  );
}

/** Plain text in which addresses of the web are links. */
export function linkedText(text: string): string {
  let result = '';
  let at = 0;
  for (const { 0: address, index } of text.matchAll(WEB_ADDRESS)) {
    result += escapeHtml(text.slice(at, index)) + link(address);
    at = index + address.length;
  }
  return (result + escapeHtml(text.slice(at))).replaceAll('\n', '<br>');
}

/** The HTML of a mail as programs for mail show it: plain addresses of the web are links as well. */
export function withLinks(html: string): string {
  let depth = 0;
  return html.replace(/<(\/?)a\b[^>]*>|<[^>]*>|[^<]+/gi, (token, slash: string | undefined) => {
    if (slash !== undefined) depth += slash === '' ? 1 : -1;
    const isText = !token.startsWith('<') && depth <= 0;
    // It is HTML already: what stands in it is escaped.
    return isText ? token.replace(WEB_ADDRESS, (address) => `<a href="${address}">${address}</a>`) : token;
  });
}

function link(address: string): string {
  return `<a href="${escapeHtml(address)}">${escapeHtml(address)}</a>`;
}

function closing(open: string[], tag: string): string {
  const at = open.lastIndexOf(tag);
  if (at === -1) return '';
  return open
    .splice(at)
    .reverse()
    .map((each) => `</${each}>`)
    .join('');
}

function anchor(attributes: string): string {
  const address = /\bhref\s*=\s*(?:"(https?:[^"]*)"|'(https?:[^']*)')/i.exec(attributes);
  const href = address?.[1] ?? address?.[2];
  return href === undefined ? '<a>' : `<a href="${href.replace(/[<>"]/g, '')}">`;
}
