import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Catalog, type GrantingProduct, productKey } from '../../src/domain/deal/catalog.ts';
import type { Deal } from '../../src/domain/deal/deal.ts';
import { activeSeats, activeSeatsByProduct, type Ledger } from '../../src/domain/deal/ledger.ts';
import { buildPlan } from '../../src/domain/planning/build-plan.ts';
import { deliveredLedger, rejectedLedger } from '../../src/domain/planning/ledger-after.ts';
import type { Plan, PlanOutcome } from '../../src/domain/planning/plan.ts';
import type { CodeGroup } from '../../src/domain/seats/code-group.ts';
import { deal, EXAMPLE, line, planOf, readyPlan, sha256, TODAY } from './example-deals.ts';

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
  const mark = { status: 'Delivered', groupIds: [], groupLabels: [], seatCount: activeSeats(ledger), ledger };
  return selling(seats, { mark, ...changes });
}

/** The ledger after a plan was carried out. */
function carriedOut(plan: Plan): Ledger {
  const groups = plan.groups.map(({ token, label, seatCount, delivered }) => ({
    token,
    label,
    seatCount,
    groupId: delivered?.groupId ?? `id-of-${token}`,
    wasAdopted: false,
    orphans: [],
  }));
  const roster = {
    fileId: '1',
    url: 'u',
    fileName: plan.rosterFileName,
    codeCount: plan.seatCount,
    sha256: 'a',
  };
  return deliveredLedger(plan, groups, roster);
}

function clawBackOf(outcome: PlanOutcome) {
  if (outcome.kind !== 'clawBack') throw new Error(`expected a claw-back, found ${JSON.stringify(outcome)}`);
  return outcome.clawBack;
}

/** Follows plans and approved claw-backs until nothing is left to do, as runs do. */
function settled(seats: Sold, ledger: Ledger): Ledger {
  for (let round = 0; round < 3; round += 1) {
    const outcome = planOf(withLedger(seats, ledger));
    if (outcome.kind === 'ready') ledger = carriedOut(outcome.plan);
    else if (outcome.kind === 'clawBack') ledger = outcome.clawBack.ifWithdrawn;
    else return ledger;
  }
  return ledger;
}

function seatsBySku(ledger: Ledger): Record<string, number> {
  const seats = activeSeatsByProduct(ledger);
  return Object.fromEntries(SKUS.map((sku) => [sku, seats.get(`sku:${sku}`) ?? 0]));
}

/** The ledger after a person would not have the plan's new groups made. */
function rejecting(deal: Deal): Ledger {
  return rejectedLedger(readyPlan(deal));
}

describe('more seats that a person rejected', () => {
  const base = carriedOut(readyPlan(selling({ 'LEAD-101': 25, 'NEGO-201': 4 })));
  const more = { 'LEAD-101': 90, 'NEGO-201': 4 };
  const ledger = rejecting(withLedger(more, base));

  test('are not asked about again, whatever else of the deal is edited', () => {
    const edited = { name: 'New', contacts: [], closeDate: null, owner: null, company: null };
    for (const changes of [{}, edited]) {
      expect(planOf(withLedger(more, ledger, changes))).not.toHaveProperty('forgetting');
      expect(planOf(withLedger(more, ledger, changes)).kind).toBe('delivered');
    }
  });

  test('are asked about once another number is sold, of any product, or the deal is won anew', () => {
    const added = (seats: Sold, changes: Partial<Deal> = {}) =>
      readyPlan(withLedger(seats, ledger, changes)).addedSeats;
    expect(added({ ...more, 'LEAD-101': 89 })).toBe(64);
    expect(added({ ...more, 'LEAD-101': 30 })).toBe(5);
    expect(added({ ...more, 'NEGO-201': 5 })).toBe(66);
    expect(added({ ...more, 'TRACK-MGR': 1 })).toBe(66);
    expect(added(more, { wonAt: '2026-11-19T10:00:00.000Z' })).toBe(65);
  });

  test('are asked about when a person asks for the deal', () => {
    const context = { sha256, today: TODAY, reconsiders: true };
    expect(buildPlan(withLedger(more, ledger), EXAMPLE, context)).toMatchObject({
      kind: 'ready',
      plan: { addedSeats: 65 },
    });
  });

  test('are forgotten when what was delivered is sold again, and asked about when they come back', () => {
    const outcome = planOf(withLedger({ 'LEAD-101': 25, 'NEGO-201': 4 }, ledger));
    expect(outcome).toMatchObject({ kind: 'delivered', forgetting: { ledger: base } });
    const forgotten = outcome.kind === 'delivered' ? outcome.forgetting?.ledger : undefined;
    expect(forgotten).not.toHaveProperty('rejected');
    expect(readyPlan(withLedger(more, forgotten ?? ledger)).addedSeats).toBe(65);
  });

  test('do not keep less of another product from being asked about', () => {
    const both = { 'LEAD-101': 90, 'NEGO-201': 1 };
    const rejected = rejecting(withLedger(both, base));
    const clawBack = clawBackOf(planOf(withLedger(both, rejected)));
    expect(clawBack.withdrawnSeats).toBe(3);
    expect(planOf(withLedger(both, clawBack.ifWithdrawn)).kind).toBe('delivered');
    expect(planOf(withLedger(both, clawBack.ifKept)).kind).toBe('delivered');
  });

  test('do not keep a top-up from being handed over to the end', () => {
    const topUp = readyPlan(withLedger({ 'LEAD-101': 30, 'NEGO-201': 4 }, base));
    const pending: Ledger = { ...carriedOut(topUp), isPending: true };
    const plan = readyPlan(withLedger(more, rejecting(withLedger(more, pending))));
    expect(plan).toMatchObject({ seatCount: 34, addedSeats: 0, revision: topUp.revision });
    const ended = carriedOut(plan);
    expect(ended.isPending).toBeUndefined();
    expect(planOf(withLedger(more, ended)).kind).toBe('delivered');
  });

  test('are asked about when only a part of them is still sold', () => {
    const both = { 'LEAD-101': 90, 'NEGO-201': 9 };
    const rejected = rejecting(withLedger(both, base));
    expect(planOf(withLedger(both, rejected)).kind).toBe('delivered');
    expect(readyPlan(withLedger({ ...both, 'LEAD-101': 25 }, rejected)).addedSeats).toBe(5);
  });

  test('are asked about when some of what was delivered was taken back meanwhile', () => {
    const fewer = clawBackOf(planOf(withLedger({ 'LEAD-101': 20, 'NEGO-201': 4 }, ledger)));
    expect(readyPlan(withLedger(more, fewer.ifWithdrawn)).addedSeats).toBe(70);
    expect(readyPlan(withLedger(more, fewer.ifKept)).addedSeats).toBe(65);
  });

  test('are asked about while the customer has no seats at all', () => {
    const none = clawBackOf(planOf(withLedger({}, base))).ifWithdrawn;
    expect(readyPlan(withLedger(more, rejecting(withLedger(more, none)))).addedSeats).toBe(94);
  });

  test('are no part of what the next plan goes by', () => {
    const asked = readyPlan(withLedger({ ...more, 'LEAD-101': 91 }, ledger));
    expect(asked.base).toEqual(base);
    expect(carriedOut(asked)).not.toHaveProperty('rejected');
  });
});

describe('a delivered deal', () => {
  test('has nothing to do while it sells what was delivered', () => {
    fc.assert(
      fc.property(somethingSold, (seats) => {
        const ledger = carriedOut(readyPlan(selling(seats)));
        expect(seatsBySku(ledger)).toEqual(seats);
        expect(planOf(withLedger(seats, ledger)).kind).toBe('delivered');
        // Neither the name, nor the people, nor the close date are what is sold.
        const edited = { name: 'New', contacts: [], closeDate: null, owner: null, company: null };
        expect(planOf(withLedger(seats, ledger, edited)).kind).toBe('delivered');
      }),
    );
  });

  test('ends with what it sells after any row of changes, and no token is ever made twice', () => {
    fc.assert(
      fc.property(fc.array(somethingSold, { minLength: 2, maxLength: 5 }), ([first, ...changes]) => {
        let ledger = carriedOut(readyPlan(selling(first ?? {})));
        for (const seats of changes) {
          const before = ledger;
          ledger = settled(seats, ledger);
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
    const ledger = carriedOut(readyPlan(selling({ 'LEAD-101': 25 })));
    const plan = readyPlan(withLedger({ 'LEAD-101': 30, 'NEGO-201': 4 }, ledger));
    expect(
      plan.groups.map(({ productKey, part, seatCount, delivered }) => [
        productKey,
        part,
        seatCount,
        !delivered,
      ]),
    ).toEqual([
      ['sku:LEAD-101', 1, 25, false],
      ['sku:LEAD-101', 2, 5, true],
      ['sku:NEGO-201', 1, 4, true],
    ]);
    expect(plan).toMatchObject({ seatCount: 34, addedSeats: 9, isClawBackDue: false });
  });

  test('writes under another key each time, and keeps the roster under its first name', () => {
    const first = readyPlan(selling({ 'LEAD-101': 25 }));
    const second = readyPlan(withLedger({ 'LEAD-101': 30 }, carriedOut(first), { name: 'Renamed' }));
    const third = readyPlan(withLedger({ 'LEAD-101': 31 }, carriedOut(second), { name: 'Renamed' }));
    const plans = [first, second, third];
    expect(new Set(plans.map(({ messages }) => messages[0]?.sendKey)).size).toBe(3);
    expect(new Set(plans.map(({ revision }) => revision)).size).toBe(3);
    expect(new Set(plans.map(({ rosterFileName }) => rosterFileName)).size).toBe(1);
  });

  test('is handed over to the end when the run that began it was lost, under the same keys', () => {
    const ledger = carriedOut(readyPlan(selling({ 'LEAD-101': 25 })));
    const plan = readyPlan(withLedger({ 'LEAD-101': 30 }, ledger));
    const pending: Ledger = { ...carriedOut(plan), isPending: true };
    const rest = readyPlan(withLedger({ 'LEAD-101': 30 }, pending));
    expect(rest).toMatchObject({
      addedSeats: 0,
      seatCount: 30,
      revision: plan.revision,
      messages: plan.messages,
    });
    expect(carriedOut(rest)).toEqual(carriedOut(plan));
    // The quantity was lowered again before: what may have been handed out is not forgotten.
    const { ifKept, ifWithdrawn } = clawBackOf(planOf(withLedger({ 'LEAD-101': 25 }, pending)));
    expect([ifKept.isPending, ifWithdrawn.isPending]).toEqual([true, undefined]);
    expect(activeSeats(ifWithdrawn)).toBe(25);
    expect(planOf(withLedger({ 'LEAD-101': 32 }, pending))).toMatchObject({
      kind: 'ready',
      plan: { addedSeats: 2 },
    });
  });

  test('asks for approval by the seats that are added', () => {
    const ledger = carriedOut(readyPlan(selling({ 'LEAD-101': 5_000 })));
    expect(readyPlan(withLedger({ 'LEAD-101': 6_000 }, ledger)).needsApproval).toBe(false);
    expect(readyPlan(withLedger({ 'LEAD-101': 6_001 }, ledger)).needsApproval).toBe(true);
  });

  test('has its problems listed like any other, and loses nothing meanwhile', () => {
    const ledger = carriedOut(readyPlan(selling({ 'LEAD-101': 25 })));
    const unmapped = deal({
      lineItems: [line('NEW-1', 1)],
      mark: { status: 'Delivered', groupIds: [], groupLabels: [], seatCount: 25, ledger },
    });
    expect(planOf(unmapped)).toMatchObject({
      kind: 'blocked',
      problems: [{ code: 'catalog.product_unmapped' }],
    });
  });

  test('without a ledger is compared by its total, and asks a person when that differs', () => {
    const mark = { status: 'Failed', groupIds: ['g'], groupLabels: ['l'], seatCount: 25, ledger: null };
    expect(planOf(selling({ 'LEAD-101': 25 }, { mark })).kind).toBe('delivered');
    for (const changed of [
      selling({ 'LEAD-101': 26 }, { mark }),
      selling({ 'LEAD-101': 25 }, { mark, isWon: false }),
    ]) {
      expect(planOf(changed)).toMatchObject({
        kind: 'blocked',
        problems: [{ code: 'deal.mark_unreadable' }],
      });
    }
  });

  test('whose ledger came from another deal is not taken for delivered, nor provisioned', () => {
    const ledger = carriedOut(readyPlan(selling({ 'LEAD-101': 25 }, { dealId: '9002' })));
    expect(planOf(withLedger({ 'LEAD-101': 25 }, ledger))).toMatchObject({
      kind: 'blocked',
      problems: [{ code: 'deal.mark_foreign' }],
    });
  });
});

describe('a delivered deal whose product is matched in another way since', () => {
  const seats = { 'LEAD-101': 6, 'NEGO-201': 2 };
  const ledger = carriedOut(readyPlan(selling(seats)));

  /** The example with another entry for Leadership Essentials; null: with none. */
  function catalogWith(entry: Partial<GrantingProduct> | null): Catalog {
    return {
      ...EXAMPLE,
      products: EXAMPLE.products.flatMap((product) => {
        if (product.ignore || productKey(product) !== 'sku:LEAD-101') return [product];
        return entry === null ? [] : [{ ...product, ...entry }];
      }),
    };
  }

  test('waits for a person who is told of both, because it may be the same product', () => {
    const outcome = planOf(
      withLedger({ 'LEAD-2026': 7, 'NEGO-201': 2 }, ledger),
      catalogWith({ match: { sku: 'LEAD-2026' } }),
    );
    expect(outcome).toMatchObject({ kind: 'blocked', problems: [{ code: 'catalog.product_unmapped' }] });
    const [{ message = '' } = {}] = outcome.kind === 'blocked' ? outcome.problems : [];
    expect(message).toBe(
      'No product of the catalog has the key "sku:LEAD-101", under which 6 seats are delivered, while more is ' +
        'sold of "Leadership Essentials" ("sku:LEAD-2026"): 0 seats delivered, 7 sold now. If that is the same ' +
        'product, add `key: "sku:LEAD-101"` to its entry; if not, keep an entry with that key',
    );
  });

  test('is never given new seats for it, whatever else changes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9_000 }), fc.nat(50), (lead, nego) => {
        const renamed = catalogWith({ match: { hubspotProductId: '7001' } });
        const { lineItems, ...rest } = withLedger({ 'LEAD-101': lead, 'NEGO-201': nego }, ledger);
        const lines = lineItems.map((item) => ({ ...item, productId: '7001' }));
        expect(planOf({ ...rest, lineItems: lines }, renamed).kind).toBe('blocked');
      }),
    );
  });

  test('has nothing to do when the entry keeps the old key', () => {
    const kept = catalogWith({ match: { sku: 'LEAD-2026' }, key: 'sku:LEAD-101' });
    expect(planOf(withLedger({ 'LEAD-2026': 6, 'NEGO-201': 2 }, ledger), kept).kind).toBe('delivered');
    const more = readyPlan(withLedger({ 'LEAD-2026': 9, 'NEGO-201': 2 }, ledger), kept);
    expect(more).toMatchObject({ addedSeats: 3, isClawBackDue: false });
    // The next part of what was delivered, under the token that it would have had all along.
    const before = readyPlan(withLedger({ 'LEAD-101': 9, 'NEGO-201': 2 }, ledger));
    expect(more.groups).toEqual(before.groups);
  });

  test('that sells another product instead gets that one first, while both are in the catalog', () => {
    const swapped = readyPlan(withLedger({ 'TRACK-MGR': 6, 'NEGO-201': 2 }, ledger));
    expect(swapped).toMatchObject({ addedSeats: 6, isClawBackDue: true });
  });

  test('that sells less of it, and no more of anything, asks for the seats back as ever', () => {
    for (const catalog of [catalogWith(null), catalogWith({ match: { sku: 'LEAD-2026' } })]) {
      const { problems, withdrawnSeats } = clawBackOf(planOf(withLedger({ 'NEGO-201': 2 }, ledger), catalog));
      expect(withdrawnSeats).toBe(6);
      expect(problems[0]?.message).toContain('"sku:LEAD-101": 6 seats delivered, 0 sold now');
    }
  });

  test('is not asked about seats that a person left with the customer', () => {
    const { ifKept } = clawBackOf(planOf(withLedger({ 'NEGO-201': 2 }, ledger), catalogWith(null)));
    const plan = readyPlan(withLedger({ 'NEGO-201': 5 }, ifKept), catalogWith(null));
    expect(plan).toMatchObject({ addedSeats: 3, isClawBackDue: false });
  });
});

describe('seats that are not sold any more', () => {
  const ledger = settled({ 'LEAD-101': 30 }, carriedOut(readyPlan(selling({ 'LEAD-101': 25 }))));

  function redeemed(counts: readonly number[]): ReadonlyMap<string, CodeGroup> {
    return new Map(
      ledger.groups.map(({ group, issued, token }, index) => [
        group,
        {
          id: group,
          label: `label-${token}`,
          seatCount: issued,
          client: null,
          codesExpireAt: null,
          accessDays: 365,
          accessUntil: null,
          grants: { courses: [], learningPaths: [], bundles: [], licenses: [] },
          redeemedCount: counts[index] ?? 0,
        },
      ]),
    );
  }

  function lowered(count: number, redemptions: readonly number[]) {
    const context = { sha256, today: TODAY, delivered: redeemed(redemptions) };
    return clawBackOf(buildPlan(withLedger({ 'LEAD-101': count }, ledger), EXAMPLE, context));
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
    const lost = withLedger({ 'LEAD-101': 30 }, ledger, { isWon: false, wonAt: null, stage: 'Closed lost' });
    const { problems, ifWithdrawn } = clawBackOf(planOf(lost));
    expect(problems[0]?.message).toContain('"Closed lost", which is not a won stage');
    expect(activeSeats(ifWithdrawn)).toBe(0);
    expect(planOf({ ...lost, mark: lost.mark && { ...lost.mark, ledger: ifWithdrawn } })).toMatchObject({
      kind: 'skipped',
      reason: { code: 'deal.not_won' },
    });
  });

  test('that were left with the customer are not asked about again until even less is sold', () => {
    const { ifKept } = lowered(27, [0, 0]);
    const kindAt = (count: number) => planOf(withLedger({ 'LEAD-101': count }, ifKept)).kind;
    expect([30, 28, 27, 26].map(kindAt)).toEqual(['delivered', 'delivered', 'delivered', 'clawBack']);
    const raised = carriedOut(readyPlan(withLedger({ 'LEAD-101': 31 }, ifKept)));
    expect(planOf(withLedger({ 'LEAD-101': 29 }, raised)).kind).toBe('clawBack');
  });

  test('wait until what was raised is delivered', () => {
    const both = carriedOut(readyPlan(selling({ 'LEAD-101': 10, 'NEGO-201': 10 })));
    const plan = readyPlan(withLedger({ 'LEAD-101': 12, 'NEGO-201': 3 }, both));
    expect(plan).toMatchObject({ addedSeats: 2, seatCount: 22, isClawBackDue: true });
    expect(planOf(withLedger({ 'LEAD-101': 12, 'NEGO-201': 3 }, carriedOut(plan))).kind).toBe('clawBack');
  });
});
