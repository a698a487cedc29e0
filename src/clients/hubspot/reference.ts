import { escapeHtml } from '../../domain/escape-html.ts';

/**
 * The visible line that tells a repeat what an earlier call made. HubSpot has no key of its own on notes and tasks, and
 * its search lags behind writes, so the line is looked for among the deal's own.
 */
function referenceLine(key: string): string {
  // Ends in a bracket, so that one key is never the beginning of another.
  return `[Dealseat reference: ${escapeHtml(key)}]`;
}

/** The text of a note or task, with its reference in small letters at the end. */
export function withReference(html: string, key: string): string {
  return `${html}<p><span style="font-size: 10px; color: #7c98b6;">${referenceLine(key)}</span></p>`;
}

export function carriesReference(html: string, key: string): boolean {
  return html.includes(referenceLine(key));
}

/** Whether it carries the reference of a key with one of these beginnings, and not of `except`. */
export function carriesReferenceLike(
  html: string,
  { beginnings, except }: { readonly beginnings: readonly string[]; readonly except: string | null },
): boolean {
  if (except !== null && carriesReference(html, except)) return false;
  return beginnings.some((beginning) => html.includes(referenceLine(beginning).slice(0, -1)));
}
