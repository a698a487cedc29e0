import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

export interface Page {
  /** Path from the root of the repository. */
  readonly path: string;
  readonly text: string;
}

export function readPage(path: string): Page {
  return { path, text: readFileSync(join(ROOT, path), 'utf8') };
}

/** Every page that people read. */
export function allPages(): Page[] {
  return ['.', 'docs', 'docs/decisions'].flatMap(pagesIn).map(readPage);
}

function pagesIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name));
}

const FENCE = /^( *)```(\w*)\n([\s\S]*?)^\1```$/gm;

/** Contents of the fenced blocks of one language, without their indentation. */
export function codeBlocks({ text }: Page, language: string): string[] {
  return [...text.matchAll(FENCE)]
    .filter(([, , found]) => found === language)
    .map(([, indent = '', , code = '']) => code.replaceAll(new RegExp(`^${indent}`, 'gm'), ''));
}

export function withoutCodeBlocks({ text }: Page): string {
  return text.replaceAll(FENCE, '');
}

/** Rows of the table with exactly this head; code marks and escapes are taken off. */
export function tableRows({ path, text }: Page, head: readonly string[]): string[][] {
  const lines = text.split('\n').map((line) => line.trim());
  const start = lines.indexOf(`| ${head.join(' | ')} |`);
  if (start === -1) throw new Error(`${path} has no table | ${head.join(' | ')} |`);
  const rows = lines.slice(start + 2);
  const end = rows.findIndex((line) => !line.startsWith('|'));
  return rows.slice(0, end === -1 ? undefined : end).map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('`', '').replaceAll('\\|', '|')),
  );
}
