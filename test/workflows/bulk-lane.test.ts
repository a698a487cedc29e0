import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { provisioningId } from '../../src/domain/ids.ts';
import { startRuns } from '../../webhooks/start-runs.ts';
import { HUBSPOT_DEAL } from '../support/sandbox-tenant.ts';
import { openServiceWorld, type ServiceWorld } from '../support/service-world.ts';
import { until } from '../support/until.ts';

const BULK_DEALS = Number(process.env.DEALSEAT_BULK_DEALS ?? 200);
const FIRST_BATCH = 30;
/** The vendor's quota, in a window that is short enough to be used up and renewed while the test runs. */
const QUOTA = { limit: 120, windowMs: 10_000, sendRetryAfter: true };

let world: ServiceWorld;

beforeAll(async () => {
  world = await openServiceWorld({
    sandbox: { ti: { rateLimit: QUOTA } },
    env: { TI_REQUESTS_PER_MINUTE: '500' },
  });
  await world.startWorker();
});

afterAll(() => world.close());

function makeDeal(): string {
  return world.sandbox.hubspot.state.createDeal(HUBSPOT_DEAL);
}

async function deliveryTime(): Promise<number> {
  const startedAt = performance.now();
  const ref = world.ref('hubspot', makeDeal());
  const { id } = await world.runs.dealChanged(ref, { by: 'cli', detail: 'test' });
  expect(await world.runs.result(id)).toMatchObject({ status: 'Delivered' });
  return performance.now() - startedAt;
}

test(`${BULK_DEALS} imported deals neither make a single deal wait nor exceed the quota of the platform`, async () => {
  const aloneMs = await deliveryTime();
  const deals = Array.from({ length: BULK_DEALS }, makeDeal).map((dealId) => world.ref('hubspot', dealId));
  const trigger = { by: 'hubspot', detail: 'import' } as const;
  const runs = deals.map((ref) => ({ ref, trigger }));
  // As a webhook starts two large batches.
  const start = (batch: typeof runs) =>
    startRuns({ provisioner: world.runs, runs: batch, budgetMs: 300_000 });
  await start(runs.slice(0, FIRST_BATCH));
  const isDelivered = (dealId: string) =>
    world.sandbox.hubspot.state.valuesOf('deals', dealId).dealseat_status === 'Delivered';
  const groupCount = () => world.sandbox.ti.state.groups.length;
  await until('the import spends the quota', () => groupCount() > 3);
  await start(runs.slice(FIRST_BATCH));

  const besideBulkMs = await deliveryTime();

  const delivered = deals.filter(({ dealId }) => isDelivered(dealId)).length;
  expect(delivered).toBeLessThan(BULK_DEALS / 2);
  expect(besideBulkMs).toBeLessThan(20 * aloneMs + 10_000);
  const refused = world.sandbox.exchanges.filter(({ system, status }) => system === 'ti' && status === 429);
  expect(refused).toEqual([]);
  await Promise.all(
    deals.map((deal) =>
      world.client.workflow
        .getHandle(provisioningId(deal))
        .terminate('the test is over')
        .catch(() => undefined),
    ),
  );
}, 600_000);
