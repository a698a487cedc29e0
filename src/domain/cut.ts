/** Stands where a text was too long for its place. */
export const CUT = '…';

/** The text, or as much of its beginning as fits. Not cut in the middle of a pair of surrogates. */
export function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  return `${text.slice(0, length - CUT.length).replace(/[\uD800-\uDBFF]$/, '')}${CUT}`;
}
