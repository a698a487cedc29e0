import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { ROOT, readPage } from '../docs/pages.ts';

interface NamedTest {
  readonly file: string;
  readonly title: string;
}

const HEAD = '| attack | what stops it | what does not | shown by |';
const page = readPage('docs/threat-model.md').text;

/** The last cell of every row of every table of attacks: `file`: title, more after a <br>; none where nothing stops it. */
const rows: readonly (readonly NamedTest[])[] = page
  .split(HEAD)
  .slice(1)
  .flatMap((table) =>
    table.split('\n').slice(
      2,
      table.split('\n').findIndex((line, n) => n > 1 && line === ''),
    ),
  )
  .map((row) => (row.split('|').at(-2) ?? '').trim())
  .map((cell) => (cell === 'none' ? [] : cell.split('<br>').map(namedTest)));

function namedTest(text: string): NamedTest {
  const [, file, title] = /^`(test\/[\w/.-]+\.test\.ts)`: (.+)$/.exec(text) ?? [];
  if (file === undefined || title === undefined)
    throw new Error(`docs/threat-model.md names no test: ${text}`);
  return { file, title };
}

/** Titles stand after `test(`, `test.concurrent(`, or after the table of `test.each(…)(`. */
function titlesIn(source: string): string[] {
  const titles = source.matchAll(/(?:\btest(?:\.\w+)?\(|\)\()\s*(['"`])((?:\\.|(?!\1).)*)\1/g);
  return [...titles].map(([, , title = '']) => title.replace(/\\(.)/g, '$1'));
}

test('every attack of the threat model is followed by a test that exists', () => {
  const missing = rows
    .flat()
    .filter(
      ({ file, title }) =>
        !existsSync(join(ROOT, file)) || !titlesIn(readFileSync(join(ROOT, file), 'utf8')).includes(title),
    );
  expect(missing).toEqual([]);
  expect(rows.length).toBeGreaterThan(30);
});

test('a test that does not exist is noticed', () => {
  const source =
    "test('one', () => {});\ntest.each([\n  ['x'],\n])(\n  'of %s',\n  () => {},\n);\nconst two = 'two';";
  expect(titlesIn(source)).toEqual(['one', 'of %s']);
});
