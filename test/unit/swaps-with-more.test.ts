import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Catalog } from '../../src/domain/deal/catalog.ts';
import { activeSeats } from '../../src/domain/deal/ledger.ts';
import type { HeldSeat, SeatFacts } from '../../src/domain/planning/seat-facts.ts';
import {
  carriedOut,
  contact,
  deal,
  FOR_LEARNERS,
  line,
  planOf,
  readingOf,
  writtenBy,
} from './example-deals.ts';

const BUYER = contact('6001', { roles: ['Buyer'] });
const KEEPING: Catalog = {
  ...FOR_LEARNERS,
  handOver: { ...FOR_LEARNERS.handOver, leftOver: 'laterLearners' },
};

type Use = 'unused' | 'used' | 'busy';

interface Case {
  /** What becomes of the learners who had seats, one each; and whether they are still on the deal. */
  readonly before: readonly { readonly use: Use; readonly stays: boolean }[];
  /** Seats that nobody had. */
  readonly free: number;
  readonly comers: number;
  readonly more: number;
}

const ids = (from: number, count: number) => Array.from({ length: count }, (_, n) => String(from + n));
const learner = (id: string) => contact(id, { roles: ['Learner'] });

/** A delivered deal of which learners left, to which others came, and which is sold with more seats. */
function amended({ before, free, comers, more }: Case) {
  const was = ids(6_100, before.length);
  const delivered = before.length + free;
  const sold = (quantity: number) => ({ lineItems: [line('LEAD-101', quantity)] });
  const first = deal({ ...sold(delivered), contacts: [BUYER, ...was.map(learner)] });
  const ledger = carriedOut(planOf(first, KEEPING));
  const [group] = ledger.groups;
  const productKey = group?.product ?? '';
  const held = was.map((contactId, index): HeldSeat => {
    const use = before[index]?.use;
    const token = group?.token ?? '';
    const isBusy = use === 'busy';
    return {
      seatId: `seat-${contactId}`,
      contactId,
      productKey,
      token,
      isRedeemed: use !== 'unused',
      isBusy,
      isGoing: false,
    };
  });
  const staying = was.filter((_, index) => before[index]?.stays);
  const gone = was.filter((id) => !staying.includes(id));
  const came = ids(7_100, comers);
  const now = deal({
    ...sold(delivered + more),
    contacts: [BUYER, ...[...staying, ...came].map(learner)],
    written: writtenBy(ledger, first),
  });
  const seats: SeatFacts = { free: new Map([[productKey, free]]), coming: [], without: [], held };
  return { reading: readingOf(now, KEEPING, { seats }), gone, came, held, sold: delivered + more };
}

describe('Learners are replaced on a deal that is sold with more seats', () => {
  test('the code of who left is retired, and one more is made beside those that are sold more', () => {
    const { reading, came } = amended({
      before: [{ use: 'unused', stays: false }],
      free: 0,
      comers: 2,
      more: 1,
    });
    if (reading.kind !== 'more') throw new Error(JSON.stringify(reading));
    const { plan } = reading;
    expect(plan).toMatchObject({
      leaving: ['6100'],
      addedSeats: 2,
      seatCount: 2,
      learnerContactIds: came,
    });
    expect(Object.values(plan.retired ?? {})).toEqual([1]);
    expect(plan.groups.filter(({ existing }) => existing === undefined)).toHaveLength(1);
    expect(carriedOut(plan).learners).toEqual(came);
  });

  test('the seat of who left is in use, and with it there are enough -> people are asked about it first', () => {
    const { reading } = amended({ before: [{ use: 'used', stays: false }], free: 0, comers: 2, more: 1 });
    expect(reading).toMatchObject({ kind: 'swapping', swap: { pairs: [{ seatId: 'seat-6100' }] } });
  });

  test('the seats that are sold more are enough -> no one is asked about a seat in use', () => {
    const { reading } = amended({ before: [{ use: 'used', stays: false }], free: 0, comers: 1, more: 1 });
    expect(reading).toMatchObject({ kind: 'more', plan: { addedSeats: 1 } });
  });

  test('there are too few all the same -> the deal says for how many', () => {
    const { reading } = amended({ before: [{ use: 'busy', stays: false }], free: 0, comers: 2, more: 1 });
    expect(reading).toMatchObject({
      kind: 'blocked',
      problems: [
        { code: 'deal.too_few_seats', message: expect.stringMatching(/^1 unused code for 2 learners/) },
      ],
    });
  });

  test('whatever comes together: as many seats as are sold, none for two, and none taken that is in use', () => {
    const cases: fc.Arbitrary<Case> = fc.record({
      before: fc.array(
        fc.record({ use: fc.constantFrom<Use>('unused', 'used', 'busy'), stays: fc.boolean() }),
        { minLength: 1, maxLength: 4 },
      ),
      free: fc.integer({ min: 0, max: 2 }),
      comers: fc.integer({ min: 1, max: 4 }),
      more: fc.integer({ min: 0, max: 3 }),
    });
    fc.assert(
      fc.property(cases, (given) => {
        const { reading, gone, came, held, sold } = amended(given);
        const ofGone = held.filter(({ contactId }) => gone.includes(contactId));
        const unused = ofGone.filter(({ isRedeemed, isBusy }) => !isRedeemed && !isBusy);
        const replaced = Math.min(unused.length, came.length);
        const missing = came.length - replaced - given.free - given.more;
        const canGo = ofGone.filter(({ isBusy }) => !isBusy).length - replaced;
        if (missing > 0 && missing > canGo) {
          expect(reading.kind).toBe('blocked');
          return;
        }
        if (missing > 0) {
          if (reading.kind !== 'swapping') throw new Error(JSON.stringify(reading));
          const { pairs } = reading.swap;
          expect(pairs).toHaveLength(missing);
          expect(new Set(pairs.map(({ seatId }) => seatId)).size).toBe(missing);
          expect(new Set(pairs.map(({ to }) => to)).size).toBe(missing);
          for (const { from, to } of pairs)
            expect([gone, came]).toEqual([expect.arrayContaining([from]), expect.arrayContaining([to])]);
          return;
        }
        if (reading.kind !== 'more') throw new Error(JSON.stringify(reading));
        const { plan } = reading;
        expect(plan.seatCount).toBe(sold);
        expect(new Set(plan.groups.map(({ token }) => token)).size).toBe(plan.groups.length);
        expect(plan.addedSeats).toBe(given.more + replaced);
        const leaving = plan.leaving ?? [];
        expect(leaving).toHaveLength(replaced);
        for (const id of leaving) expect(unused.map(({ contactId }) => contactId)).toContain(id);
        const after = carriedOut(plan);
        expect(activeSeats(after)).toBe(sold);
        for (const id of leaving) expect(after.learners).not.toContain(id);
        for (const id of came) expect(after.learners).toContain(id);
      }),
    );
  });
});
