import { ANSWERS, IN_LIST } from './texts/deals.ts';
import type { Reader, TextEntry, TextSection } from './texts/entry.ts';
import { help } from './texts/help.ts';
import { logLines, problemDetails } from './texts/in-sources.ts';
import { MAILS } from './texts/mails.ts';
import { NUDGES_IN_WORDS } from './texts/nudges.ts';
import { ON_THE_DEAL } from './texts/on-the-deal.ts';
import { ALERTS, HTTP_PROBLEMS, IN_STATUS } from './texts/operators.ts';
import { seats } from './texts/seats.ts';
import { SERVICE } from './texts/service.ts';
import { setUp } from './texts/set-up.ts';
import { TASKS } from './texts/tasks.ts';

const READERS: Readonly<Record<Reader, string>> = {
  sales: 'Read by those who work on the deal in the CRM.',
  customer: 'Read by buyers and learners.',
  operator: 'Read by those who run Dealseat.',
  partner: 'Read by those who call the API.',
};

/** Every text that reaches a person, with real-looking values, by the page that shows it. */
export async function textSections(): Promise<
  Readonly<Record<'texts.md' | 'texts-operators.md', readonly TextSection[]>>
> {
  return {
    'texts.md': [...ON_THE_DEAL, TASKS, MAILS],
    'texts-operators.md': [
      ALERTS,
      SERVICE,
      IN_LIST,
      ANSWERS,
      IN_STATUS,
      await seats(),
      NUDGES_IN_WORDS,
      ...(await setUp()),
      await help(),
      logLines(),
      HTTP_PROBLEMS,
      problemDetails(),
    ],
  };
}

const HEADS: Readonly<Record<string, readonly string[]>> = {
  'texts.md': [
    '# Texts',
    '',
    'Every text that Dealseat writes for sales teams, buyers and learners, with made-up values. Those who run Dealseat read',
    '[other texts](texts-operators.md).',
  ],
  'texts-operators.md': [
    '# Texts for operators',
    '',
    'Every text that Dealseat writes for those who run it or call its API, with made-up values. Sales teams, buyers and learners',
    'read [other texts](texts.md).',
  ],
};

const MADE = [
  '',
  '`node scripts/write-docs.ts` makes this page by calling the same functions as the product. A test fails if the page differs.',
];

/** The pages by their names, as the code has them now. */
export function textPages(
  sections: Awaited<ReturnType<typeof textSections>>,
): Readonly<Record<string, string>> {
  const pages = Object.entries(sections);
  return Object.fromEntries(pages.map(([name, each]) => [name, page(HEADS[name] ?? [], each)]));
}

function page(head: readonly string[], sections: readonly TextSection[]): string {
  return [
    ...head,
    ...MADE,
    ...sections.flatMap(({ title, reader, entries }) => [
      '',
      `## ${title}`,
      '',
      READERS[reader],
      ...entries.flatMap(written),
    ]),
    '',
  ].join('\n');
}

function written({ name, subject, text }: TextEntry): string[] {
  return ['', `### ${name}`, '', '```text', ...(subject === undefined ? [] : [subject, '']), text, '```'];
}
