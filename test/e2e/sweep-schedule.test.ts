import { afterEach, expect, jest, test } from '@jest/globals';
import { type SweepScope, sweepId } from '../../src/contracts/sweep.ts';
import { provisioningId } from '../../src/domain/deal/ids.ts';
import { readSweep, sweepNow } from '../../src/runs/sweep-console.ts';
import { HUBSPOT_DEAL } from '../support/sandbox-tenant.ts';
import { openServiceWorld, type ServiceWorld } from '../support/service-world.ts';
import { until, WAIT_MS } from '../support/until.ts';

// Above every wait, whose errors say what was missing.
jest.setTimeout(WAIT_MS + 60_000);

let world: ServiceWorld;

afterEach(() => world.close());

function scope(): SweepScope {
  const { crm, account } = world.ref('hubspot', '1');
  return { crm, account };
}

/** A won deal of which no event is sent: nothing listens to the stand-in's webhooks here. */
function wonUnheard(): string {
  return provisioningId(world.ref('hubspot', world.sandbox.hubspot.state.createDeal(HUBSPOT_DEAL)));
}

async function firstSweepEnded(): Promise<void> {
  await until('the first sweep has ended', async () => {
    const { last } = await readSweep(world.client, scope());
    return last?.status === 'COMPLETED';
  });
}

/** The schedule's day begins at midnight, UTC, which a test may run into. */
function sweepOnlyWhenTold(): Promise<void> {
  return world.client.schedule.getHandle(sweepId(scope())).pause('the test sweeps');
}

test('A worker that starts for the first time sweeps at once, and counts what it found', async () => {
  world = await openServiceWorld();
  const id = wonUnheard();
  await world.startWorker();
  await firstSweepEnded();
  expect(await world.runs.result(id)).toMatchObject({ status: 'Delivered', seatCount: 3 });
  const { values } = await world.metrics.sweepMissed.get();
  expect(values.map(({ labels, value }) => [labels.crm, value])).toEqual([['hubspot', 1]]);
});

test('The cursor outlives the worker: the next sweep starts where the last one ended', async () => {
  world = await openServiceWorld();
  const worker = await world.startWorker();
  await firstSweepEnded();
  await sweepOnlyWhenTold();
  const before = (await readSweep(world.client, scope())).last?.result;
  await worker.stop();
  const id = wonUnheard();
  await world.startWorker({ DEALSEAT_SWEEP_LOOK_BACK_MS: '5000' });
  const result = await sweepNow(world.client, scope());
  expect(result).toMatchObject({ missed: 1, missedDeals: [id.split(':')[3]] });
  expect(Date.parse(result?.from ?? '')).toBe(Date.parse(before?.cursor ?? '') - 5_000);
  await world.runs.result(id);
});

test('A sweep starts over from a date that is set earlier than before', async () => {
  world = await openServiceWorld({ env: { DEALSEAT_SWEEP_SINCE: '2026-01-01' } });
  const worker = await world.startWorker();
  await firstSweepEnded();
  await sweepOnlyWhenTold();
  await worker.stop();
  await world.startWorker({ DEALSEAT_SWEEP_SINCE: '2019-06-01' });
  const first = await sweepNow(world.client, scope());
  expect(first?.from).toBe('2019-06-01T00:00:00.000Z');
  const second = await sweepNow(world.client, scope());
  expect(second?.from).toBe(first?.cursor);
});

test("A restart takes over new settings and leaves an operator's pause", async () => {
  world = await openServiceWorld();
  const worker = await world.startWorker();
  await firstSweepEnded();
  const schedule = world.client.schedule.getHandle(sweepId(scope()));
  await schedule.pause('HubSpot is being cleaned up');
  await worker.stop();
  await world.startWorker({ DEALSEAT_SWEEP_INTERVAL_MS: '60000' });
  const { state, spec, policies } = await schedule.describe();
  expect(state).toMatchObject({ paused: true, note: 'HubSpot is being cleaned up' });
  expect(spec.intervals?.map(({ every }) => every)).toEqual([60_000]);
  expect(policies).toEqual({ overlap: 'SKIP', catchupWindow: 3_600_000, pauseOnFailure: false });
});
