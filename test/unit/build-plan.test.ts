import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Catalog } from '../../src/domain/deal/catalog.ts';
import type { Deal } from '../../src/domain/deal/deal.ts';
import { LABEL_MAX_LENGTH } from '../../src/domain/deal/label.ts';
import { UNWRITTEN } from '../../src/domain/deal/unwritten.ts';
import { MAX_SEATS_PER_GROUP } from '../../src/domain/planning/groups.ts';
import { MAX_SEATS_PER_DEAL } from '../../src/domain/planning/limits.ts';
import {
  BUYER,
  contact,
  deal,
  EXAMPLE,
  FOR_LEARNERS,
  LEARNERS,
  line,
  moreOf,
  planOf,
  readingOf,
  wonAt,
  wonDeals,
} from './example-deals.ts';

/** The same items in an order that chance chose. */
function shuffledBy<T>(items: readonly T[], seed: number): T[] {
  return items
    .map((item, index) => ({ item, rank: Math.imul(index + 1, seed) >>> 0 }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ item }) => item);
}

const seeds = fc.integer({ min: 1, max: 0x7fffffff }).map((seed) => seed | 1);

describe('the plan of a won deal', () => {
  test('has one seat for each unit sold, added up by product, in groups the platform accepts', () => {
    fc.assert(
      fc.property(wonDeals, (won) => {
        const plan = planOf(won);
        for (const sku of ['LEAD-101', 'NEGO-201', 'TRACK-MGR']) {
          const sold = won.lineItems.filter((item) => item.sku === sku);
          const groups = plan.groups.filter(({ productKey }) => productKey === `sku:${sku.toLowerCase()}`);
          expect(sum(groups.map(({ seatCount }) => seatCount))).toBe(
            sum(sold.map(({ quantity }) => quantity ?? 0)),
          );
        }
        expect(plan.seatCount).toBe(sum(plan.groups.map(({ seatCount }) => seatCount)));
        for (const { seatCount, label, token } of plan.groups) {
          expect(seatCount).toBeGreaterThan(0);
          expect(seatCount).toBeLessThanOrEqual(MAX_SEATS_PER_GROUP);
          expect(label.length).toBeLessThanOrEqual(LABEL_MAX_LENGTH);
          expect(label.endsWith(token)).toBe(true);
        }
        expect(new Set(plan.groups.map(({ token }) => token)).size).toBe(plan.groups.length);
        expect(plan.rosterFileName).toMatch(/^roster-[a-z0-9-]+\.csv$/);
      }),
    );
  });

  test('does not depend on the order of line items and contacts, in either audience', () => {
    fc.assert(
      fc.property(wonDeals, seeds, fc.constantFrom(EXAMPLE, FOR_LEARNERS), (won, seed, catalog) => {
        const shuffled = {
          ...won,
          lineItems: shuffledBy(won.lineItems, seed),
          contacts: shuffledBy(won.contacts, seed),
        };
        expect(planOf(shuffled, catalog)).toEqual(planOf(won, catalog));
      }),
    );
  });

  test('stays the same when the CRM re-creates the line items or a line is split in two', () => {
    fc.assert(
      fc.property(wonDeals, (won) => {
        const recreated = won.lineItems.flatMap((item, index) => [
          { ...item, id: `new-${index}`, name: 'renamed', quantity: 1 },
          { ...item, id: `more-${index}`, quantity: (item.quantity ?? 0) - 1 },
        ]);
        expect(planOf({ ...won, lineItems: recreated })).toEqual(planOf(won));
      }),
    );
  });

  test('holds no e-mail address, because it enters history', () => {
    fc.assert(
      fc.property(wonDeals, (won) => {
        const text = JSON.stringify(planOf(won));
        for (const { email } of won.contacts) if (email !== null) expect(text).not.toContain(email);
      }),
    );
  });

  test('splits more seats than a group may have into full groups and a rest, each with a token of its own', () => {
    const { groups } = planOf(deal({ lineItems: [line('LEAD-101', 25_000)] }));
    expect(groups.map(({ part, seatCount }) => [part, seatCount])).toEqual([
      [1, 10_000],
      [2, 10_000],
      [3, 5_000],
    ]);
    expect(new Set(groups.map(({ token }) => token)).size).toBe(3);
  });

  test('leaves the earlier parts alone when a split quantity grows', () => {
    const parts = (quantity: number) => planOf(deal({ lineItems: [line('LEAD-101', quantity)] })).groups;
    expect(parts(25_000).slice(0, 2)).toEqual(parts(20_000));
  });

  test('asks for approval only above the threshold of the catalog', () => {
    const needs = (quantity: number, catalog = EXAMPLE) =>
      moreOf(deal({ lineItems: [line('LEAD-101', quantity)] }), catalog).question !== null;
    expect([needs(1_000), needs(1_001)]).toEqual([false, true]);
    expect(needs(50_000, { ...EXAMPLE, approveAboveSeats: null })).toBe(false);
  });

  test('multiplies the quantity by the seats of a unit', () => {
    const doubled = changeProduct({ seatsPerUnit: 4 });
    expect(planOf(deal({ lineItems: [line('LEAD-101', 3)] }), doubled).seatCount).toBe(12);
  });

  test('reckons code expiry from the close date and access from the catalog, until the day is over everywhere', () => {
    const [group] = planOf(deal({ closeDate: '2028-02-28' })).groups;
    expect(group).toMatchObject({
      codesExpireAt: '2029-02-28T11:59:59.000Z',
      codesExpireOn: '2029-02-27',
      accessDays: 365,
      accessUntil: null,
      accessEndsOn: null,
    });
    const [until] = planOf(deal(), changeProduct({ access: { until: '2027-12-31' } })).groups;
    expect(until).toMatchObject({
      accessDays: null,
      accessUntil: '2028-01-01T11:59:59.000Z',
      accessEndsOn: '2027-12-31',
    });
  });
});

describe('the hash of a plan', () => {
  const before = planOf(deal()).hash;

  test.each<[string, Partial<Deal>]>([
    ['the quantity', { lineItems: [line('LEAD-101', 26)] }],
    ['the product', { lineItems: [line('NEGO-201', 25)] }],
    ['a further product', { lineItems: [line('LEAD-101', 25), line('NEGO-201', 1)] }],
    ['the close date', { closeDate: '2026-11-21' }],
    ['the name of the deal', { name: 'Another name' }],
    ['the company', { company: { id: '1', name: 'Globex', domain: null } }],
    ['the owner', { owner: null }],
    ['the buyer', { contacts: [contact('1', { roles: ['Buyer'] })] }],
  ])('changes with %s', (_, change) => {
    expect(planOf(deal(change)).hash).not.toBe(before);
  });

  test.each<[string, Catalog]>([
    [
      'the content of a product',
      changeProduct({ grants: { courses: ['other'], learningPaths: [], bundles: [], licenses: [] } }),
    ],
    ['the seats of a unit', changeProduct({ seatsPerUnit: 2 })],
    ['the length of the codes', changeProduct({ codeLength: 16 })],
    ['the access', changeProduct({ access: { days: 30 } })],
    ['the code expiry', changeProduct({ codesExpireAfterDays: null })],
    ['the title', changeProduct({ title: 'Leadership' })],
    ['the redeem page', { ...EXAMPLE, redeemUrl: 'https://learn.other.example/redeem/{code}' }],
    ['the e-mail tool', { ...EXAMPLE, handOver: { ...EXAMPLE.handOver, tools: {} } }],
    ['the audience', FOR_LEARNERS],
  ])('changes with %s in the catalog', (_, catalog) => {
    expect(planOf(deal(), catalog).hash).not.toBe(before);
  });

  test.each<[string, Partial<Deal>]>([
    ['the name of a stage', { stage: 'Gewonnen' }],
    ['ids and names of line items', { lineItems: [line('LEAD-101', 25, { id: '77', name: 'x' })] }],
    ['products that give no seats', { lineItems: [line('LEAD-101', 25), line('SUPPORT-GOLD', 1)] }],
    ['contacts that are neither buyer nor learner', { contacts: [BUYER, ...LEARNERS, contact('1')] }],
    ['the website of the company', { company: { id: '5001', name: 'Acme Corp', domain: null } }],
    [
      'what is written on it',
      { written: { ...UNWRITTEN, hold: 'x' }, changedAt: '2026-11-21T00:00:00.000Z' },
    ],
  ])('stays the same with %s, which change nothing that is made', (_, change) => {
    expect(planOf(deal(change)).hash).toBe(before);
  });

  test('changes with the partner', () => {
    expect(planOf(deal(), { ...EXAMPLE, partners: [] }).hash).not.toBe(before);
  });
});

describe('a deal that needs no plan', () => {
  test('is skipped when it is not won, whatever else is wrong with it', () => {
    const outcome = readingOf(deal({ isWon: false, lineItems: [], contacts: [], closeDate: null }));
    expect(outcome).toMatchObject({ kind: 'nothing', reason: { code: 'deal.not_won' } });
  });

  describe('because it was won before the sweep begins, and no person named it', () => {
    const since = '2026-11-20T09:00:00.000Z';
    const written = { ...UNWRITTEN, status: 'NeedsAttention' };
    const kindOf = (changes: Partial<Deal>, source: 'sweep' | 'event' | 'person' = 'sweep') =>
      readingOf(deal(changes), EXAMPLE, { source, wonSince: since }).kind;

    test.each<[string, Partial<Deal>, string]>([
      ['won before', wonAt('2026-11-20T08:59:59.999Z'), 'nothing'],
      ['won then', wonAt(since), 'more'],
      ['won before, and known to us', { ...wonAt('2026-11-19T00:00:00.000Z'), written }, 'more'],
      ['closed the day before, without a history', { ...wonAt(null), closeDate: '2026-11-19' }, 'nothing'],
      ['closed that day, without a history', { ...wonAt(null), closeDate: '2026-11-20' }, 'more'],
    ])('%s', (_, changes, kind) => {
      expect(kindOf(changes)).toBe(kind);
    });

    test.each<[string, Partial<Deal>, string]>([
      [
        'a day before, because an event may have been under way so long',
        wonAt('2026-11-19T09:00:00.000Z'),
        'more',
      ],
      ['earlier, because people edit old deals', wonAt('2026-11-19T08:59:59.999Z'), 'nothing'],
      ['it is not known when, because an event mostly comes with the closing', wonAt(null), 'more'],
    ])('and an event told of it: %s', (_, changes, kind) => {
      expect(kindOf({ closeDate: '2026-11-19', ...changes }, 'event')).toBe(kind);
    });

    test('but not when a person names it', () => {
      expect(kindOf(wonAt('2020-01-01T00:00:00.000Z'), 'person')).toBe('more');
    });
  });

  test('is skipped when no product of it gives seats', () => {
    const outcome = readingOf(deal({ lineItems: [line('SUPPORT-GOLD', 1)] }));
    expect(outcome).toMatchObject({ kind: 'nothing', reason: { code: 'deal.no_seats' } });
  });

  test('is known as delivered by its mark', () => {
    const written = { ...UNWRITTEN, status: 'Delivered', groupIds: ['g'], groupLabels: ['l'], seats: 25 };
    expect(readingOf(deal({ written }))).toMatchObject({
      kind: 'same',
      delivered: { seatCount: 25, groupIds: ['g'], groupLabels: ['l'] },
    });
  });

  test.each(['Failed', 'Cancelled', 'Skipped', 'NeedsAttention'])('is planned again after %s', (status) => {
    expect(readingOf(deal({ written: { ...UNWRITTEN, status } })).kind).toBe('more');
  });

  test(`is blocked above ${MAX_SEATS_PER_DEAL} seats, which is a typing error more often than a sale`, () => {
    expect(readingOf(deal({ lineItems: [line('LEAD-101', MAX_SEATS_PER_DEAL)] })).kind).toBe('more');
    expect(readingOf(deal({ lineItems: [line('LEAD-101', MAX_SEATS_PER_DEAL + 1)] }))).toMatchObject({
      kind: 'blocked',
      problems: [{ code: 'deal.quantity_invalid' }],
    });
  });
});

function changeProduct(change: object): Catalog {
  const products = EXAMPLE.products.map((product) =>
    'sku' in product.match && product.match.sku === 'LEAD-101' ? { ...product, ...change } : product,
  );
  return { ...EXAMPLE, products };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
