/**
 * The visible line that tells a repeat what an earlier call made. Salesforce offers no key of its own on tasks
 * and e-mails, and neither a task's description nor an e-mail's body can be searched, so it is compared here.
 */
export function referenceLine(key: string): string {
  return `Reference: ${key}`;
}

/** True when the text, plain or HTML, carries the line of exactly this key, not of a longer one. */
export function carriesReference(text: string, key: string): boolean {
  return [referenceLine(key), escapeHtml(referenceLine(key))].some((line) => {
    for (let at = text.indexOf(line); at !== -1; at = text.indexOf(line, at + 1)) {
      if (/^(?:[\s<]|$)/.test(text.slice(at + line.length))) return true;
    }
    return false;
  });
}

export function escapeHtml(value: string): string {
  return value
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
