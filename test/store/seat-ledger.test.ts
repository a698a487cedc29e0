import { randomUUID } from 'node:crypto';
import { expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { DealseatError } from '../../src/domain/failure.ts';
import type { OperationAsk } from '../../src/domain/seats/operation.ts';
import { changeSeat } from '../../src/store/change-seat.ts';
import { type OperationRequest, requestOperation } from '../../src/store/request-operation.ts';
import type { SeatStore } from '../../src/store/seat-store.ts';
import { showLink } from '../../src/store/show-link.ts';
import { inTransaction } from '../../src/store/transaction.ts';
import { stepsOf } from '../support/drive-operation.ts';
import { ledgerFaults } from '../support/ledger.ts';
import { openSeatStore } from '../support/seat-store.ts';
import { learner, sellSeats } from '../support/sold-seats.ts';

jest.setTimeout(300_000);

const AT = new Date('2026-11-30T10:00:00.000Z');
const SEATS = 5;
const KIM = { kind: 'person', name: 'Kim Vale' } as const;
const RUNS = Number(process.env.FUZZ_RUNS ?? 8);

const index = fc.nat({ max: 11 });
const to = fc.record({
  email: fc.constantFrom('p0@a.example', 'P1@a.example', 'p2@a.example', 'q@a.example', 'r@a.example'),
  firstName: fc.constant(null),
  lastName: fc.constant(null),
  contactId: fc.constantFrom(null, '9001'),
});
const ask: fc.Arbitrary<OperationAsk> = fc.oneof(
  fc.constant<OperationAsk>({ kind: 'revoke', input: {} }),
  fc.record({
    kind: fc.constant('reassign' as const),
    input: fc.record({ to, by: fc.constantFrom('code' as const, 'access' as const) }),
  }),
  fc.record({ kind: fc.constant('grant' as const), input: fc.record({ to }) }),
  fc.record({
    kind: fc.constant('reissue' as const),
    input: fc.record({ how: fc.constantFrom('same_code' as const, 'new_code' as const) }),
  }),
  fc.constant<OperationAsk>({ kind: 'extend', input: { until: '2029-01-01T00:00:00.000Z' } }),
);
const act = fc.oneof(
  { weight: 4, arbitrary: fc.record({ what: fc.constant('ask' as const), seat: index, ask }) },
  {
    weight: 6,
    arbitrary: fc.record({
      what: fc.constant('step' as const),
      of: index,
      answer: fc.constantFrom('done' as const, 'done' as const, 'refused' as const),
    }),
  },
  // A learner redeems, and the platform tells of it.
  { weight: 2, arbitrary: fc.record({ what: fc.constant('redeem' as const), seat: index }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('show' as const), seat: index }) },
);

test('whatever is asked, whatever the platform answers, in whatever order: used + reserved + free is what was sold, no person has two seats, no code fills two, and the events play back to every seat', async () => {
  const store = await openSeatStore();
  let deals = 0;
  try {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 10, maxLength: 30 }), async (acts) => {
        deals += 1;
        const [first] = await sellSeats(store, {
          deal: { crm: 'hubspot', account: '62515', dealId: String(deals) },
          codes: Array.from({ length: SEATS }, (_, at) => `code-${deals}-${at}`),
          learners: [0, 1, 2].map((at) => learner(`p${at}@a.example`, String(at))),
          used: 2,
        });
        await play(store, first?.order_id ?? 0, acts);
      }),
      { numRuns: RUNS },
    );
  } finally {
    await store.close();
  }
});

type Act = typeof act extends fc.Arbitrary<infer T> ? T : never;

async function play(store: SeatStore, orderId: number, acts: readonly Act[]): Promise<void> {
  const open: { readonly steps: (answer: 'done' | 'refused') => Promise<boolean> }[] = [];
  const liveSeats = () =>
    store.db
      .selectFrom('seats')
      .selectAll()
      .where('order_id', '=', orderId)
      .where('state', '<>', 'ended')
      .orderBy('created_at')
      .orderBy('id')
      .execute();
  for (const [at, one] of acts.entries()) {
    if (one.what === 'step') {
      const chosen = open.length === 0 ? undefined : open[one.of % open.length];
      if (chosen !== undefined && (await chosen.steps(one.answer))) open.splice(open.indexOf(chosen), 1);
    } else {
      const seats = await liveSeats();
      const seat = seats[one.seat % seats.length];
      if (seat === undefined) throw new Error('All seats are gone');
      if (one.what === 'redeem') {
        // Only a code that somebody has can be used.
        if (['exposed', 'claimed', 'removing'].includes(seat.state)) {
          await inTransaction(store.db, (trx) =>
            changeSeat(trx, {
              kind: 'redeemed',
              actor: { kind: 'platform', name: null },
              at: AT,
              seatId: seat.id,
              version: seat.version,
              set: { state: 'redeemed', redeemed_at: AT.toISOString() },
            }),
          );
        }
      } else {
        await orRefused(async () => {
          const happening = { actor: KIM, reason: null, at: AT };
          if (one.what === 'show')
            return void (await showLink(store, { id: randomUUID(), seatId: seat.id, ...happening }));
          const id = `op-${orderId}-${at}`;
          const request = { ...one.ask, ...happening, id, seatId: seat.id } as OperationRequest;
          const { operation } = await requestOperation(store, request);
          open.push({ steps: stepper(store, operation) });
        });
      }
    }
    expect(await ledgerFaults(store, orderId, SEATS)).toEqual([]);
  }
  // What is under way ends.
  while (open.length > 0) {
    for (const one of [...open]) if (await one.steps('done')) open.splice(open.indexOf(one), 1);
  }
  expect(await ledgerFaults(store, orderId, SEATS)).toEqual([]);
}

/** The answer of the platform is the one at the first step. */
function stepper(store: SeatStore, operation: Parameters<typeof stepsOf>[1]) {
  let steps: ReturnType<typeof stepsOf> | null = null;
  return async (answer: 'done' | 'refused'): Promise<boolean> => {
    steps ??= stepsOf(store, operation, { answer, at: AT });
    const { done } = await steps.next();
    return done === true;
  };
}

async function orRefused(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof DealseatError) || !error.code.startsWith('seat.')) throw error;
  }
}
