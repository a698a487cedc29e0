import { expect, test } from '@jest/globals';
import { ASKED } from '../../scripts/docs/texts/on-the-deal.ts';
import { PEOPLE } from '../../scripts/docs/texts/problems.ts';
import { textPages, textSections } from '../../scripts/docs/texts.ts';
import { COMMAND_NAMES } from '../../src/commands/program.ts';
import { NOTICE } from '../../src/contracts/activities.ts';
import { FINAL_STATUSES } from '../../src/contracts/run.ts';
import { WAITS_FOR } from '../../src/contracts/waits-for.ts';
import { MAIL_KINDS } from '../../src/domain/deal/mail-policy.ts';
import { FAILURES, fixerOf, onDealOf } from '../../src/domain/failure.ts';
import { DEFAULT_TEMPLATES } from '../../src/mail/default-templates.ts';
import { WEBHOOK_PROBLEMS } from '../../webhooks/server/problems.ts';
import { readPage } from './pages.ts';

const CODES = Object.keys(FAILURES) as (keyof typeof FAILURES)[];

const sections = await textSections();
const texts = Object.values(sections)
  .flat()
  .flatMap(({ title, reader, entries }) =>
    entries.map(({ name, covers, subject = '', text }) => ({
      where: `${title}: ${name}`,
      reader,
      covers,
      whole: `${subject}\n${text}`,
    })),
  );

function offending(pattern: RegExp, reader?: 'sales' | 'customer'): string[] {
  return texts
    .filter((each) => reader === undefined || each.reader === reader)
    .flatMap(({ where, whole }) => {
      const found = pattern.exec(whole);
      return found === null ? [] : [`${where}: ${JSON.stringify(found[0])}`];
    });
}

function coveredBy(reader: 'sales' | 'customer' | 'operator' | 'partner'): Set<string> {
  return new Set(texts.filter((each) => each.reader === reader).flatMap(({ covers }) => covers));
}

test('the pages have every text as the code makes it (else: node scripts/write-docs.ts)', () => {
  for (const [name, text] of Object.entries(textPages(sections)))
    expect(readPage(`docs/${name}`).text).toBe(text);
});

test('every mail in each of our languages, every command and every outcome has a text on a page', () => {
  const mails = MAIL_KINDS.flatMap((kind) =>
    Object.keys(DEFAULT_TEMPLATES[kind]).map((language) => `${kind}:${language}`),
  );
  const customers = coveredBy('customer');
  expect(mails.filter((mail) => !customers.has(mail))).toEqual([]);
  const operators = coveredBy('operator');
  const shown = [...COMMAND_NAMES, ...FINAL_STATUSES, ...WAITS_FOR];
  expect(shown.filter((each) => !operators.has(each))).toEqual([]);
});

test('no text shows a folder or a user of the machine that made the page', () => {
  expect(texts.filter(({ whole }) => whole.includes(process.cwd()))).toEqual([]);
  expect(offending(/--by <name> .*(?<!your user name)\)$/m)).toEqual([]);
});

test('a number of 1,000 and more has a separator', () => {
  expect(
    offending(/(?<![\d.,:/-])\d{4,} (?:\w+ )?(seats|codes|deals|learners|days|links|rows|characters)\b/),
  ).toEqual([]);
  expect(offending(/1[,.]20[05] (seats|Plätze)/, 'customer')).not.toEqual([]);
});

test('every failure code, task, ending and HTTP problem has a text on the page', () => {
  const sales = coveredBy('sales');
  const kinds = [
    ...Object.values(NOTICE),
    ...FINAL_STATUSES.filter((status) => status !== 'Skipped'),
    ...ASKED,
  ];
  expect(kinds.filter((kind) => !sales.has(kind))).toEqual([]);
  const operators = coveredBy('operator');
  expect(CODES.filter((code) => !operators.has(code))).toEqual([]);
  const partners = coveredBy('partner');
  expect(Object.keys(WEBHOOK_PROBLEMS).filter((code) => !partners.has(code))).toEqual([]);
});

test('no text has a word that is banned, and each reads as a sentence', () => {
  expect(offending(/\b(whoever|nobody|told|is no|any more|for ever)\b/i)).toEqual([]);
  expect(offending(/(?<!\.)\.\.(?!\.)|\. \.|[ ,]\.(?=\s|$)|undefined|null|NaN|\[object/)).toEqual([]);
});

test('plurals agree with their number', () => {
  const nouns = 'seats|codes|deals|learners|contacts|lines|groups|days|messages|people';
  expect(offending(new RegExp(`(?<![\\d.,-])1 (?:\\w+ )?(${nouns})\\b`))).toEqual([]);
  expect(
    offending(
      /(?<![\d.,-])(?:[2-9]|\d{2,}) (?!and )(?:\w+ )?(seat|code(?! groups)|deal|learner|contact|day|message)\b/,
    ),
  ).toEqual([]);
});

test('those who work on deals read no variable, command, file of ours or path', () => {
  expect(
    offending(/`|\bdealseat [a-z]+ |catalog\.yaml|\b[A-Z]{2,}_[A-Z_]+\b|\/redemptionCodes|--[a-z]/, 'sales'),
  ).toEqual([]);
});

test('those who work on deals read names of people, not their ids', () => {
  const ids = [...PEOPLE.keys()].join('|');
  expect(offending(new RegExp(`contact (${ids})\\b`, 'i'), 'sales')).toEqual([]);
});

test('what an admin must fix says on the deal who knows of it, and nothing of how', () => {
  for (const code of CODES.filter((each) => fixerOf(each) === 'admin')) {
    const onDeal = onDealOf(code);
    expect([code, onDeal]).toEqual([code, expect.stringMatching(/^[^.`_]+$/)]);
  }
});
