import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fillPlace, markdownTable } from './markdown.ts';

const FOLDER = join(import.meta.dirname, '..', '..', 'test', 'realities');

/** A heading, or a case: both stand in the tests as one literal in single quotes, which the formatter keeps. */
const NAME = /\b(describe|test)(?:\.concurrent)?\(\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")/g;
/** Between what happens in the CRM and what Dealseat does about it. */
const ARROW = ' -> ';

/** `docs/crm-realities.md` with its tables as the tests name their cases now. Throws on a name without an arrow. */
export function withCurrentRealities(page: string): string {
  const files = readdirSync(FOLDER)
    .filter((name) => name.endsWith('.test.ts'))
    .sort();
  const sections = files.flatMap((name) => sectionsOf(name, readFileSync(join(FOLDER, name), 'utf8')));
  return fillPlace(page, 'realities', `\n${sections.join('\n\n')}\n`);
}

function sectionsOf(file: string, source: string): string[] {
  const sections: { readonly heading: string; readonly rows: string[][] }[] = [];
  for (const [, kind, single, double] of source.matchAll(NAME)) {
    const name = (single ?? double ?? '').replaceAll(/\\(.)/g, '$1');
    if (kind === 'describe') {
      sections.push({ heading: name, rows: [] });
      continue;
    }
    const [happens, does, ...rest] = name.split(ARROW);
    if (happens === undefined || does === undefined || rest.length > 0) {
      throw new Error(
        `${file}: the name "${name}" does not have the form "what happens -> what Dealseat does"`,
      );
    }
    sections.at(-1)?.rows.push([happens, does]);
  }
  return sections.map(
    ({ heading, rows }) => `## ${heading}\n\n${markdownTable(['what happens', 'what Dealseat does'], rows)}`,
  );
}
