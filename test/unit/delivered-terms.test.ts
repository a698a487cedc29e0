import { describe, expect, test } from '@jest/globals';
import { parseCatalog } from '../../src/config/load-catalog.ts';
import type { Catalog } from '../../src/domain/deal/catalog.ts';
import type { Deal } from '../../src/domain/deal/deal.ts';
import { notedLedger } from '../../src/domain/planning/ledger-after.ts';
import {
  BUYER,
  carriedOut,
  contact,
  deal,
  EXAMPLE,
  EXAMPLE_YAML,
  ensuredFor,
  FOR_LEARNERS,
  LEARNERS,
  line,
  moreOf,
  planOf,
  withdrawalOf,
  writtenBy,
} from './example-deals.ts';

/** The deal as it sells so many seats now, after it was delivered under `catalog`. */
function delivered(seats: number, catalog: Catalog, changes: Partial<Deal> = {}): Deal {
  const first = deal({ lineItems: [line('LEAD-101', 25)] });
  const ledger = carriedOut(planOf(first, catalog));
  return deal({ lineItems: [line('LEAD-101', seats)], written: writtenBy(ledger, first), ...changes });
}

describe('whom a delivered deal was handed to', () => {
  test('stays the buyer when the catalog turns to learners: its codes are in the roster of the buyer', () => {
    const plan = planOf(delivered(30, EXAMPLE), FOR_LEARNERS);
    expect(plan).toMatchObject({ audience: 'buyer', learnerContactIds: [] });
    expect(plan.messages.map(({ audience }) => audience)).toEqual(['buyer']);
    expect(withdrawalOf(delivered(20, EXAMPLE), FOR_LEARNERS).audience).toBe('buyer');
  });

  test('stays the learners when the catalog turns to buyers: they keep what they hold', () => {
    const plan = planOf(delivered(30, FOR_LEARNERS), EXAMPLE);
    expect(plan).toMatchObject({ audience: 'learners', learnerContactIds: ['6002', '6003'] });
    expect(withdrawalOf(delivered(20, FOR_LEARNERS), EXAMPLE).audience).toBe('learners');
  });

  test('is not asked of a deal that nothing was handed out of yet: what a person decided leaves that open', () => {
    const sale = deal({ lineItems: [line('LEAD-101', 25)] });
    const { question } = moreOf(sale, { ...EXAMPLE, approveAboveSeats: 0 });
    const left = question?.ifLeft ?? carriedOut(planOf(sale));
    const more = deal({ lineItems: [line('LEAD-101', 26)], written: writtenBy(left, sale) });
    expect(planOf(more, FOR_LEARNERS).audience).toBe('learners');
  });

  test('rests from the moment in which a message may be out, whether or not the run came to its end', () => {
    const sale = deal({ lineItems: [line('LEAD-101', 25)] });
    const begun = planOf(sale, FOR_LEARNERS);
    const resumed = deal({ ...sale, written: writtenBy(notedLedger(begun, ensuredFor(begun)), sale) });
    const plan = planOf(resumed, EXAMPLE);
    expect(plan).toMatchObject({ audience: 'learners', messages: begun.messages, isAmendment: false });
  });
});

describe('the link template of a delivered group', () => {
  const moved = parseCatalog(EXAMPLE_YAML, { learnerUrl: 'https://new.vendor.example' });
  const [acme] = EXAMPLE.partners;
  if (acme === undefined) throw new Error('the example catalog has no partner');
  const branded: Catalog = {
    ...EXAMPLE,
    partners: [{ ...acme, redeemUrl: 'https://learn.vendor.example/acme/{code}' }],
  };

  test.each<[string, Catalog, Partial<Deal>, Catalog]>([
    ['the learner site moves', EXAMPLE, {}, moved],
    ['its partner gets a page of its own', EXAMPLE, {}, branded],
    ['the company is renamed, so that the partner is none any more', branded, { company: null }, branded],
  ])(
    'stays what its links were made with when %s; new groups have the new one',
    (_, before, changes, after) => {
      const plan = planOf(delivered(30, before, changes), after);
      const [first] = planOf(deal(), before).groups;
      const [fresh] = planOf(deal(changes), after).groups;
      expect(fresh?.redeemUrl).not.toBe(first?.redeemUrl);
      expect(plan.groups.map(({ redeemUrl }) => redeemUrl)).toEqual([first?.redeemUrl, fresh?.redeemUrl]);
      const [withdrawn] = withdrawalOf(delivered(20, before, changes), after).groups;
      expect(withdrawn?.redeemUrl).toBe(first?.redeemUrl);
    },
  );
});

describe('the groups that a later learner may draw from', () => {
  const later = contact('6004', { roles: ['Learner'] });

  test('are those of this plan: every group that was delivered is marked so', () => {
    const grown = delivered(30, FOR_LEARNERS, { contacts: [BUYER, ...LEARNERS, later] });
    const plan = planOf(grown, FOR_LEARNERS);
    expect(plan.groups.map(({ seatCount, existing }) => [seatCount, existing?.isNew])).toEqual([
      [25, false],
      [5, undefined],
    ]);
    expect(plan.isAmendment).toBe(true);
    // Once that is delivered too, nobody draws from it any more.
    const done = deal({
      ...grown,
      written: writtenBy(carriedOut(plan), grown),
      lineItems: [line('LEAD-101', 31)],
    });
    const next = planOf(done, FOR_LEARNERS);
    expect(next.groups.map(({ existing }) => existing?.isNew)).toEqual([false, false, undefined]);
  });

  test('are those of a hand-over that was begun, until it is finished', () => {
    const grown = delivered(30, FOR_LEARNERS);
    const begun = planOf(grown, FOR_LEARNERS);
    const noted = notedLedger(begun, ensuredFor(begun));
    const resumed = planOf({ ...grown, written: writtenBy(noted, grown) }, FOR_LEARNERS);
    expect(resumed.groups.map(({ existing }) => existing?.isNew)).toEqual([false, true]);
    expect(resumed).toMatchObject({ revision: begun.revision, messages: begun.messages, addedSeats: 0 });
    const ended = carriedOut(resumed);
    expect(ended).toEqual(carriedOut(begun));
    expect(ended.groups.some(({ isNew }) => isNew)).toBe(false);
  });

  test('are none of a roster that is only put back', () => {
    const again = delivered(25, FOR_LEARNERS);
    const plan = planOf(again, FOR_LEARNERS, { source: 'person', isRosterThere: false });
    expect(plan).toMatchObject({ addedSeats: 0, messages: [] });
    expect(plan.groups.map(({ existing }) => existing?.isNew)).toEqual([false]);
  });
});
