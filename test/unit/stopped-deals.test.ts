import { describe, expect, test } from '@jest/globals';
import type { Deal } from '../../src/domain/deal/deal.ts';
import { type Ledger, NO_SEATS } from '../../src/domain/deal/ledger.ts';
import { notedLedger } from '../../src/domain/planning/ledger-after.ts';
import {
  carriedOut,
  contact,
  deal,
  EXAMPLE,
  ensuredFor,
  line,
  planOf,
  readingOf,
  wonAt,
  writtenBy,
} from './example-deals.ts';

const WON = '2026-11-20T09:00:00.000Z';
const STOPPED = { by: 'boss', wonAt: WON } as const;
const ANYBODY_BUT_A_PERSON = ['sweep', 'event'] as const;

function stopped(ledger: Ledger, changes: Partial<Deal> = {}): Deal {
  const base = deal({ ...wonAt(WON), ...changes });
  return { ...base, written: { ...writtenBy({ stopped: STOPPED, ...ledger }, base), status: 'Cancelled' } };
}

function kindOf(of: Deal, source: 'sweep' | 'event' | 'person' = 'event'): string {
  return readingOf(of, EXAMPLE, { source }).kind;
}

describe('a deal that a person stopped before anything was delivered', () => {
  test.each<[string, Partial<Deal>]>([
    ['nothing', {}],
    ['its name', { name: 'Another name' }],
    ['the quantity', { lineItems: [line('LEAD-101', 600)] }],
    ['the products', { lineItems: [line('LEAD-101', 25), line('NEGO-201', 3)] }],
    ['the people', { contacts: [contact('1')] }],
    ['a line that nobody understands', { lineItems: [line('NOPE', 1)] }],
    ['the lines, of which none is left', { lineItems: [] }],
  ])('stays stopped when somebody edits %s, whoever tells of it', (_, changes) => {
    for (const source of ANYBODY_BUT_A_PERSON) {
      const reading = readingOf(stopped(NO_SEATS, changes), EXAMPLE, { source });
      expect(reading).toMatchObject({
        kind: 'nothing',
        reason: { code: 'deal.stopped', message: 'The deal was stopped by boss.' },
      });
    }
  });

  test('is provisioned when a person starts it, and then nothing of the stop is left', () => {
    const plan = planOf(stopped(NO_SEATS), EXAMPLE, { source: 'person' });
    expect(plan.addedSeats).toBe(25);
    expect(notedLedger(plan, ensuredFor(plan))).not.toHaveProperty('stopped');
    expect(
      kindOf(deal({ written: writtenBy(carriedOut(plan), deal()), lineItems: [line('LEAD-101', 30)] })),
    ).toBe('more');
  });

  test('is provisioned when it is won anew, and not by a move between two won stages', () => {
    const again = [
      { isWon: true, since: WON },
      { isWon: false, since: '2026-11-21T09:00:00.000Z' },
      { isWon: true, since: '2026-11-22T09:00:00.000Z' },
    ];
    expect(kindOf(stopped(NO_SEATS, { stageHistory: again }))).toBe('more');
    const moved = [
      { isWon: true, since: WON },
      { isWon: true, since: '2026-11-22T09:00:00.000Z' },
    ];
    expect(kindOf(stopped(NO_SEATS, { stageHistory: moved }))).toBe('nothing');
  });

  test('stays stopped until a person starts it where the CRM does not tell when a deal was won', () => {
    const ledger = { ...NO_SEATS, stopped: { by: 'boss', wonAt: null } };
    for (const source of ANYBODY_BUT_A_PERSON)
      expect(kindOf(stopped(ledger, wonAt(null)), source)).toBe('nothing');
    expect(kindOf(stopped(ledger, wonAt(null)), 'person')).toBe('more');
  });
});

describe('a delivered deal that a person stopped', () => {
  const ledger = carriedOut(planOf(deal()));
  const selling = (seats: number) => ({ lineItems: [line('LEAD-101', seats)] });

  test('gets no more seats, and is still delivered', () => {
    for (const source of ANYBODY_BUT_A_PERSON) {
      for (const changes of [
        selling(25),
        selling(30),
        { lineItems: [line('LEAD-101', 25), line('NEGO-201', 1)] },
      ]) {
        expect(kindOf(stopped(ledger, changes), source)).toBe('same');
      }
    }
    expect(kindOf(stopped(ledger, selling(30)), 'person')).toBe('more');
  });

  test('is still asked about when less is sold than the customer has', () => {
    expect(kindOf(stopped(ledger, selling(20)))).toBe('fewer');
    expect(kindOf(stopped(ledger, { isWon: false }))).toBe('fewer');
  });

  test('is not asked once more the question that it was stopped at, but any other one', () => {
    const lowered = readingOf(stopped(ledger, selling(20)), EXAMPLE, { source: 'event' });
    if (lowered.kind !== 'fewer') throw new Error(`expected a question, got ${lowered.kind}`);
    const atQuestion = { ...ledger, stopped: { ...STOPPED, question: lowered.question.id } };
    for (const source of ANYBODY_BUT_A_PERSON) {
      expect(readingOf(stopped(atQuestion, selling(20)), EXAMPLE, { source })).toMatchObject({
        kind: 'nothing',
        reason: { code: 'deal.stopped' },
      });
    }
    expect(kindOf(stopped(atQuestion, selling(20)), 'person')).toBe('fewer');
    expect(kindOf(stopped(atQuestion, selling(19)))).toBe('fewer');
  });

  test('is not handed over to the end by an event, if it was stopped in the middle', () => {
    const begun = planOf(deal({ ...selling(30), written: writtenBy(ledger, deal()) }));
    const pending = stopped(notedLedger(begun, ensuredFor(begun)), selling(30));
    for (const source of ANYBODY_BUT_A_PERSON) expect(kindOf(pending, source)).toBe('nothing');
    expect(kindOf(pending, 'person')).toBe('more');
  });
});
