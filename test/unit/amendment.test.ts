import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Catalog, type GrantingProduct, productKey } from '../../src/domain/deal/catalog.ts';
import type { Deal } from '../../src/domain/deal/deal.ts';
import { activeSeats, activeSeatsByProduct, type Ledger } from '../../src/domain/deal/ledger.ts';
import { UNWRITTEN } from '../../src/domain/deal/unwritten.ts';
import {
  carriedOut,
  deal,
  EXAMPLE,
  fewerOf,
  line,
  moreOf,
  planOf,
  platformGroups,
  readingOf,
  withdrawalOf,
  wonAt,
  writtenBy,
} from './example-deals.ts';

type Sold = Readonly<Record<string, number>>;

const SKUS = ['LEAD-101', 'NEGO-201', 'TRACK-MGR'];
const sold: fc.Arbitrary<Sold> = fc.record({
  'LEAD-101': fc.nat(12_000),
  'NEGO-201': fc.nat(50),
  'TRACK-MGR': fc.nat(50),
});
const somethingSold = sold.filter((seats) => Object.values(seats).some((count) => count > 0));

function selling(seats: Sold, changes: Partial<Deal> = {}): Deal {
  const lines = Object.entries(seats).filter(([, count]) => count > 0);
  return deal({ lineItems: lines.map(([sku, count]) => line(sku, count)), ...changes });
}

function withLedger(seats: Sold, ledger: Ledger, changes: Partial<Deal> = {}): Deal {
  const sale = selling(seats, changes);
  return { ...sale, written: writtenBy(ledger, sale) };
}

/** Follows plans and withdrawals until nothing is left to do, as runs do. */
function upToDate(seats: Sold, ledger: Ledger): Ledger {
  for (let round = 0; round < 3; round += 1) {
    const reading = readingOf(withLedger(seats, ledger));
    if (reading.kind === 'more') ledger = carriedOut(reading.plan);
    else if (reading.kind === 'fewer') ledger = reading.withdrawal.ifWithdrawn;
    else return ledger;
  }
  return ledger;
}

function seatsBySku(ledger: Ledger): Record<string, number> {
  const seats = activeSeatsByProduct(ledger);
  return Object.fromEntries(SKUS.map((sku) => [sku, seats.get(`sku:${sku.toLowerCase()}`) ?? 0]));
}

/** Any seat needs approval. */
const ASKING: Catalog = { ...EXAMPLE, approveAboveSeats: 0 };

/** The ledger after a person would not have the plan's new groups made. */
function rejecting(deal: Deal): Ledger {
  const { question } = moreOf(deal, ASKING);
  if (!question?.ifLeft) throw new Error('expected a question that can be left');
  return question.ifLeft;
}

describe('more seats that a person rejected', () => {
  const base = carriedOut(planOf(selling({ 'LEAD-101': 25, 'NEGO-201': 4 })));
  const more = { 'LEAD-101': 90, 'NEGO-201': 4 };
  const ledger = rejecting(withLedger(more, base));

  test('are not asked about again, whatever else of the deal is edited', () => {
    const edited = { name: 'New', contacts: [], closeDate: null, owner: null, company: null };
    for (const changes of [{}, edited]) {
      expect(readingOf(withLedger(more, ledger, changes))).toMatchObject({
        kind: 'same',
        isSettledAnew: false,
      });
    }
  });

  test('are asked about once another number of them is sold, or the deal is won anew', () => {
    const added = (seats: Sold, changes: Partial<Deal> = {}) =>
      planOf(withLedger(seats, ledger, changes)).addedSeats;
    expect(added({ ...more, 'LEAD-101': 89 })).toBe(64);
    expect(added({ ...more, 'LEAD-101': 91 })).toBe(66);
    expect(added({ ...more, 'LEAD-101': 30 })).toBe(5);
    expect(added(more, wonAt('2026-11-20T10:00:00.000Z'))).toBe(65);
  });

  test('stay left out when more of another product is sold, which is a matter of its own', () => {
    for (const other of ['NEGO-201', 'TRACK-MGR']) {
      const plan = planOf(withLedger({ ...more, [other]: 5 }, ledger));
      expect(plan.groups.filter(({ existing }) => !existing).map(({ productKey: key }) => key)).toEqual([
        `sku:${other.toLowerCase()}`,
      ]);
      expect(readingOf(withLedger({ ...more, [other]: 5 }, carriedOut(plan))).kind).toBe('same');
    }
  });

  test('are asked about when a person asks for the deal', () => {
    const reading = readingOf(withLedger(more, ledger), EXAMPLE, { source: 'person' });
    expect(reading).toMatchObject({ kind: 'more', plan: { addedSeats: 65, isReconsidered: true } });
    for (const source of ['event', 'sweep'] as const) {
      expect(readingOf(withLedger(more, ledger), EXAMPLE, { source }).kind).toBe('same');
    }
  });

  test('are forgotten when what was delivered is sold again, and asked about when they come back', () => {
    const reading = readingOf(withLedger({ 'LEAD-101': 25, 'NEGO-201': 4 }, ledger));
    expect(reading).toMatchObject({ kind: 'same', isSettledAnew: true, ledger: base });
    const forgotten = reading.kind === 'same' ? reading.ledger : null;
    expect(planOf(withLedger(more, forgotten ?? ledger)).addedSeats).toBe(65);
  });

  test('do not keep less of another product from being asked about', () => {
    const both = { 'LEAD-101': 90, 'NEGO-201': 1 };
    const rejected = rejecting(withLedger(both, base));
    const withdrawal = withdrawalOf(withLedger(both, rejected));
    expect(withdrawal.withdrawnSeats).toBe(3);
    expect(readingOf(withLedger(both, withdrawal.ifWithdrawn)).kind).toBe('same');
    expect(readingOf(withLedger(both, withdrawal.ifKept)).kind).toBe('same');
  });

  test('do not keep a top-up from being handed over to the end', () => {
    const topUp = planOf(withLedger({ 'LEAD-101': 30, 'NEGO-201': 4 }, base));
    const pending: Ledger = { ...carriedOut(topUp), isPending: true };
    const plan = planOf(withLedger(more, rejecting(withLedger(more, pending))));
    expect(plan).toMatchObject({ seatCount: 34, addedSeats: 0, revision: topUp.revision });
    const ended = carriedOut(plan);
    expect(ended.isPending).toBeUndefined();
    expect(readingOf(withLedger(more, ended)).kind).toBe('same');
  });

  test('stay left out when others of them are not sold any more, and those are forgotten', () => {
    const both = { 'LEAD-101': 90, 'NEGO-201': 9 };
    const rejected = rejecting(withLedger(both, base));
    expect(readingOf(withLedger(both, rejected)).kind).toBe('same');
    const reading = readingOf(withLedger({ ...both, 'LEAD-101': 25 }, rejected));
    expect(reading).toMatchObject({ kind: 'same', isSettledAnew: true });
    const forgotten = reading.kind === 'same' ? reading.ledger : null;
    expect(Object.keys(forgotten?.settled ?? {})).toEqual(['sku:nego-201']);
    expect(planOf(withLedger(both, forgotten ?? rejected)).addedSeats).toBe(65);
  });

  test('are asked about when some of what was delivered was taken back meanwhile', () => {
    const fewer = withdrawalOf(withLedger({ 'LEAD-101': 20, 'NEGO-201': 4 }, ledger));
    expect(planOf(withLedger(more, fewer.ifWithdrawn)).addedSeats).toBe(70);
    expect(planOf(withLedger(more, fewer.ifKept)).addedSeats).toBe(65);
  });

  test('stay left out while the customer has no seats at all, and the deal says why', () => {
    const none = withdrawalOf(withLedger({}, base)).ifWithdrawn;
    const never = rejecting(selling(more));
    for (const left of [rejecting(withLedger(more, none)), never]) {
      expect(readingOf(withLedger(more, left))).toMatchObject({
        kind: 'nothing',
        reason: { code: 'approval.rejected' },
      });
    }
  });

  test('are no part of what the next plan goes by', () => {
    const asked = planOf(withLedger({ ...more, 'LEAD-101': 91 }, ledger));
    expect(asked.base).toEqual(base);
    expect(carriedOut(asked).settled).toEqual({});
  });
});

describe('a delivered deal', () => {
  test('has nothing to do while it sells what was delivered', () => {
    fc.assert(
      fc.property(somethingSold, (seats) => {
        const ledger = carriedOut(planOf(selling(seats)));
        expect(seatsBySku(ledger)).toEqual(seats);
        expect(readingOf(withLedger(seats, ledger)).kind).toBe('same');
        // Neither the name, nor the people, nor the close date are what is sold.
        const edited = { name: 'New', contacts: [], closeDate: null, owner: null, company: null };
        expect(readingOf(withLedger(seats, ledger, edited)).kind).toBe('same');
      }),
    );
  });

  test('ends with what it sells after any row of changes, and no token is ever made twice', () => {
    fc.assert(
      fc.property(fc.array(somethingSold, { minLength: 2, maxLength: 5 }), ([first, ...changes]) => {
        let ledger = carriedOut(planOf(selling(first ?? {})));
        for (const seats of changes) {
          const before = ledger;
          ledger = upToDate(seats, ledger);
          expect(seatsBySku(ledger)).toEqual(seats);
          expect(ledger.groups.slice(0, before.groups.length).map(({ token }) => token)).toEqual(
            before.groups.map(({ token }) => token),
          );
        }
        expect(new Set(ledger.groups.map(({ token }) => token)).size).toBe(ledger.groups.length);
      }),
    );
  });

  test('plans new groups for the difference alone, and hands over all that is active', () => {
    const ledger = carriedOut(planOf(selling({ 'LEAD-101': 25 })));
    const plan = planOf(withLedger({ 'LEAD-101': 30, 'NEGO-201': 4 }, ledger));
    expect(
      plan.groups.map(({ productKey: key, part, seatCount, existing }) => [key, part, seatCount, !existing]),
    ).toEqual([
      ['sku:lead-101', 1, 25, false],
      ['sku:lead-101', 2, 5, true],
      ['sku:nego-201', 1, 4, true],
    ]);
    expect(plan).toMatchObject({ seatCount: 34, addedSeats: 9, isAmendment: true });
  });

  test('writes under another key each time, and keeps the roster under its first name', () => {
    const first = planOf(selling({ 'LEAD-101': 25 }));
    const second = planOf(withLedger({ 'LEAD-101': 30 }, carriedOut(first), { name: 'Renamed' }));
    const third = planOf(withLedger({ 'LEAD-101': 31 }, carriedOut(second), { name: 'Renamed' }));
    const plans = [first, second, third];
    expect(new Set(plans.map(({ messages }) => messages[0]?.sendKey)).size).toBe(3);
    expect(new Set(plans.map(({ revision }) => revision)).size).toBe(3);
    expect(new Set(plans.map(({ rosterFileName }) => rosterFileName)).size).toBe(1);
  });

  test('is handed over to the end when the run that began it was lost, under the same keys', () => {
    const ledger = carriedOut(planOf(selling({ 'LEAD-101': 25 })));
    const plan = planOf(withLedger({ 'LEAD-101': 30 }, ledger));
    const pending: Ledger = { ...carriedOut(plan), isPending: true };
    const rest = planOf(withLedger({ 'LEAD-101': 30 }, pending));
    expect(rest).toMatchObject({
      addedSeats: 0,
      seatCount: 30,
      revision: plan.revision,
      messages: plan.messages,
    });
    expect(carriedOut(rest)).toEqual(carriedOut(plan));
    // The quantity was lowered again before: what may have been handed out is not forgotten.
    const { ifKept, ifWithdrawn } = withdrawalOf(withLedger({ 'LEAD-101': 25 }, pending));
    expect([ifKept.isPending, ifWithdrawn.isPending]).toEqual([true, undefined]);
    expect(activeSeats(ifWithdrawn)).toBe(25);
    expect(planOf(withLedger({ 'LEAD-101': 32 }, pending)).addedSeats).toBe(2);
  });

  test('asks for approval by the seats that are added', () => {
    const ledger = carriedOut(planOf(selling({ 'LEAD-101': 5_000 })));
    const questionAt = (seats: number) => moreOf(withLedger({ 'LEAD-101': seats }, ledger)).question;
    expect(questionAt(6_000)).toBeNull();
    expect(questionAt(6_001)).toMatchObject({ kind: 'approval', problems: [{ code: 'approval.required' }] });
  });

  test('has its problems listed like any other, and loses nothing meanwhile', () => {
    const ledger = carriedOut(planOf(selling({ 'LEAD-101': 25 })));
    const unmapped = deal({ lineItems: [line('NEW-1', 1)], written: writtenBy(ledger, deal()) });
    expect(readingOf(unmapped)).toMatchObject({
      kind: 'blocked',
      problems: [{ code: 'catalog.product_unmapped' }],
    });
  });

  test('without a ledger is compared by its total, and asks a person when that differs', () => {
    const written = { ...UNWRITTEN, status: 'Failed', groupIds: ['g'], groupLabels: ['l'], seats: 25 };
    expect(readingOf(selling({ 'LEAD-101': 25 }, { written })).kind).toBe('same');
    for (const changed of [
      selling({ 'LEAD-101': 26 }, { written }),
      selling({ 'LEAD-101': 25 }, { written, isWon: false }),
    ]) {
      expect(readingOf(changed)).toMatchObject({
        kind: 'blocked',
        problems: [{ code: 'deal.mark_unreadable' }],
      });
    }
  });

  test('whose ledger came from another deal is not taken for delivered, nor provisioned', () => {
    const ledger = carriedOut(planOf(selling({ 'LEAD-101': 25 }, { dealId: '9002' })));
    expect(readingOf(withLedger({ 'LEAD-101': 25 }, ledger))).toMatchObject({
      kind: 'blocked',
      problems: [{ code: 'deal.mark_foreign' }],
    });
  });
});

describe('a delivered deal whose product is matched in another way since', () => {
  const seats = { 'LEAD-101': 6, 'NEGO-201': 2 };
  const ledger = carriedOut(planOf(selling(seats)));

  /** The example with another entry for Leadership Essentials; null: with none. */
  function catalogWith(entry: Partial<GrantingProduct> | null): Catalog {
    return {
      ...EXAMPLE,
      products: EXAMPLE.products.flatMap((product) => {
        if (product.ignore || productKey(product) !== 'sku:lead-101') return [product];
        return entry === null ? [] : [{ ...product, ...entry }];
      }),
    };
  }

  test('waits for a person who is told of both, because it may be the same product', () => {
    const reading = readingOf(
      withLedger({ 'LEAD-2026': 7, 'NEGO-201': 2 }, ledger),
      catalogWith({ match: { sku: 'LEAD-2026' } }),
    );
    expect(reading).toMatchObject({ kind: 'blocked', problems: [{ code: 'catalog.product_unmapped' }] });
    const [{ message = '' } = {}] = reading.kind === 'blocked' ? reading.problems : [];
    expect(message).toBe(
      'No product of the catalog has the key "sku:lead-101", under which 6 seats are delivered, while more is ' +
        'sold of "Leadership Essentials" ("sku:lead-2026"): 0 seats delivered, 7 sold now. If that is the same ' +
        'product, add `key: "sku:lead-101"` to its entry; if not, keep an entry with that key',
    );
  });

  test('is never given new seats for it, whatever else changes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9_000 }), fc.nat(50), (lead, nego) => {
        const renamed = catalogWith({ match: { crm: 'hubspot', productId: '7001' } });
        const { lineItems, ...rest } = withLedger({ 'LEAD-101': lead, 'NEGO-201': nego }, ledger);
        const lines = lineItems.map((item) => ({ ...item, productId: '7001' }));
        expect(readingOf({ ...rest, lineItems: lines }, renamed).kind).toBe('blocked');
      }),
    );
  });

  test('has nothing to do when the entry keeps the old key', () => {
    const kept = catalogWith({ match: { sku: 'LEAD-2026' }, key: 'sku:lead-101' });
    expect(readingOf(withLedger({ 'LEAD-2026': 6, 'NEGO-201': 2 }, ledger), kept).kind).toBe('same');
    const more = planOf(withLedger({ 'LEAD-2026': 9, 'NEGO-201': 2 }, ledger), kept);
    expect(more.addedSeats).toBe(3);
    // The next part of what was delivered, under the token that it would have had all along.
    const before = planOf(withLedger({ 'LEAD-101': 9, 'NEGO-201': 2 }, ledger));
    expect(more.groups).toEqual(before.groups);
  });

  test('that sells another product instead gets that one first, while both are in the catalog', () => {
    const sold = { 'TRACK-MGR': 6, 'NEGO-201': 2 };
    const swapped = planOf(withLedger(sold, ledger));
    expect(swapped.addedSeats).toBe(6);
    expect(withdrawalOf(withLedger(sold, carriedOut(swapped))).withdrawnSeats).toBe(6);
  });

  test('that sells less of it, and no more of anything, asks whether to withdraw them as ever', () => {
    for (const catalog of [catalogWith(null), catalogWith({ match: { sku: 'LEAD-2026' } })]) {
      const { problems, withdrawnSeats } = withdrawalOf(withLedger({ 'NEGO-201': 2 }, ledger), catalog);
      expect(withdrawnSeats).toBe(6);
      expect(problems[0]?.message).toContain('"sku:lead-101": 6 seats delivered, 0 sold now');
    }
  });

  test('is not asked about seats that a person left with the customer', () => {
    const { ifKept } = withdrawalOf(withLedger({ 'NEGO-201': 2 }, ledger), catalogWith(null));
    const plan = planOf(withLedger({ 'NEGO-201': 5 }, ifKept), catalogWith(null));
    expect(plan.addedSeats).toBe(3);
    expect(readingOf(withLedger({ 'NEGO-201': 5 }, carriedOut(plan)), catalogWith(null)).kind).toBe('same');
  });
});

describe('seats that are not sold any more', () => {
  const ledger = upToDate({ 'LEAD-101': 30 }, carriedOut(planOf(selling({ 'LEAD-101': 25 }))));

  function lowered(count: number, redemptions: readonly number[]) {
    const groups = platformGroups(ledger, redemptions);
    return withdrawalOf(withLedger({ 'LEAD-101': count }, ledger), EXAMPLE, { groups });
  }

  test.each<[number, readonly number[], readonly number[]]>([
    // What nobody used goes first, of the newest group before older ones.
    [27, [0, 0], [25, 2]],
    [24, [0, 0], [24, 0]],
    [27, [0, 5], [22, 5]],
    // Then used ones, because no more is sold than that.
    [27, [25, 5], [25, 2]],
    [3, [25, 0], [3, 0]],
  ])('of 30, with %i left and %j redeemed, leave %j', (count, redemptions, remaining) => {
    const { groups, withdrawnSeats, ifWithdrawn } = lowered(count, redemptions);
    expect(groups.map(({ seatCount }) => seatCount)).toEqual(remaining);
    expect(withdrawnSeats).toBe(30 - count);
    expect(activeSeats(ifWithdrawn)).toBe(count);
  });

  test('are told with what was delivered, what is sold and what nobody used', () => {
    expect(lowered(27, [20, 1]).problems.map(({ message }) => message)).toEqual([
      '"Leadership Essentials": 30 seats delivered, 27 sold now; 9 of the delivered codes are not redeemed',
    ]);
  });

  test('ask for the same decision however many codes are redeemed meanwhile', () => {
    expect(lowered(27, [20, 1]).hash).toBe(lowered(27, [0, 0]).hash);
    expect(lowered(27, [0, 0]).hash).not.toBe(lowered(26, [0, 0]).hash);
  });

  test('are all of them when the deal is lost, whatever its lines say', () => {
    const lost = withLedger({ 'LEAD-101': 30 }, ledger, { isWon: false, stage: 'Closed lost' });
    const { problems, ifWithdrawn } = withdrawalOf(lost);
    expect(problems[0]?.message).toContain('"Closed lost", which is not a won stage');
    expect(activeSeats(ifWithdrawn)).toBe(0);
    expect(readingOf({ ...lost, written: writtenBy(ifWithdrawn, lost) })).toMatchObject({
      kind: 'nothing',
      reason: { code: 'deal.not_won' },
    });
  });

  test('that were left with the customer are not asked about again until even less is sold', () => {
    const { ifKept } = lowered(27, [0, 0]);
    const kindAt = (count: number) => readingOf(withLedger({ 'LEAD-101': count }, ifKept)).kind;
    expect([30, 28, 27, 26].map(kindAt)).toEqual(['same', 'same', 'same', 'fewer']);
    const raised = carriedOut(planOf(withLedger({ 'LEAD-101': 31 }, ifKept)));
    expect(readingOf(withLedger({ 'LEAD-101': 29 }, raised)).kind).toBe('fewer');
  });

  test('wait until what was raised is delivered', () => {
    const both = carriedOut(planOf(selling({ 'LEAD-101': 10, 'NEGO-201': 10 })));
    const plan = planOf(withLedger({ 'LEAD-101': 12, 'NEGO-201': 3 }, both));
    expect(plan).toMatchObject({ addedSeats: 2, seatCount: 22 });
    const { question } = fewerOf(withLedger({ 'LEAD-101': 12, 'NEGO-201': 3 }, carriedOut(plan)));
    expect(question).toMatchObject({ kind: 'withdrawal', problems: [{ code: 'withdrawal.required' }] });
  });
});
