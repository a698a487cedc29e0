import type { TextEntry, TextSection } from './texts/entry.ts';
import { ON_THE_DEAL } from './texts/on-the-deal.ts';
import { ALERTS, HTTP_PROBLEMS, IN_STATUS } from './texts/operators.ts';
import { TASKS } from './texts/tasks.ts';

/** Every text that reaches a person, with real-looking values: one list for each kind of reader. */
export const SECTIONS: readonly TextSection[] = [...ON_THE_DEAL, TASKS, ALERTS, IN_STATUS, HTTP_PROBLEMS];

const READERS: Readonly<Record<TextSection['reader'], string>> = {
  sales: 'Read by those who work on the deal in the CRM.',
  operator: 'Read by those who run Dealseat.',
  partner: 'Read by those who call the API.',
};

/** `docs/texts.md`, as the code has it now. */
export function textsPage(): string {
  return [
    '# Texts',
    '',
    'Every text that Dealseat writes for a person, with made-up values. `node scripts/write-docs.ts` makes this page by calling',
    'the same functions as the product. A test fails if the page differs, or if a failure code has no text here.',
    ...SECTIONS.flatMap(({ title, reader, entries }) => [
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
