import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { DealRef } from '../../src/domain/deal/deal.ts';
import {
  activeSeats,
  activeSeatsByProduct,
  formatLedger,
  type Ledger,
  NO_SEATS,
  nextPart,
  readLedger,
} from '../../src/domain/deal/ledger.ts';
import { SEALER, sealerOf } from './example-deals.ts';

const REF: DealRef = { crm: 'hubspot', account: '62515', dealId: '9001' };
const product = fc.constantFrom('sku:LEAD-101', 'sku:NEGO-201', 'hubspot:7001');
const group = fc
  .record(
    {
      token: fc.stringMatching(/^d[0-9a-f]{15}$/),
      product,
      part: fc.integer({ min: 1, max: 9 }),
      platform: fc.constantFrom('ti', 'other'),
      group: fc.uuid(),
      redeemUrl: fc.constantFrom('https://a.example/{code}', 'https://b.example/?c={code}', ''),
      issued: fc.integer({ min: 1, max: 10_000 }),
      active: fc.nat(10_000),
      isNew: fc.constant(true as const),
    },
    { requiredKeys: ['token', 'product', 'part', 'platform', 'group', 'redeemUrl', 'issued', 'active'] },
  )
  .map((entry) => ({ ...entry, active: Math.min(entry.active, entry.issued) }));
const instantOrNull = fc.option(fc.date({ noInvalidDate: true }).map((date) => date.toISOString()));
const settled = fc
  .dictionary(product, fc.record({ sold: fc.nat(), wonAt: instantOrNull }), { maxKeys: 3 })
  .map((byProduct) => ({ ...byProduct }));
const ledgers: fc.Arbitrary<Ledger> = fc
  .record(
    {
      wonAt: instantOrNull,
      audience: fc.option(fc.constantFrom('buyer' as const, 'learners' as const)),
      roster: fc.option(
        fc.record({
          file: fc.constant('roster-acme-d1.csv'),
          codes: fc.nat(),
          sha256: fc.stringMatching(/^[0-9a-f]{64}$/),
        }),
      ),
      groups: fc.uniqueArray(group, { selector: ({ token }) => token, maxLength: 8 }),
      settled,
      isPending: fc.constant(true as const),
      stopped: fc.record({ by: fc.string(), wonAt: instantOrNull }),
    },
    { requiredKeys: ['wonAt', 'audience', 'roster', 'groups', 'settled'] },
  )
  // A group is new only while it is being handed over.
  .map((ledger) => ({
    ...ledger,
    groups: ledger.isPending ? ledger.groups : ledger.groups.map(({ isNew: _, ...old }) => old),
  }));

function read(text: string | null, { ref = REF, sealer = SEALER } = {}) {
  return readLedger(text, ref, sealer);
}

describe('the ledger of a deal', () => {
  test('comes back from its text as it was written, and is known as ours', () => {
    fc.assert(
      fc.property(ledgers, (ledger) => {
        expect(read(formatLedger(ledger, REF, SEALER))).toEqual({ ledger, isSealed: true });
      }),
    );
  });

  test('is unreadable, and nothing worse, for any other text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(read(text)).toBe(text.trim() === '' ? null : 'unreadable');
      }),
    );
    expect(read(null)).toBeNull();
  });

  test.each<[string, (groups: Record<string, unknown>) => object]>([
    ['a seat too many', (entry) => ({ ...entry, active: 26 })],
    ['seats below zero', (entry) => ({ ...entry, active: -1 })],
    ['half a seat', (entry) => ({ ...entry, issued: 25.5 })],
    ['a part zero', (entry) => ({ ...entry, part: 0 })],
    ['no token', ({ token, ...entry }) => ({ ...entry, was: token })],
    ['an empty product', (entry) => ({ ...entry, product: '' })],
    ['no platform', ({ platform: _, ...entry }) => entry],
    ['a template that is not there', (entry) => ({ ...entry, link: 1 })],
    ['a first hand-over that nobody is at', (entry) => ({ ...entry, new: true })],
    ['a template that is no text', (entry) => ({ ...entry, link: 'length' })],
  ])('is unreadable with a group with %s', (_, spoil) => {
    const entry = {
      token: 'd1',
      product: 'sku:A',
      part: 1,
      platform: 'ti',
      group: 'g-1',
      issued: 25,
      active: 25,
    };
    const written = { ...entry, link: 0 };
    const text = (groups: object[]) =>
      JSON.stringify({ wonAt: null, roster: null, groups, links: ['https://a.example/{code}'] });
    const ledger = { groups: [{ ...entry, redeemUrl: 'https://a.example/{code}' }] };
    expect(read(text([written]))).toMatchObject({ ledger, isSealed: false });
    expect(read(text([spoil(written)]))).toBe('unreadable');
    expect(read(text([written, written]))).toBe('unreadable');
  });

  test.each<[string, object]>([
    ['an audience that is none', { audience: 'everybody' }],
    ['a decision about less than nothing', { settled: { 'sku:A': { sold: -1, wonAt: null } } }],
    ['a decision of no instant', { settled: { 'sku:A': { sold: 1, wonAt: 'once' } } }],
    ['a stop by nobody', { stopped: { wonAt: null } }],
    ['a closing of no instant', { wonAt: 'once' }],
  ])('is unreadable with %s', (_, spoiled) => {
    expect(read(JSON.stringify({ groups: [], ...spoiled }))).toBe('unreadable');
  });

  test('cannot lead a roster out of its folder', () => {
    const roster = { file: '../../x.csv', codes: 1, sha256: 'a'.repeat(64) };
    expect(read(JSON.stringify({ wonAt: null, roster, groups: [] }))).toBe('unreadable');
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

describe('the seal of a ledger', () => {
  test('does not hold for any other deal, so a copy of a deal has a ledger that is not its own', () => {
    const text = formatLedger(NO_SEATS, REF, SEALER);
    for (const ref of [
      { ...REF, dealId: '9002' },
      { ...REF, account: '62516' },
      { ...REF, crm: 'salesforce' },
    ]) {
      expect(read(text, { ref })).toEqual({ ledger: NO_SEATS, isSealed: false });
    }
  });

  test('does not hold once anything that is read of it was edited', () => {
    fc.assert(
      fc.property(ledgers, ledgers, (ledger, other) => {
        const { mac } = JSON.parse(formatLedger(ledger, REF, SEALER));
        const forged = JSON.stringify({ ...JSON.parse(formatLedger(other, REF, SEALER)), mac });
        const isSame = formatLedger(ledger, REF, SEALER) === formatLedger(other, REF, SEALER);
        expect(read(forged)).toEqual({ ledger: other, isSealed: isSame });
      }),
    );
  });

  test('holds after the field was reformatted, or got what nobody reads', () => {
    fc.assert(
      fc.property(ledgers, (ledger) => {
        const { groups, ...rest } = JSON.parse(formatLedger(ledger, REF, SEALER));
        const text = JSON.stringify({ remark: 'x', groups, ...rest }, null, 2);
        expect(read(text)).toEqual({ ledger, isSealed: true });
      }),
    );
  });

  test.each([undefined, null, 7, '', 'key-7.', 'key-7.AAAA', '.', 'x'.repeat(500)])(
    'is none where it is %j',
    (mac) => {
      const { mac: _, ...content } = JSON.parse(formatLedger(NO_SEATS, REF, SEALER));
      expect(read(JSON.stringify({ ...content, mac }))).toEqual({ ledger: NO_SEATS, isSealed: false });
    },
  );

  test('of an older key holds while the deployment still has that key, and new ones are by the newest', () => {
    const text = formatLedger(NO_SEATS, REF, sealerOf(1));
    const isSealed = (of: string, sealer: ReturnType<typeof sealerOf>) => {
      const ledger = read(of, { sealer });
      return ledger !== null && ledger !== 'unreadable' && ledger.isSealed;
    };
    expect([isSealed(text, sealerOf(2, 1)), isSealed(text, sealerOf(2))]).toEqual([true, false]);
    const renewed = formatLedger(NO_SEATS, REF, sealerOf(2, 1));
    expect([isSealed(renewed, sealerOf(2)), isSealed(renewed, sealerOf(1))]).toEqual([true, false]);
  });
});
