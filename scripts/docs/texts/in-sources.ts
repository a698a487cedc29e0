import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { storeLine } from '../../../src/commands/start/store-line.ts';
import { unreachable } from '../../../src/commands/terminal/temporal-answers.ts';
import { FAILURES } from '../../../src/domain/failure.ts';
import { withCure } from '../../../src/domain/words.ts';
import { CRMS } from '../../../src/processes/crms.ts';
import { entry, type TextSection } from './entry.ts';

const STORE = { kind: 'embedded', version: '18.7', place: '.dealseat/seats' } as const;
const ROOT = join(import.meta.dirname, '..', '..', '..');
const FOLDERS = ['activities', 'src', 'webhooks', 'workflows'];

const TEXT = /'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`/g;

/** What each template that has values says in an example, by the template as it stands in the sources. */
const EXAMPLES: Readonly<Record<string, string>> = {
  '${outcome.dealId}: ${outcome.status}': '9001: Delivered',
  'The CRM refused the first call: ${withCure(message, cure)}': `The CRM refused the first call: ${withCure('HubSpot: read account: HTTP 401 (INVALID_AUTHENTICATION)', FAILURES['crm.unauthorized'].cure)}`,
  '${error.message} Until then webhooks are answered 503, and the CRMs send them again.': `${unreachable({ connectionOptions: {}, namespace: 'default' }, null).message} Until then webhooks are answered 503, and the CRMs send them again.`,
  'Stopped the ${name}': 'Stopped the worker',
  'The ${name} did not stop in order': 'The webhook server did not stop in order',
  'Seats: ${storeLine(store)}': `Seats: ${storeLine(STORE)}`,
  'Seats: ${storeLine(opened.store)}': `Seats: ${storeLine(STORE)}`,
  'Added: ${name}': 'Added: Temporal search attribute DealseatStatus',
  '${name}: ${advice}':
    'Temporal search attribute DealseatStatus: It has another type than Keyword: remove it from namespace default, then run `dealseat doctor --fix`.',
  'At most ${count.max} a minute.': 'At most 60 a minute.',
  "Expected ${types.join(' or ')}.": 'Expected text/xml or application/xml.',
  'Expected ${expected}.': 'Expected crm and dealId.',
  'This key lacks the scope ${scope}.': 'This key lacks the scope seats.',
  'The variables of ${crm} are not set.': 'The variables of salesforce are not set.',
  'expected ${module.dealId.form}': `expected ${CRMS[0]?.dealId.form}`,
};

/** What is logged beside the outcomes of deals: every text of the sources, with values where it takes some. */
export function logLines(): TextSection {
  const call = /\b(?:log|logger)\.(info|warn|error)\(/g;
  return {
    title: 'Other lines of the log',
    reader: 'operator',
    entries: textsOf(call).map(({ about, text }) => entry(text, `${about}: ${text}`)),
  };
}

/** What answers say beside the titles of their problems, likewise. Refusals of a SOAP message are thrown in one place. */
export function problemDetails(): TextSection {
  const call = /\bnew WebhookProblem\('([\w.]+)', /g;
  return {
    title: 'Details of those problems',
    reader: 'partner',
    entries: [
      ...textsOf(call),
      ...textsOf(/\brefuse\(/g).map(({ text }) => ({ about: 'webhook.malformed', text })),
    ].map(({ about, text }) => entry(`${about}: ${text}`, text)),
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
    return text.includes(' ') ? [{ about, text: withValues(text, source) }] : [];
  });
}

/** Bounds are those of the same file; other values are of the examples, and there must be one. */
function withValues(template: string, source: string): string {
  const bounded = template.replace(/\$\{([A-Z][A-Z_]+)\}/g, (placed, name) => {
    const [, value] = new RegExp(`const ${name} = ([\\d_]+);`).exec(source) ?? [];
    return value?.replaceAll('_', ',') ?? placed;
  });
  const text = EXAMPLES[bounded] ?? bounded;
  if (text.includes('${')) throw new Error(`EXAMPLES has no values for this text: ${template}`);
  return text;
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
