import type { SandboxResponse } from './exchange.ts';

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
}

const STYLE = `
  body { font: 15px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; color: #1c2430; }
  h2 { margin-top: 2.5rem; }
  table { border-collapse: collapse; width: 100%; }
  th, td { text-align: left; vertical-align: top; padding: .35rem .6rem; border-bottom: 1px solid #d5dbe3; overflow-wrap: anywhere; }
  .empty { color: #667; }
  iframe { width: 100%; height: 32rem; border: 1px solid #d5dbe3; }
`;

/** `body` is HTML that the caller has escaped. No script runs and nothing is loaded from elsewhere. */
export function htmlPage(title: string, body: string): SandboxResponse {
  return {
    status: 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy':
        "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; form-action 'self'",
    },
    body: `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escapeHtml(title)}</h1>
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
  return `<table><thead><tr>${head}</tr></thead><tbody>${rows.join('\n')}</tbody></table>`;
}

export function cells(texts: readonly string[]): string {
  return texts.map((text) => `<td>${escapeHtml(text).replaceAll('\n', '<br>')}</td>`).join('');
}
