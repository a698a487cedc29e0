import { afterEach, expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { type AllottedDeal, allotSeats } from '../../activities/allotment.ts';
import { fillStore, isStillFilled } from '../../activities/fill-store.ts';
import { endSeat } from '../../src/store/fill-order.ts';
import type { SeatStore } from '../../src/store/seat-store.ts';
import { inTransaction } from '../../src/store/transaction.ts';
import { onBothEngines } from '../support/store.ts';
import { testVault } from '../support/test-vault.ts';
import { openWorld, type World } from './world.ts';

let world: World;
afterEach(() => world.close());

onBothEngines('the seats of a deal in the store', (open) => {
  test('are not written by what was decided before they changed, and say that they have changed', async () => {
    const store: SeatStore = { db: (await open()).db, vault: testVault };
    world = await openWorld({ seats: store });
    const handOver = await world.prepare('hubspot');
    const decide = (): Promise<AllottedDeal> =>
      new MockActivityEnvironment().run(() => allotSeats(world.deps, handOver)) as Promise<AllottedDeal>;
    const early = await decide();
    const filled = await fillStore(world.deps, handOver, early);
    if (filled === null || filled === 'changed') throw new Error('The store was not filled');
    expect(await fillStore(world.deps, handOver, early)).toBe('changed');
    expect(await fillStore(world.deps, handOver, await decide())).toEqual(filled);

    const late = await decide();
    expect(await isStillFilled(world.deps, filled)).toBe(true);
    await endOneSeat(store);
    expect(await isStillFilled(world.deps, filled)).toBe(false);
    expect(await fillStore(world.deps, handOver, late)).toBe('changed');
  });
});

async function endOneSeat({ db }: SeatStore): Promise<void> {
  const seat = await db.selectFrom('seats').selectAll().limit(1).executeTakeFirstOrThrow();
  const happening = { actor: { kind: 'person', name: 'Kim' }, reason: null, at: new Date() } as const;
  await inTransaction(db, (trx) => endSeat(trx, seat, 'revoked', happening));
}
