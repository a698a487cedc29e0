const MAX_LENGTH = 500;

/**
 * Text as it stands, on one line, where Markdown is expected. Names and messages come from CRMs, and must not write
 * headings, links or pictures into a page that people trust.
 */
export function plainMarkdown(text: string): string {
  return text
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .slice(0, MAX_LENGTH)
    .replace(/[\\`*_{}[\]()#+!|<>~-]/g, '\\$&');
}
