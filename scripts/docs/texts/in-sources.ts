import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { entry, type TextSection } from './entry.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const FOLDERS = ['activities', 'src', 'webhooks', 'workflows'];

const TEXT = /'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`/g;

/** What is logged beside the outcomes of deals, as it stands in the sources; a value that is put in shows as its name. */
export function logLines(): TextSection {
  const call = /\b(?:log|logger)\.(info|warn|error)\(/g;
  return {
    title: 'Other lines of the log',
    reader: 'operator',
    entries: textsOf(call).map(({ about, text }) => entry(text, `${about}: ${text}`)),
  };
}

/** What answers say beside the titles of their problems, likewise. */
export function problemDetails(): TextSection {
  const call = /\bnew WebhookProblem\('([\w.]+)', /g;
  return {
    title: 'Details of those problems',
    reader: 'partner',
    entries: textsOf(call).map(({ about, text }) => entry(`${about}: ${text}`, text)),
  };
}

interface Found {
  readonly about: string;
  readonly text: string;
}

/** The texts of every such call, in the order of the alphabet. `about`: the first group of the pattern. */
function textsOf(call: RegExp): Found[] {
  return FOLDERS.flatMap((folder) => sourcesIn(join(ROOT, folder)))
    .flatMap((file) => textsIn(readFileSync(file, 'utf8'), call))
    .sort((a, b) => (a.text < b.text ? -1 : 1));
}

function sourcesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name));
}

function textsIn(source: string, call: RegExp): Found[] {
  return [...source.matchAll(call)].flatMap(({ 0: start, 1: about = '', index }) => {
    const texts = [...argumentsFrom(source, index + start.length).matchAll(TEXT)].map(
      ([, single, double, template]) => single ?? double ?? template ?? '',
    );
    // The message is the longest; the others are names of fields.
    const [text = ''] = texts.sort((a, b) => b.length - a.length);
    return text.includes(' ')
      ? [{ about, text: text.replace(/\$\{(?:[^{}]*\.)?(\w+)[^{}]*\}/g, '<$1>') }]
      : [];
  });
}

/** Up to the parenthesis that closes the call. */
function argumentsFrom(source: string, from: number): string {
  let depth = 1;
  let end = from;
  for (; depth > 0 && end < source.length; end += 1) {
    if (source[end] === '(') depth += 1;
    if (source[end] === ')') depth -= 1;
  }
  return source.slice(from, end - 1);
}
