import { escapeHtml } from '../../domain/escape-html.ts';

/**
 * The visible line that tells a repeat what an earlier call made. Salesforce offers no key of its own on tasks
 * and e-mails, and neither a task's description nor an e-mail's body can be searched, so it is compared here.
 */
export function referenceLine(key: string): string {
  return `${BEGINNING}${key}`;
}

const BEGINNING = 'Reference: ';

/** True when the text, plain or HTML, carries the line of exactly this key, not of a longer one. */
export function carriesReference(text: string, key: string): boolean {
  return [referenceLine(key), escapeHtml(referenceLine(key))].some((line) => {
    for (let at = text.indexOf(line); at !== -1; at = text.indexOf(line, at + 1)) {
      if (/^(?:[\s<]|$)/.test(text.slice(at + line.length))) return true;
    }
    return false;
  });
}

/** The key of a plain text's last reference line; null when it has none. What a text quotes stands before its own line. */
export function referenceIn(text: string): string | null {
  const line = text.split(/\r?\n/).findLast((candidate) => candidate.startsWith(BEGINNING));
  return line === undefined ? null : line.slice(BEGINNING.length).trim();
}
