import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { provisioningId } from '../../src/domain/ids.ts';
import type { ProvisionInput } from '../../src/domain/run.ts';
import { HUBSPOT_DEAL } from '../support/sandbox-tenant.ts';
import { openServiceWorld, type ServiceWorld } from '../support/service-world.ts';

let world: ServiceWorld;

beforeAll(async () => {
  world = await openServiceWorld();
  await world.startWebhooks();
});

afterAll(() => world.close());

test.each([
  [20, 'normal'],
  [21, 'bulk'],
] as const)('a signed batch of %i events starts its runs in the %s lane', async (count, lane) => {
  const dealIds = Array.from({ length: count }, () => world.sandbox.hubspot.state.createDeal(HUBSPOT_DEAL));
  await world.sandbox.hubspot.webhooks.settled();
  world.sandbox.hubspot.webhooks.deliver(world.sandbox.hubspot.events(dealIds));
  await world.sandbox.hubspot.webhooks.settled();

  const lanes = await Promise.all(dealIds.map(laneOf));
  expect([...new Set(lanes)]).toEqual([lane]);
});

/** What stands in the run's input. No worker is there, so the run is ended at once. */
async function laneOf(dealId: string): Promise<string> {
  const run = world.client.workflow.getHandle(provisioningId(world.ref('hubspot', dealId)));
  const { events } = await run.fetchHistory();
  const [payload] = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
  const input: ProvisionInput = JSON.parse(Buffer.from(payload?.data ?? []).toString());
  await run.terminate('the test is over');
  return input.lane ?? 'normal';
}
