const characters = new Intl.Segmenter();

/** The beginning of a text, at most so many code units long, never cut within what people read as one character. */
export function beginningOf(text: string, maxLength: number): string {
  let cut = '';
  // A character of many code points is long, and an endless text is not looked through to its end.
  for (const { segment } of characters.segment(text.slice(0, 10 * maxLength))) {
    if (cut.length + segment.length > maxLength) break;
    cut += segment;
  }
  return cut;
}
