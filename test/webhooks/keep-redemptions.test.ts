import { expect, test } from '@jest/globals';
import { type Client, ScheduleNotFoundError } from '@temporalio/client';
import { loadConfig } from '../../src/config/config.ts';
import { keepRedemptions } from '../../src/processes/keep-redemptions.ts';
import { seatsOf } from '../../src/processes/store.ts';
import { fillOrder } from '../store/filled-order.ts';
import { onceOnEmbedded } from '../support/store.ts';

const config = loadConfig({ DEALSEAT_SECRET_KEYS: `test:${Buffer.alloc(32, 7).toString('base64')}` });

const REDEMPTION = {
  code: 'c1',
  groupLabel: 'acme',
  at: '2026-11-25T11:00:00.000Z',
  userId: 'u-1',
  email: 'mia@acme.example',
};

/** A Temporal server with the schedule of the sync, or without. */
function temporal(hasSchedule: boolean) {
  const triggered: string[] = [];
  const schedule = {
    getHandle: (id: string) => ({
      trigger: async () => {
        if (!hasSchedule) throw new ScheduleNotFoundError('not found', id);
        triggered.push(id);
      },
    }),
  };
  return { client: { schedule } as unknown as Client, triggered };
}

onceOnEmbedded('What the webhook of the platform reports', (open) => {
  test('is in the store before it is answered, and no sync is needed', async () => {
    const store = await open();
    const { seats } = seatsOf({ config, store });
    if (seats === undefined) throw new Error('no store');
    await fillOrder(seats, { codes: [{ code: 'c1' }] });
    const { client, triggered } = temporal(true);
    await keepRedemptions({ config, store }, { client })([REDEMPTION]);
    expect(await store.db.selectFrom('seats').select(['state', 'redeemer_user_id']).execute()).toEqual([
      { state: 'redeemed', redeemer_user_id: 'u-1' },
    ]);
    expect(triggered).toEqual([]);
  });
});

onceOnEmbedded('A webhook server with the database, and without the keys that open its codes', (open) => {
  test('starts all the same, and has a worker read the events', async () => {
    const store = await open();
    const { client, triggered } = temporal(true);
    await keepRedemptions({ config: loadConfig({}), store }, { client })([REDEMPTION]);
    expect(triggered).toEqual(['seats:ti']);
  });
});

test('a webhook server without the store has a worker read the events at once, and hands it nothing', async () => {
  const { client, triggered } = temporal(true);
  await keepRedemptions({ config }, { client })([REDEMPTION]);
  expect(triggered).toEqual(['seats:ti']);
});

test('where no worker keeps seats, the platform is to send the message again', async () => {
  const { client } = temporal(false);
  await expect(keepRedemptions({ config }, { client })([REDEMPTION])).rejects.toThrow(
    'No worker keeps seats',
  );
});
