import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { findings, isDelivered, winDeals } from '../chaos/deals.ts';
import { openServiceWorld, type ServiceWorld } from '../support/service-world.ts';
import { until } from '../support/until.ts';

/** Two a second, so that it is the quota that bounds, on a busy machine too; a burst of 18 at first: a window holds 38 of the 40 that the platform allows. */
const ENV = { TI_REQUESTS_PER_MINUTE: '120' };
const QUOTA = { limit: 40, windowMs: 10_000, sendRetryAfter: true };
const PER_SECOND = 2;
const WORKERS = ['first', 'second', 'third'];
const DEALS = 24;
/** While at least so many deals are undelivered, every worker has more to ask for than it may. */
const STILL_BUSY = 12;

let world: ServiceWorld;

beforeAll(async () => {
  world = await openServiceWorld({ sandbox: { ti: { rateLimit: QUOTA } }, env: ENV });
});

afterAll(() => world.close());

test('three workers keep one budget: the platform refuses nothing, and nine tenths of the budget are used', async () => {
  const { sandbox } = world;
  for (const identity of WORKERS) await world.startWorker({}, `${identity}@host`);
  // The first ones learn of the others within ten seconds.
  await until('each worker has its part', () => {
    const counts = world.log.flatMap((line) => JSON.parse(line).workers ?? []);
    return counts.filter((count) => count === WORKERS.length).length === WORKERS.length;
  });
  const deals = winDeals(sandbox, DEALS);
  const calls = () => sandbox.exchanges.filter(({ system }) => system === 'ti');
  await Promise.all(
    deals.map(({ crm, dealId }) =>
      world.runs.dealChanged(world.ref(crm, dealId), { by: crm, detail: 'test' }),
    ),
  );
  const delivered = () => deals.filter((deal) => isDelivered(sandbox, deal)).length;
  await until('the platform was asked', () => calls().length > 0);
  const startedAt = performance.now();
  await until('half of the deals are delivered', () => delivered() >= DEALS - STILL_BUSY, 180_000);
  const perSecond = (calls().length * 1_000) / (performance.now() - startedAt);
  await Promise.all(deals.map(({ id }) => world.runs.result(id)));

  expect(calls().filter(({ status }) => status === 429)).toEqual([]);
  expect(perSecond).toBeGreaterThanOrEqual(0.9 * PER_SECOND);
  expect(findings(sandbox, deals)).toEqual([]);
}, 240_000);
