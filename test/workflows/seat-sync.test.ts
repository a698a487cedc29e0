import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/common';
import { NUDGE_DEALS } from '../../src/contracts/nudges.ts';
import {
  type SeatSyncActivities,
  type SeatSyncInput,
  type SeatSyncResult,
  SYNC_SEATS,
  seatSyncId,
} from '../../src/contracts/seat-sync.ts';
import { ensureSeatSyncSchedule, triggerSeatSync } from '../../src/temporal/seat-sync-schedule.ts';
import { createReplayer } from '../support/replay.ts';
import { openSweepRig, type SweepRig } from '../support/sweep-rig.ts';
import { TEST_POLICY } from '../support/tenant.ts';
import { until } from '../support/until.ts';
import { workflowBundle } from '../support/workflow-bundle.ts';

let rig: SweepRig;
const replayer = workflowBundle().then(createReplayer);
const calls: { readonly step: string; readonly input: unknown }[] = [];
const next: Partial<Record<keyof SeatSyncActivities, () => unknown>> = {};

const READ = { events: 3, recorded: 1, late: 0, foreign: 1, requests: 1, isComplete: true };
const ANSWERS = {
  readRedemptions: READ,
  countRedemptions: { groups: 2, listed: 1, requests: 3, recorded: 1, late: 1 },
  settleLateRedemptions: { revoked: 0, allowed: 0, asked: 1 },
  showSeatNumbers: { shown: 1, failed: 0 },
};

const activities = Object.fromEntries(
  Object.entries(ANSWERS).map(([step, answer]) => [
    step,
    async (input: unknown) => {
      calls.push({ step, input });
      return next[step as keyof SeatSyncActivities]?.() ?? answer;
    },
  ]),
) as unknown as SeatSyncActivities;

const nudging = {
  nudgeSomeDeals: async (input: { readonly after: number }) => {
    calls.push({ step: 'nudgeSomeDeals', input: input.after });
    return { orders: 2, sent: 1, skipped: 0, left: 1, next: input.after === 0 ? 7 : null };
  },
};

beforeAll(async () => {
  rig = await openSweepRig({ ...activities, ...nudging } as SeatSyncActivities);
});
afterAll(async () => {
  await rig.close();
  await (await replayer).close();
});

const INPUT: SeatSyncInput = {
  platform: 'ti',
  maxRequests: 15,
  overlapMs: 900_000,
  showEveryMs: 900_000,
  policy: TEST_POLICY,
};

async function start(workflowId: string) {
  calls.length = 0;
  const handle = await rig.client.workflow.start(SYNC_SEATS, {
    workflowId,
    taskQueue: rig.taskQueue,
    args: [INPUT],
  });
  const result = (await handle.result().catch((error: unknown) => error)) as SeatSyncResult | Error;
  await (await replayer).replay(await handle.fetchHistory(), workflowId);
  return result;
}

test('a sync reads events, then counters with what the events left of the requests, then settles and shows', async () => {
  expect(await start('sync-1')).toEqual({
    events: READ,
    counters: ANSWERS.countRedemptions,
    late: ANSWERS.settleLateRedemptions,
    shown: ANSWERS.showSeatNumbers,
  });
  expect(calls).toEqual([
    { step: 'readRedemptions', input: { platform: 'ti', overlapMs: 900_000, maxPages: 7 } },
    { step: 'countRedemptions', input: { platform: 'ti', maxRequests: 14 } },
    { step: 'settleLateRedemptions', input: { limit: expect.any(Number) } },
    { step: 'showSeatNumbers', input: { showEveryMs: 900_000, limit: expect.any(Number) } },
  ]);
});

test('a window that is larger than half of the requests is left to the next sync', async () => {
  next.readRedemptions = () => ({ ...READ, requests: 4, isComplete: false });
  const result = await start('sync-2');
  expect(result).toMatchObject({ events: { requests: 8, events: 6, isComplete: false } });
  expect(calls.map(({ step }) => step)).toEqual([
    'readRedemptions',
    'readRedemptions',
    'countRedemptions',
    'settleLateRedemptions',
    'showSeatNumbers',
  ]);
  delete next.readRedemptions;
});

test('what one part cannot do keeps the others from nothing, and the run says that it failed', async () => {
  next.readRedemptions = () => {
    throw ApplicationFailure.nonRetryable('the platform refuses', 'lms.unauthorized');
  };
  expect(await start('sync-3')).toBeInstanceOf(Error);
  expect(calls.map(({ step }) => step)).toEqual([
    'readRedemptions',
    'countRedemptions',
    'settleLateRedemptions',
    'showSeatNumbers',
  ]);
  delete next.readRedemptions;
});

test('a schedule runs it, is made once, takes over settings, and is triggered by the webhook', async () => {
  const platform = `platform-${Date.now()}`;
  const { client, taskQueue } = rig;
  const seats = { intervalMs: 3_600_000, overlapMs: 1, showEveryMs: 2, requestsPercent: 20, nudgesHour: 9 };
  const options = { client, taskQueue, policy: TEST_POLICY, seats, requestsPerMinute: 15 };
  expect(await triggerSeatSync(client, platform)).toBe(false);
  await ensureSeatSyncSchedule(options, platform);
  const schedule = client.schedule.getHandle(seatSyncId(platform));
  try {
    await schedule.pause('by an operator');
    await ensureSeatSyncSchedule({ ...options, seats: { ...seats, requestsPercent: 50 } }, platform);
    const { action, state } = await schedule.describe();
    expect(action.args).toEqual([
      { platform, maxRequests: 450, overlapMs: 1, showEveryMs: 2, policy: TEST_POLICY },
    ]);
    expect(state.paused).toBe(true);
    calls.length = 0;
    expect(await triggerSeatSync(client, platform)).toBe(true);
    await until('a sync runs', () => calls.some(({ step }) => step === 'showSeatNumbers'));
  } finally {
    await schedule.delete();
  }
});

test('the nudges of a day go on from where a look ended, until all deals were looked at', async () => {
  calls.length = 0;
  const handle = await rig.client.workflow.start(NUDGE_DEALS, {
    workflowId: `nudges-${Date.now()}`,
    taskQueue: rig.taskQueue,
    args: [{ policy: TEST_POLICY }],
  });
  expect(await handle.result()).toEqual({ orders: 4, sent: 2, skipped: 0, left: 2, isComplete: true });
  await (await replayer).replay(await handle.fetchHistory(), handle.workflowId);
  expect(calls).toEqual([0, 7].map((after) => ({ step: 'nudgeSomeDeals', input: after })));
});
