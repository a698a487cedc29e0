import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { ProvisionInput } from '../../src/contracts/run.ts';
import { provisioningId } from '../../src/domain/deal/ids.ts';
import type { RunningWebhooks } from '../../src/processes/webhooks.ts';
import { HUBSPOT_DEAL } from '../support/sandbox-tenant.ts';
import { openServiceWorld, type ServiceWorld } from '../support/service-world.ts';

const PARTNER_KEY = 'sandbox-manual-key-0123456789';

let world: ServiceWorld;
let webhooks: RunningWebhooks;

beforeAll(async () => {
  world = await openServiceWorld({ env: { MANUAL_API_KEYS: `acme:${PARTNER_KEY}` } });
});

beforeEach(async () => {
  webhooks = await world.startWebhooks();
});

afterAll(() => world.close());

function makeDeals(count: number): string[] {
  return Array.from({ length: count }, () => world.sandbox.hubspot.state.createDeal(HUBSPOT_DEAL));
}

/** One signed request. */
async function announce(dealIds: readonly string[], changeSource: string): Promise<void> {
  const { webhooks: delivery } = world.sandbox.hubspot;
  delivery.deliver(world.sandbox.hubspot.events(dealIds, { changeSource }));
  await delivery.settled();
}

test('200 deals in two signed batches are no import, and the 201st is', async () => {
  const batches = [makeDeals(100), makeDeals(100), makeDeals(1)];
  for (const batch of batches) await announce(batch, 'IMPORT');
  expect(await Promise.all(batches.map(lanesOf))).toEqual([['normal'], ['normal'], ['bulk']]);
});

test('an import is in the bulk lane, and neither a deal won by hand nor a partner’s is', async () => {
  const batches = [makeDeals(100), makeDeals(100), makeDeals(100)];
  const [byHand = '', byPartner = ''] = makeDeals(2);
  for (const batch of batches) await announce(batch, 'IMPORT');
  await announce([byHand], 'CRM_UI');
  const { status } = await fetch(`${webhooks.url}/webhooks/manual`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${PARTNER_KEY}` },
    body: JSON.stringify({ crm: 'hubspot', dealId: byPartner }),
  });

  expect(status).toBe(202);
  expect(await lanesOf([byHand])).toEqual(['normal']);
  expect(await lanesOf([byPartner])).toEqual(['normal']);
  expect(await Promise.all(batches.map(lanesOf))).toEqual([['normal'], ['normal'], ['bulk']]);
});

/** What stands in the inputs of the deals' runs. No worker is there, so the runs are ended at once. */
async function lanesOf(dealIds: readonly string[]): Promise<string[]> {
  return [...new Set(await Promise.all(dealIds.map(laneOf)))];
}

async function laneOf(dealId: string): Promise<string> {
  const run = world.client.workflow.getHandle(provisioningId(world.ref('hubspot', dealId)));
  const { events } = await run.fetchHistory();
  const [payload] = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
  const input: ProvisionInput = JSON.parse(Buffer.from(payload?.data ?? []).toString());
  await run.terminate('the test is over');
  return input.lane ?? 'normal';
}
