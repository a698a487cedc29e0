import { afterEach, describe, expect, test } from '@jest/globals';
import { DealseatError } from '../../src/domain/failure.ts';
import type { SeatStore } from '../../src/store/seat-store.ts';
import { codesMade } from '../support/evidence.ts';
import { openSeatStore } from '../support/seat-store.ts';
import { seenDeal } from './seen-deal.ts';
import { failureOf, forLearners, openWorld, type World } from './world.ts';

let world: World;
let store: SeatStore & { close(): Promise<void> };
afterEach(async () => {
  await world.close();
  await store.close();
});

const LEE = '6002';

function setSeats(quantity: number): void {
  const { state } = world.sandbox.hubspot;
  const [line] = state.associations.linked({ object: 'deals', id: '9001' }, 'line_items');
  state.edit('line_items', line?.id ?? '', { quantity });
}

async function seats() {
  const rows = await store.db
    .selectFrom('seats')
    .leftJoin('codes', 'codes.id', 'seats.code_id')
    .select(['seats.state', 'contact_id', 'learner_email', 'learner_name', 'code_enc'])
    .execute();
  return rows
    .map(({ code_enc: enc, ...row }) => ({ ...row, code: enc === null ? null : store.vault.open(enc) }))
    .sort((a, b) => ((a.code ?? '') < (b.code ?? '') ? -1 : 1));
}

describe('the seat store after a hand-over', () => {
  test('to the buyer has every code as handed out', async () => {
    store = await openSeatStore();
    world = await openWorld({ seats: store });
    const handOver = await world.prepare('hubspot');
    await world.run('attachRoster', handOver);
    const filled = await seats();
    expect(filled.map(({ code }) => code)).toEqual(codesMade(world.sandbox));
    expect(new Set(filled.map(({ state }) => state))).toEqual(new Set(['exposed']));
    const before = await store.db.selectFrom('seat_events').selectAll().execute();
    await world.run('attachRoster', handOver, { attempt: 2 });
    expect(await store.db.selectFrom('seat_events').selectAll().execute()).toEqual(before);
  });

  test.each([
    ['kept for later learners', 'laterLearners', 'free'],
    ['the buyer’s', 'buyer', 'exposed'],
  ] as const)(
    'to learners knows whose each is, and the codes left over are %s',
    async (_, leftOver, state) => {
      store = await openSeatStore();
      const catalog: typeof forLearners = (example) => {
        const given = forLearners(example);
        return { ...given, handOver: { ...given.handOver, leftOver } };
      };
      world = await openWorld({ seats: store, catalog });
      setSeats(3);
      await world.run('attachRoster', await world.prepare('hubspot'));
      const link = seenDeal(world.sandbox, 'hubspot').links().get(LEE) ?? '';
      for (const seat of await seats()) {
        const isOfLee = link.includes(seat.code ?? '-');
        expect(seat).toMatchObject(
          isOfLee
            ? {
                state: 'exposed',
                contact_id: LEE,
                learner_email: 'lee.park@acme.example',
                learner_name: 'Lee Park',
              }
            : { state, contact_id: null, learner_email: null },
        );
      }
    },
  );
});

test('while the store is away nothing is handed out', async () => {
  store = await openSeatStore();
  const away = () => {
    throw new DealseatError({
      code: 'store.unavailable',
      message: 'The database of seats cannot be reached',
    });
  };
  const db = new Proxy(store.db, {
    get: (own, name) => (name === 'transaction' ? away : Reflect.get(own, name, own)),
  });
  world = await openWorld({ seats: { ...store, db }, catalog: forLearners });
  setSeats(3);
  const failure = await failureOf(world.run('attachRoster', await world.prepare('hubspot')));
  expect(failure).toMatchObject({ code: 'store.unavailable', nonRetryable: false });
  const deal = seenDeal(world.sandbox, 'hubspot');
  expect([deal.files(), deal.links().size]).toEqual([[], 0]);
});
