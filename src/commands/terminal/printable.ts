/** Blanks for control characters, line breaks apart. */
export function printable(text: string): string {
  return text.replace(/[^\P{Cc}\n]+/gu, ' ');
}
