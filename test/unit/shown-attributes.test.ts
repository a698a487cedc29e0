import { describe, expect, test } from '@jest/globals';
import type { Progress } from '../../src/contracts/run.ts';
import { searchAttributeKeys } from '../../src/contracts/search-attributes.ts';
import { LABEL_MAX_LENGTH } from '../../src/domain/deal/label.ts';
import { problem } from '../../src/domain/failure.ts';
import type { QuestionKind } from '../../src/domain/planning/question.ts';
import { shownAttributes } from '../../workflows/shown-attributes.ts';

/** `frontend.searchAttributesSizeOfValueLimit` of the server, and the bound of all of them together. */
const VALUE_BYTES = 2_048;

/** A keyword is a `VARCHAR(255)` in the server's schemas for PostgreSQL and MySQL. */
const SQL_KEYWORD_LENGTH = 255;

function progressOf(changes: Partial<Progress> = {}): Progress {
  return {
    status: 'Provisioning',
    step: 'Creating the code groups',
    dealName: 'Acme',
    dealUrl: 'u',
    seatCount: 1,
    groups: [],
    roster: null,
    messages: [],
    problems: [],
    question: null,
    undone: [],
    warnings: [],
    ...changes,
  };
}

function groupsOf(count: number, length = LABEL_MAX_LENGTH): Progress['groups'] {
  return Array.from({ length: count }, (_, index) => ({
    label: `${String(index).padStart(4, '0')}-${'x'.repeat(length)}`.slice(0, length),
    title: 'T',
    seatCount: 1,
    groupId: null,
  }));
}

function valuesOf(progress: Progress, readUpTo: Date | null = null): ReadonlyMap<string, unknown> {
  const shown = shownAttributes(progress, { readUpTo, reason: null });
  return new Map(shown.map(({ key, value }) => [key.name, value]));
}

describe('the search attributes of a run', () => {
  test.each([1, 20, 28, 40, 500])(
    'fit with %i groups: a value that does not would fail the run itself',
    (count) => {
      for (const length of [20, 60, LABEL_MAX_LENGTH]) {
        for (const value of valuesOf(progressOf({ groups: groupsOf(count, length) })).values()) {
          expect(Buffer.byteLength(JSON.stringify(value))).toBeLessThan(VALUE_BYTES);
        }
      }
    },
  );

  test('name the first labels, and all of them while they fit', () => {
    const { name } = searchAttributeKeys.groupLabels;
    const labels = (count: number) => valuesOf(progressOf({ groups: groupsOf(count) })).get(name);
    expect(labels(10)).toEqual(groupsOf(10).map(({ label }) => label));
    expect(labels(40)).toEqual(labels(14));
  });

  test('name the first of 400 problems by its code alone', () => {
    const problems = Array.from({ length: 400 }, () =>
      problem('catalog.product_unmapped', 'x'.repeat(9_000)),
    );
    const values = valuesOf(progressOf({ problems }));
    expect(values.get(searchAttributeKeys.failureCode.name)).toBe('catalog.product_unmapped');
  });

  test('say what was read, and take nothing back of it while nothing new was', () => {
    const { name } = searchAttributeKeys.readUpTo;
    const read = new Date('2026-11-20T10:00:00.000Z');
    expect(valuesOf(progressOf(), read).get(name)).toEqual(read);
    expect(valuesOf(progressOf()).has(name)).toBe(false);
  });

  test('name the deal, however long its name is, once it is known', () => {
    const { name } = searchAttributeKeys.dealName;
    expect(valuesOf(progressOf()).get(name)).toBe('Acme');
    expect(valuesOf(progressOf({ dealName: null })).has(name)).toBe(false);
    const long = valuesOf(progressOf({ dealName: '大'.repeat(5_000) })).get(name);
    expect(Buffer.byteLength(JSON.stringify(long))).toBeLessThan(VALUE_BYTES);
    expect(String(long).length).toBeLessThanOrEqual(SQL_KEYWORD_LENGTH);
    expect(valuesOf(progressOf({ dealName: 'Acme\u0000\r\nrollout' })).get(name)).toBe('Acme rollout');
  });

  const askedFor = (kind: QuestionKind) => ({ id: 'q', kind, answers: [], since: '', until: '' });

  test.each([
    [
      'sales',
      {
        problems: [problem('lms.rejected', ''), problem('deal.close_date_missing', '')],
        question: askedFor('help'),
      },
    ],
    ['admin', { problems: [problem('lms.rejected', '')], question: askedFor('help') }],
    ['approval', { problems: [problem('approval.required', '')], question: askedFor('approval') }],
    ['withdrawal', { problems: [problem('withdrawal.required', '')], question: askedFor('withdrawal') }],
    ['deployment', { problems: [problem('run.held_elsewhere', '')] }],
    ['codes', { status: 'AwaitingCodes' }],
    [null, { status: 'Delivered' }],
  ] as const)('say that the deal waits for %s', (expected, changes) => {
    const shown = valuesOf(progressOf({ status: 'NeedsAttention', ...changes }));
    expect(shown.get(searchAttributeKeys.waitsFor.name)).toBe(expected);
  });
});
