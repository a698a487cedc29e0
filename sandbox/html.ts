import type { SandboxResponse } from './exchange.ts';
import { STYLE } from './style.ts';

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const SYSTEM_NAMES: Readonly<Record<string, string>> = {
  hubspot: 'HubSpot',
  salesforce: 'Salesforce',
  ti: 'Thought Industries',
};

export function systemName(system: string): string {
  return SYSTEM_NAMES[system] ?? system;
}

/** With a capital at its beginning. */
export function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
}

/** Nothing is loaded from elsewhere, no other site frames it, and forms lead to the same server. */
const POLICY = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  "script-src 'self'",
  "connect-src 'self'",
  "frame-src 'self'",
  "img-src 'self' data:",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** `body` is HTML that the caller has escaped. */
export function htmlDocument(title: string, body: string): SandboxResponse {
  return {
    status: 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': POLICY,
      'referrer-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    },
    body: `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
${body}
</body>
</html>
`,
  };
}

/** A table of texts. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  return tableOf(
    headings,
    rows.map((row) => `<tr>${cells(row)}</tr>`),
  );
}

/** A table whose rows are HTML. */
export function tableOf(headings: readonly string[], rows: readonly string[]): string {
  if (rows.length === 0) return '<p class="empty">None yet.</p>';
  const head = headings.map((heading) => `<th scope="col">${escapeHtml(heading)}</th>`).join('');
  return `<div class="scroll" tabindex="0" role="group" aria-label="Table"><table><thead><tr>${head}</tr></thead><tbody>${rows.join('\n')}</tbody></table></div>`;
}

/** A short word, such as an id, is not broken over lines. */
const SHORT_WORD = /^\S{1,24}$/;

export function cells(texts: readonly string[]): string {
  return texts
    .map((text) => {
      const className = SHORT_WORD.test(text) ? ' class="word"' : '';
      return `<td${className}>${escapeHtml(text).replaceAll('\n', '<br>')}</td>`;
    })
    .join('');
}
