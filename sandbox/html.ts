import type { SandboxResponse } from './exchange.ts';

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

/** The text of HTML that Dealseat or a person wrote, a line for each paragraph. */
export function textOf(html: string): string {
  const text = html.replace(/<(br|\/p|\/li|\/h\d)\b[^>]*>/gi, '\n').replace(/<[^>]*>/g, '');
  const unescaped = Object.entries(ESCAPES).reduce(
    (soFar, [character, entity]) => (character === '&' ? soFar : soFar.replaceAll(entity, character)),
    text,
  );
  return unescaped.replaceAll('&amp;', '&').trim();
}

const STYLE = `
  body { font: 15px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; color: #1c2430; }
  h2 { margin-top: 2.5rem; }
  .scroll { overflow-x: auto; }
  table { border-collapse: collapse; width: 100%; min-width: 40rem; }
  th, td { text-align: left; vertical-align: top; padding: .35rem .6rem; border-bottom: 1px solid #d5dbe3; overflow-wrap: anywhere; }
  th, .word { overflow-wrap: normal; white-space: nowrap; }
  td a { overflow-wrap: break-word; }
  .empty { color: #667; }
  .verdict { padding: .6rem .9rem; border-left: .3rem solid #8893a5; background: #f2f4f7; }
  .verdict.reached { border-color: #1d7f4e; background: #edf7f1; }
  .verdict.missing { border-color: #b25b00; background: #fdf3e7; }
  summary { cursor: pointer; padding: .2rem 0; }
  .scenes table { table-layout: fixed; margin-bottom: 1rem; }
  .scenes th:nth-child(3) { width: 8.5rem; }
  .scenes th:nth-child(4) { width: 14rem; }
  form { display: inline-block; margin: 0 .4rem .2rem 0; }
  button { font: inherit; padding: .1rem .6rem; }
  iframe { width: 100%; height: 32rem; border: 1px solid #d5dbe3; }
`;

export interface PageOptions {
  /** The browser loads the page again after so many seconds. */
  readonly reloadAfterSeconds?: number;
}

/** `body` is HTML that the caller has escaped. No script runs and nothing is loaded from elsewhere. */
export function htmlPage(
  title: string,
  body: string,
  { reloadAfterSeconds }: PageOptions = {},
): SandboxResponse {
  const reload =
    reloadAfterSeconds === undefined ? '' : `<meta http-equiv="refresh" content="${reloadAfterSeconds}">\n`;
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
${reload}<title>${escapeHtml(title)}</title>
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
  return `<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${rows.join('\n')}</tbody></table></div>`;
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
