/** One sentence, however it was begun and ended. */
export function sentence(text: string): string {
  const trimmed = text.trim();
  return /[.!?]["”']?$/.test(trimmed) ? trimmed : `${trimmed}.`;
}

/** One point stands by itself, several in a list. */
export function points(texts: readonly string[]): string[] {
  return texts.length < 2 ? [...texts] : texts.map((text) => `- ${text}`);
}

/** `A, B and C`. */
export function listed(words: readonly string[]): string {
  if (words.length < 2) return words.join('');
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
