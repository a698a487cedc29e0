import type { TiGroup } from './state.ts';

/**
 * Free-text search over labels, as a search engine does it: by words, with prefixes, any word is enough, `-word`
 * excludes. So it finds more than was asked for, and a caller must compare labels itself. Field syntax and quotes
 * find nothing.
 */
export function matchesQuery(group: TiGroup, query: string): boolean {
  const terms = query.trim().toLowerCase().split(/\s+/);
  const labelWords = wordsOf(group);
  const isIn = (term: string): boolean =>
    words(term).some((word) => labelWords.some((labelWord) => labelWord.startsWith(word)));
  const excluded = terms.filter((term) => term.startsWith('-'));
  const wanted = terms.filter((term) => !term.startsWith('-') && !/[:"()]/.test(term));
  return wanted.some(isIn) && !excluded.some(isIn);
}

/** Every look-up goes over all of them. */
const labelWordsOf = new WeakMap<TiGroup, { readonly label: string; readonly words: readonly string[] }>();

function wordsOf(group: TiGroup): readonly string[] {
  const { label } = group;
  const known = labelWordsOf.get(group);
  if (known?.label === label) return known.words;
  const found = { label, words: words(label) };
  labelWordsOf.set(group, found);
  return found.words;
}

function words(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
}
