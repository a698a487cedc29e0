import { expect, test } from '@jest/globals';
import { allPages, type Page } from './pages.ts';

/** Words that hide the actor or double the negative; CONTRIBUTING says what to write instead. */
const BANNED = /\b(whoever|nobody|told|is no|any more|for ever)\b/gi;
/** Lists the words that it forbids. */
const RULE = '*whoever*, *nobody*, *told*, *is no*, *any more*, *for ever*';

test.each(allPages().map((page) => [page.path, page] as const))(
  '%s names the actor in plain English',
  (_path, page) => {
    expect(bannedIn(page)).toEqual([]);
  },
);

test('a banned word is noticed, with its line', () => {
  expect(bannedIn({ path: 'made-up.md', text: 'Fine.\nNobody is told for ever.' })).toEqual([
    'made-up.md:2: Nobody',
    'made-up.md:2: told',
    'made-up.md:2: for ever',
  ]);
});

function bannedIn({ path, text }: Page): string[] {
  const lines = text.replace(RULE, '').split('\n');
  return lines.flatMap((line, index) =>
    [...line.matchAll(BANNED)].map(([word]) => `${path}:${index + 1}: ${word}`),
  );
}
