import { expect, test } from '@jest/globals';
import { allPages, type Page } from './pages.ts';

/** Words that hide the actor or double the negative. CONTRIBUTING says what to write instead, and may name them in italics. */
const BANNED = /(?<!\*)\b(whoever|nobody|told|is\s+no|any\s+more|for\s+ever)\b(?!\*)/gi;

test.each(allPages().map((page) => [page.path, page] as const))(
  '%s names the actor in plain English',
  (_path, page) => {
    expect(bannedIn(page)).toEqual([]);
  },
);

test('a banned word is noticed, with its line', () => {
  expect(bannedIn({ path: 'made-up.md', text: 'Fine.\nNobody is told for\never.' })).toEqual([
    'made-up.md:2: Nobody',
    'made-up.md:2: told',
    'made-up.md:2: for ever',
  ]);
});

function bannedIn({ path, text }: Page): string[] {
  return [...text.matchAll(BANNED)].map(({ 0: words, index }) => {
    const line = text.slice(0, index).split('\n').length;
    return `${path}:${line}: ${words.replace(/\s+/, ' ')}`;
  });
}
