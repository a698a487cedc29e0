import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { allPages, type Page, ROOT, readPage, withoutCodeBlocks } from './pages.ts';

const MAX_IMAGE_BYTES = 250_000;

/** Files of other projects that a page tells people to write. */
const NOT_OURS = new Set(['src/app/webhooks/webhooks-hsmeta.json']);

describe.each(allPages().map((page) => [page.path, page] as const))('%s', (_path, page) => {
  test('every link inside the repository leads to a file, and to a heading that is there', () => {
    const broken = linksOf(page).filter((link) => !leadsSomewhere(page, link));
    expect(broken).toEqual([]);
  });

  test('every file and folder of the repository that it names exists', () => {
    const missing = pathsNamedIn(page).filter((path) => !existsSync(join(ROOT, path)));
    expect(missing).toEqual([]);
  });
});

test('a link to a missing heading or file is noticed', () => {
  const page: Page = { path: 'docs/made-up.md', text: '' };
  expect(leadsSomewhere(page, '../README.md#try-it')).toBe(true);
  expect(leadsSomewhere(page, '../README.md#no-such-heading')).toBe(false);
  expect(leadsSomewhere(page, 'no-such-page.md')).toBe(false);
});

test('every picture is small enough to load with the page, and stands on one', () => {
  const texts = allPages().map(({ text }) => text);
  for (const name of readdirSync(join(ROOT, 'docs/images'))) {
    expect(statSync(join(ROOT, 'docs/images', name)).size).toBeLessThan(MAX_IMAGE_BYTES);
    expect(texts.some((text) => text.includes(`images/${name})`))).toBe(true);
  }
});

function linksOf(page: Page): string[] {
  return [...withoutCodeBlocks(page).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^https?:/.test(target));
}

function leadsSomewhere({ path }: Page, link: string): boolean {
  const [file = '', anchor] = link.split('#');
  const target = file === '' ? path : normalize(join(dirname(path), file));
  if (!existsSync(join(ROOT, target))) return false;
  return anchor === undefined || headingsOf(readPage(target)).includes(anchor);
}

/** Anchors as GitHub makes them: lower case, punctuation dropped, spaces to hyphens. */
function headingsOf(page: Page): string[] {
  return [...withoutCodeBlocks(page).matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

const FOLDERS = 'src|workflows|activities|webhooks|sandbox|test|scripts|bench|docs';

function pathsNamedIn(page: Page): string[] {
  const code = [...withoutCodeBlocks(page).matchAll(/`([^`\n]+)`/g)].map(([, text = '']) => text);
  return code
    .filter((text) => new RegExp(`^(?:(?:${FOLDERS})/[\\w./-]*|[\\w-]+\\.(?:ts|md|yml|cjs))$`).test(text))
    .filter((text) => !NOT_OURS.has(text) && !/^(?:crm|lms)\.ts$/.test(text));
}
