import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { provisioningId } from '../../src/domain/ids.ts';
import type { RunningWebhooks } from '../../src/service.ts';
import { HUBSPOT_DEAL, SALESFORCE_DEAL } from '../support/sandbox-tenant.ts';
import { openServiceWorld, type ServiceWorld } from '../support/service-world.ts';

let world: ServiceWorld;
let webhooks: RunningWebhooks;

beforeEach(async () => {
  world = await openServiceWorld({
    // HubSpot's day of retries, in five seconds.
    sandbox: { hubspot: { delivery: { gatherMs: 50, retryWindowMs: 5_000 } } },
  });
  await world.startWorker();
  webhooks = await world.startWebhooks();
});

afterEach(() => world.close());

function openDeal(): string {
  return world.sandbox.hubspot.state.createDeal({ ...HUBSPOT_DEAL, stage: 'contractsent' });
}

function win(dealId: string): void {
  world.sandbox.hubspot.state.edit('deals', dealId, { dealstage: 'closedwon' });
}

function idOf(dealId: string, crm: 'hubspot' | 'salesforce' = 'hubspot'): string {
  return provisioningId(world.ref(crm, dealId));
}

/** One group, one roster and one mail for each deal. */
async function expectOneDeliveryEach(ids: readonly string[]): Promise<void> {
  for (const id of ids) expect(await world.runs.result(id)).toMatchObject({ status: 'Delivered' });
  expect(world.sandbox.ti.state.groups).toHaveLength(ids.length);
  expect(world.sandbox.outbox.mails).toHaveLength(ids.length);
  const { hubspot, salesforce } = world.sandbox;
  const files = ids.map((id) => {
    const [, crm, , dealId = ''] = id.split(':');
    const deal = { object: 'deals', id: dealId } as const;
    return crm === 'hubspot' ? hubspot.state.attachmentsOf(deal) : salesforce.state.files(dealId);
  });
  expect(files.map(({ length }) => length)).toEqual(ids.map(() => 1));
}

describe('HubSpot', () => {
  test('whose events come twice, shuffled and late delivers each deal once', async () => {
    const dealIds = Array.from({ length: 6 }, openDeal);
    world.sandbox.hubspot.webhooks.setModes({ duplicate: true, shuffle: true, lateMs: 300 });
    for (const dealId of dealIds) win(dealId);
    await world.sandbox.hubspot.webhooks.settled();
    await expectOneDeliveryEach(dealIds.map((dealId) => idOf(dealId)));
  });

  test('whose first nine tries find no server delivers the deal with the tenth', async () => {
    const dealId = openDeal();
    const flaky = await startFlakyProxy(webhooks.url, 9);
    try {
      world.sandbox.hubspot.setWebhookTarget('https://dealseat.example.com/webhooks/hubspot', {
        postTo: `${flaky.url}/webhooks/hubspot`,
      });
      win(dealId);
      await world.sandbox.hubspot.webhooks.settled();
      expect(flaky.statuses()).toEqual([...Array(9).fill(503), 200]);
      await expectOneDeliveryEach([idOf(dealId)]);
    } finally {
      flaky.server.close();
    }
  });

  test('whose answer from us was lost sends again, and the deal is delivered once', async () => {
    const dealId = openDeal();
    const flaky = await startFlakyProxy(webhooks.url, 3, { passesOn: true });
    try {
      world.sandbox.hubspot.setWebhookTarget('https://dealseat.example.com/webhooks/hubspot', {
        postTo: `${flaky.url}/webhooks/hubspot`,
      });
      win(dealId);
      await world.sandbox.hubspot.webhooks.settled();
      expect(flaky.statuses()).toHaveLength(4);
      await expectOneDeliveryEach([idOf(dealId)]);
    } finally {
      flaky.server.close();
    }
  });

  test('that gives the events of several deals one event id delivers every one of them', async () => {
    const dealIds = Array.from({ length: 3 }, openDeal);
    world.sandbox.hubspot.webhooks.setModes({ lose: true });
    for (const dealId of dealIds) win(dealId);
    world.sandbox.hubspot.webhooks.setModes({});
    world.sandbox.hubspot.webhooks.deliver(world.sandbox.hubspot.events(dealIds, { eventId: 1228532628 }));
    await world.sandbox.hubspot.webhooks.settled();
    await expectOneDeliveryEach(dealIds.map((dealId) => idOf(dealId)));
  });

  test('whose deal left the won stage before its event came is skipped with the reason, untouched', async () => {
    const dealId = openDeal();
    world.sandbox.hubspot.webhooks.setModes({ lateMs: 300 });
    win(dealId);
    world.sandbox.hubspot.state.edit('deals', dealId, { dealstage: 'contractsent' });
    await world.sandbox.hubspot.webhooks.settled();
    expect(await world.runs.result(idOf(dealId))).toMatchObject({ status: 'Skipped', code: 'deal.not_won' });
    expect(world.sandbox.hubspot.state.valuesOf('deals', dealId).dealseat_status).toBeUndefined();
    expect(world.sandbox.ti.state.groups).toEqual([]);
  });
});

describe('Salesforce', () => {
  test('that sends a message again and again delivers the deal once', async () => {
    const dealId = world.sandbox.salesforce.state.createOpportunity(SALESFORCE_DEAL);
    const targetUrl = `${webhooks.url}/webhooks/salesforce/sandbox-sf-webhook-secret-0123456789`;
    for (let send = 1; send <= 3; send += 1) {
      const delivery = await world.sandbox.salesforce.sendOutboundMessage({
        targetUrl,
        opportunityIds: [dealId],
        notificationIds: ['04l5Y00002lRDRNQA4'],
        duplicate: true,
      });
      expect(delivery).toEqual({ status: 200, acked: true });
    }
    await expectOneDeliveryEach([idOf(dealId, 'salesforce')]);
  });
});

/** Answers 503 for the first requests, before or after it passed them on; then it is transparent. */
async function startFlakyProxy(
  targetUrl: string,
  failures: number,
  { passesOn = false }: { readonly passesOn?: boolean } = {},
): Promise<{ readonly url: string; readonly server: Server; statuses(): number[] }> {
  const statuses: number[] = [];
  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    const fails = statuses.length < failures;
    statuses.push(fails ? 503 : 200);
    if (!fails || passesOn) {
      const headers = Object.fromEntries(
        Object.entries(request.headers).filter(([name]) => /^content-type$|^x-hubspot/.test(name)),
      ) as Record<string, string>;
      const { status } = await fetch(targetUrl + request.url, { method: 'POST', headers, body });
      if (!fails) statuses[statuses.length - 1] = status;
    }
    response.writeHead(statuses.at(-1) ?? 503).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, server, statuses: () => statuses };
}
