import { describe, expect, test } from '@jest/globals';
import type { Catalog } from '../../src/domain/deal/catalog.ts';
import type { Deal } from '../../src/domain/deal/deal.ts';
import { UNWRITTEN } from '../../src/domain/deal/unwritten.ts';
import { isSameDeal } from '../../src/domain/planning/reading.ts';
import {
  type Around,
  carriedOut,
  deal,
  EXAMPLE,
  line,
  moreOf,
  planOf,
  readingOf,
  wonAt,
  writtenBy,
} from './example-deals.ts';

function hashOf(changes: Partial<Deal> = {}, catalog: Catalog = EXAMPLE, around: Around = {}): string {
  return readingOf(deal(changes), catalog, around).hash;
}

describe('whether a run that waits is woken in vain', () => {
  test.each<[string, Partial<Deal>]>([
    ['shows where it stands', { written: { ...UNWRITTEN, status: 'NeedsAttention' } }],
    ['holds the deal', { written: { ...UNWRITTEN, hold: 'working 2026-11-20T09:00:00.000Z d/1 r' } }],
    ['changes the record in any of these ways', { changedAt: '2026-11-20T12:00:00.000Z' }],
    [
      'sees a line written once more as it was',
      { lineItems: [line('LEAD-101', 25, { writtenAt: '2026-11-20T12:00:00.000Z' })] },
    ],
  ])('is known by a hash that does not change when the run itself %s', (_, changes) => {
    expect(hashOf(changes)).toBe(hashOf());
  });

  test.each<[string, Partial<Deal>]>([
    ['a quantity', { lineItems: [line('LEAD-101', 26)] }],
    ['a contact', { contacts: [] }],
    ['the stage', { isWon: false }],
    ['the closing', wonAt('2026-11-20T10:00:00.000Z')],
    ['the close date', { closeDate: '2026-11-19' }],
    ['a line that nobody understands', { lineItems: [line('LEAD-101', 25), line('NOPE', 1)] }],
  ])('changes with %s, and then it is another deal', (_, changes) => {
    expect(hashOf(changes)).not.toBe(hashOf());
    expect(isSameDeal(hashOf(changes), hashOf())).toBe(false);
  });

  test('changes with the catalog, the day and who asks', () => {
    expect(hashOf({}, { ...EXAMPLE, approveAboveSeats: 1 })).not.toBe(hashOf());
    expect(hashOf({}, EXAMPLE, { today: '2026-11-21' })).not.toBe(hashOf());
    expect(hashOf({}, EXAMPLE, { source: 'person' })).not.toBe(hashOf());
  });

  test('changes with the ledger, though the deal is the same: that is what a run writes at its end', () => {
    const written = writtenBy(carriedOut(planOf(deal())), deal());
    expect(hashOf({ written })).not.toBe(hashOf());
    expect(isSameDeal(hashOf({ written }), hashOf())).toBe(true);
    expect(isSameDeal(hashOf({}, EXAMPLE, { source: 'person' }), hashOf())).toBe(true);
  });
});

describe('the id of an approval', () => {
  const asking: Catalog = { ...EXAMPLE, approveAboveSeats: 5 };
  const idOf = (changes: Partial<Deal> = {}, catalog = asking, around: Around = {}) =>
    moreOf(deal(changes), catalog, around).question?.id;

  test('is the same whoever asks, whenever, and whatever else of the deal is edited', () => {
    expect(idOf({}, asking, { source: 'person', today: '2026-11-21' })).toBe(idOf());
    expect(idOf({ stage: 'Gewonnen', changedAt: '2026-11-22T00:00:00.000Z' })).toBe(idOf());
    expect(idOf({}, { ...EXAMPLE, approveAboveSeats: 6 })).toBe(idOf());
  });

  test('is another one once anything else would be made, so that six approved are never six hundred', () => {
    const ids = [25, 26, 600].map((seats) => idOf({ lineItems: [line('LEAD-101', seats)] }));
    const others = [
      idOf({ lineItems: [line('NEGO-201', 25)] }),
      idOf({ contacts: deal().contacts.slice(0, 1) }),
    ];
    expect(new Set([...ids, others[0]]).size).toBe(4);
    // A buyer who is the same person is no other question.
    expect(others[1]).toBe(ids[0]);
  });

  test('is another one in the second round, after the first was delivered', () => {
    const first = deal({ lineItems: [line('LEAD-101', 6)] });
    const ledger = carriedOut(planOf(first, asking));
    const second = deal({ lineItems: [line('LEAD-101', 12)], written: writtenBy(ledger, first) });
    expect(moreOf(second, asking).question?.id).not.toBe(moreOf(first, asking).question?.id);
  });

  test('is none while nobody needs to agree', () => {
    expect(moreOf(deal(), { ...EXAMPLE, approveAboveSeats: 25 }).question).toBeNull();
    expect(moreOf(deal(), { ...EXAMPLE, approveAboveSeats: null }).question).toBeNull();
  });
});
