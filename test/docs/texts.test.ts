import { expect, test } from '@jest/globals';
import { ASKED } from '../../scripts/docs/texts/on-the-deal.ts';
import { PEOPLE } from '../../scripts/docs/texts/problems.ts';
import { SECTIONS, textsPage } from '../../scripts/docs/texts.ts';
import { NOTICE } from '../../src/contracts/activities.ts';
import { FINAL_STATUSES } from '../../src/contracts/run.ts';
import { FAILURES, fixerOf, onDealOf } from '../../src/domain/failure.ts';
import { WEBHOOK_PROBLEMS } from '../../webhooks/server/problems.ts';
import { readPage } from './pages.ts';

const CODES = Object.keys(FAILURES) as (keyof typeof FAILURES)[];

const texts = SECTIONS.flatMap(({ title, reader, entries }) =>
  entries.map(({ name, covers, subject = '', text }) => ({
    where: `${title}: ${name}`,
    reader,
    covers,
    whole: `${subject}\n${text}`,
  })),
);

function offending(pattern: RegExp, reader?: 'sales'): string[] {
  return texts
    .filter((each) => reader === undefined || each.reader === reader)
    .flatMap(({ where, whole }) => {
      const found = pattern.exec(whole);
      return found === null ? [] : [`${where}: ${JSON.stringify(found[0])}`];
    });
}

function coveredBy(reader: 'sales' | 'operator' | 'partner'): Set<string> {
  return new Set(texts.filter((each) => each.reader === reader).flatMap(({ covers }) => covers));
}

test('docs/texts.md has every text as the code makes it (else: node scripts/write-docs.ts)', () => {
  expect(readPage('docs/texts.md').text).toBe(textsPage());
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
