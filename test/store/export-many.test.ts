import { expect, test } from '@jest/globals';
import type { Kysely } from 'kysely';
import { exportSeatsWithCodes } from '../../src/store/export-seats.ts';
import type { StoreSchema } from '../../src/store/schema.ts';
import { learner, sellSeats } from '../support/sold-seats.ts';
import { onBothEngines } from '../support/store.ts';
import { testVault as vault } from '../support/test-vault.ts';

const AT = new Date('2026-11-30T10:00:00.000Z');
const BO = { kind: 'person', name: 'bo' } as const;
const SEATS = 2_500;

function counting(db: Kysely<StoreSchema>) {
  let statements = 0;
  const counted = db.withPlugin({
    transformQuery: ({ node }) => {
      statements += 1;
      return node;
    },
    transformResult: async ({ result }) => result,
  });
  return { db: counted, statements: () => statements };
}

onBothEngines('an export with codes of a large order', (open) => {
  test('takes few statements however many seats it hands out, and leaves the trail of each', async () => {
    const { db } = await open();
    const codes = Array.from({ length: SEATS }, (_, index) => `code${index}`);
    const [first] = await sellSeats(
      { db, vault },
      {
        deal: { crm: 'hubspot', account: '62515', dealId: '7001' },
        codes,
        learners: [learner('ana@acme.example'), learner('ben@acme.example')],
        used: 1,
      },
    );
    const counted = counting(db);
    const options = { orderId: first?.order_id ?? 0, states: ['free', 'exposed', 'redeemed'] as const };
    const asked = { id: 'k1', actor: BO, reason: 'the buyer lost the roster', at: AT };
    const { seats, exposedCount } = await exportSeatsWithCodes({ db: counted.db, vault }, options, asked);
    expect(counted.statements()).toBeLessThan(20);
    expect([seats.length, exposedCount]).toEqual([SEATS, SEATS - 2]);
    expect(new Set(seats.map(({ code }) => code))).toEqual(new Set([null, ...codes.slice(1)]));
    const events = await db.selectFrom('seat_events').selectAll().where('kind', '=', 'exposed').execute();
    expect(new Set(events.map(({ seat_id }) => seat_id)).size).toBe(SEATS - 2);
    expect(events[0]).toMatchObject({
      version: 2,
      at: AT,
      actor_kind: 'person',
      actor_name: 'bo',
      reason: 'the buyer lost the roster',
      changed: { state: 'exposed' },
    });
    const stored = await db.selectFrom('seats').select(['state', 'version', 'state_since']).execute();
    const shown = seats.map(({ seat: { state, version, state_since } }) => ({ state, version, state_since }));
    const sorted = (rows: readonly object[]) => rows.map((row) => JSON.stringify(row)).sort();
    expect(sorted(shown)).toEqual(sorted(stored));
    const states = await db.selectFrom('codes').select('state').distinct().orderBy('state').execute();
    expect(states).toEqual([{ state: 'handed_out' }, { state: 'redeemed' }]);
    const { seats_version } = await db.selectFrom('orders').select('seats_version').executeTakeFirstOrThrow();
    expect(seats_version).toBe(SEATS + SEATS - 2);
  });
});
