import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  activeSeats,
  activeSeatsByProduct,
  formatLedger,
  type Ledger,
  nextPart,
  parseLedger,
} from '../../src/domain/deal/ledger.ts';

const product = fc.constantFrom('sku:LEAD-101', 'sku:NEGO-201', 'hubspot:7001');
const group = fc
  .record({ product, part: fc.integer({ min: 1, max: 9 }), issued: fc.integer({ min: 1, max: 10_000 }) })
  .chain((entry) =>
    fc.record({
      token: fc.stringMatching(/^d[0-9a-f]{15}$/),
      product: fc.constant(entry.product),
      part: fc.constant(entry.part),
      group: fc.uuid(),
      issued: fc.constant(entry.issued),
      active: fc.integer({ min: 0, max: entry.issued }),
    }),
  );
const instantOrNull = fc.option(fc.date({ noInvalidDate: true }).map((date) => date.toISOString()));
const counts = fc.dictionary(product, fc.nat()).map((byProduct) => ({ ...byProduct }));
const ledgers: fc.Arbitrary<Ledger> = fc.record(
  {
    wonAt: instantOrNull,
    roster: fc.option(
      fc.record({
        file: fc.constant('roster-acme-d1.csv'),
        codes: fc.nat(),
        sha256: fc.stringMatching(/^[0-9a-f]{64}$/),
      }),
    ),
    groups: fc.uniqueArray(group, { selector: ({ token }) => token, maxLength: 8 }),
    kept: counts,
    isPending: fc.constant(true as const),
    rejected: fc.record({ wonAt: instantOrNull, sold: counts }),
  },
  { requiredKeys: ['wonAt', 'roster', 'groups', 'kept'] },
);

describe('the ledger of a deal', () => {
  test('comes back from its text as it was written', () => {
    fc.assert(
      fc.property(ledgers, (ledger) => {
        expect(parseLedger(formatLedger(ledger))).toEqual(ledger);
      }),
    );
  });

  test('is unreadable, and nothing worse, for any other text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(parseLedger(text)).toBe(text.trim() === '' ? null : 'unreadable');
      }),
    );
  });

  test.each<[string, (groups: Record<string, unknown>) => object]>([
    ['a seat too many', (entry) => ({ ...entry, active: 26 })],
    ['seats below zero', (entry) => ({ ...entry, active: -1 })],
    ['half a seat', (entry) => ({ ...entry, issued: 25.5 })],
    ['a part zero', (entry) => ({ ...entry, part: 0 })],
    ['no token', ({ token, ...entry }) => ({ ...entry, was: token })],
    ['an empty product', (entry) => ({ ...entry, product: '' })],
  ])('is unreadable with a group with %s', (_, spoil) => {
    const entry = { token: 'd1', product: 'sku:A', part: 1, group: 'g-1', issued: 25, active: 25 };
    const text = (groups: object[]) => JSON.stringify({ wonAt: null, roster: null, groups });
    expect(parseLedger(text([entry]))).toMatchObject({ groups: [entry] });
    expect(parseLedger(text([spoil(entry)]))).toBe('unreadable');
    expect(parseLedger(text([entry, entry]))).toBe('unreadable');
  });

  test('cannot lead a roster out of its folder', () => {
    const roster = { file: '../../x.csv', codes: 1, sha256: 'a'.repeat(64) };
    expect(parseLedger(JSON.stringify({ wonAt: null, roster, groups: [] }))).toBe('unreadable');
  });

  test('counts seats by product, and never gives a part number out twice', () => {
    fc.assert(
      fc.property(ledgers, product, (ledger, key) => {
        const byProduct = [...activeSeatsByProduct(ledger).values()];
        expect(byProduct.reduce((sum, seats) => sum + seats, 0)).toBe(activeSeats(ledger));
        const parts = ledger.groups.filter((entry) => entry.product === key).map(({ part }) => part);
        expect(parts).not.toContain(nextPart(ledger, key));
      }),
    );
  });
});
