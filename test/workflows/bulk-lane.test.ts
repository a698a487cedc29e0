import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { CrmName } from '../../src/domain/deal/deal.ts';
import { readSweep } from '../../src/runs/sweep-console.ts';
import { createChooseLane } from '../../webhooks/server/choose-lane.ts';
import type { RunToStart } from '../../webhooks/server/run-to-start.ts';
import { startRuns } from '../../webhooks/server/start-runs.ts';
import { findings, isDelivered, type WonDeal, winDeals } from '../chaos/deals.ts';
import { openServiceWorld, type ServiceWorld } from '../support/service-world.ts';
import { until } from '../support/until.ts';

const BULK_DEALS = Number(process.env.DEALSEAT_BULK_DEALS ?? 80);
/** Fewer than a single request may carry before it is an import by itself. */
const BATCH = 10;
/** Fewer than in production, so that most of a short import is one. */
const NORMAL_DEALS = 20;
/** The vendor's quota, in a window that is short enough to be used up and renewed while the test runs. */
const QUOTA = { limit: 150, windowMs: 10_000, sendRetryAfter: true };
const DEADLINE_MS = 1_200_000;

let world: ServiceWorld;
const chooseLane = createChooseLane({ normalStartsPerMinute: NORMAL_DEALS });

beforeAll(async () => {
  world = await openServiceWorld({
    sandbox: { ti: { rateLimit: QUOTA } },
    env: { TI_REQUESTS_PER_MINUTE: '750' },
  });
  await world.startWorker();
  await Promise.all([firstSweep('hubspot'), firstSweep('salesforce')]);
});

afterAll(() => world.close());

/** It comes with the worker, and would find deals before they are announced. */
async function firstSweep(crm: CrmName): Promise<void> {
  await until(`the first sweep of ${crm} has ended`, async () => {
    const { last } = await readSweep(world.client, world.ref(crm, ''));
    return last?.status === 'COMPLETED';
  });
}

/** As a webhook starts the deals of one request. */
async function announce(deals: readonly WonDeal[], changeSource: string): Promise<void> {
  const runs = deals.map(
    ({ crm, dealId }): RunToStart => ({
      ref: world.ref(crm, dealId),
      trigger: { by: crm, detail: 'test' },
      changeSource,
    }),
  );
  await startRuns({ provisioner: world.runs, runs, chooseLane, budgetMs: 300_000 });
}

async function tookMs({ id }: WonDeal): Promise<number> {
  const view = await world.runs.describe(id);
  return Date.parse(view?.closedAt ?? '') - Date.parse(view?.startedAt ?? '');
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

/** As a person wins it by hand. */
async function winByHand(deal: WonDeal): Promise<void> {
  await announce([deal], 'CRM_UI');
  expect(await world.runs.result(deal.id)).toMatchObject({ status: 'Delivered' });
}

test(
  `${BULK_DEALS} deals, imported in batches of ${BATCH}, let a single deal go first, keep within the quota of the platform, and are each delivered once`,
  async () => {
    const { sandbox } = world;
    // One in two is HubSpot's, whose events tell what was done by hand.
    const deals = winDeals(sandbox, 2 * (BULK_DEALS + 1)).filter(({ crm }) => crm === 'hubspot');
    const [beside, ...imported] = deals;
    if (!beside) throw new Error('No deals were won');
    const waiting = [...imported];
    const inBulkLane = imported.slice(NORMAL_DEALS);
    const countDelivered = (some: readonly WonDeal[]) =>
      some.filter((deal) => isDelivered(sandbox, deal)).length;

    while (waiting.length > 0) await announce(waiting.splice(0, BATCH), 'IMPORT');
    await until('the import spends the quota', () => sandbox.ti.state.groups.length > 3);
    await winByHand(beside);

    const areAllDelivered = () => countDelivered(imported) === BULK_DEALS;
    await until('every imported deal is delivered', areAllDelivered, DEADLINE_MS);
    await Promise.all(deals.map(({ id }) => world.runs.result(id)));
    // It came when they stood in line, for longer than the slowest machine needs for one that does not.
    expect(await tookMs(beside)).toBeLessThan(median(await Promise.all(inBulkLane.map(tookMs))));
    expect(findings(sandbox, deals)).toEqual([]);
    const refused = sandbox.exchanges.filter(({ system, status }) => system === 'ti' && status === 429);
    expect(refused).toEqual([]);
  },
  DEADLINE_MS,
);
