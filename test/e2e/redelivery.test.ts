import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { provisioningId } from '../../src/domain/deal/ids.ts';
import type { RunningWebhooks } from '../../src/processes/webhooks.ts';
import { HUBSPOT_DEAL, SALESFORCE_DEAL } from '../support/sandbox-tenant.ts';
import { openServiceWorld, type ServiceWorld } from '../support/service-world.ts';
import { until, WAIT_MS } from '../support/until.ts';

// Above every wait, whose errors say what was missing.
jest.setTimeout(WAIT_MS + 60_000);

/** Valid side by side, as during a rotation; the stand-ins begin with the first ones. */
const HUBSPOT_SECRETS = ['sandbox-hubspot-secret', 'sandbox-hubspot-secret-rotated'] as const;
const SALESFORCE_SECRETS = [
  'sandbox-sf-webhook-secret-0123456789',
  'sandbox-sf-webhook-secret-rotated',
] as const;
/** Salesforce tries after 0, 1, 3, 7 ... 127 minutes, then every two hours until a day has passed. */
const SALESFORCE_TRIES = 18;

let world: ServiceWorld;
let webhooks: RunningWebhooks;

beforeEach(async () => {
  world = await openServiceWorld({
    // A day of retries: HubSpot's in five seconds, Salesforce's in four.
    sandbox: {
      hubspot: { delivery: { gatherMs: 50, retryWindowMs: 5_000, answerTimeoutMs: 30_000 } },
      salesforce: { minuteMs: 3 },
    },
    env: {
      HUBSPOT_CLIENT_SECRET: HUBSPOT_SECRETS.join(','),
      SALESFORCE_WEBHOOK_SECRET: SALESFORCE_SECRETS.join(','),
    },
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
      expectSuccessAfter(9, flaky.statuses());
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
      expectSuccessAfter(3, flaky.statuses());
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

  test('that signs with either secret while it is rotated loses nothing', async () => {
    const { webhooks: delivery } = world.sandbox.hubspot;
    const dealIds = [openDeal(), openDeal()];
    for (const [index, dealId] of dealIds.entries()) {
      delivery.rotateSecret(HUBSPOT_SECRETS[index] ?? '');
      win(dealId);
      await delivery.settled();
    }
    const statuses = delivery.deliveries.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(2);
    expect(statuses).not.toContain(401);
    await expectOneDeliveryEach(dealIds.map((dealId) => idOf(dealId)));
  });

  test('whose user sets an action on the deal is answered by its signed event, which comes twice', async () => {
    const { state, webhooks: delivery } = world.sandbox.hubspot;
    const dealId = state.createDeal({ ...HUBSPOT_DEAL, lineItems: [], stage: 'contractsent' });
    win(dealId);
    const isAsked = async () => state.valuesOf('deals', dealId).dealseat_status === 'NeedsAttention';
    await until('the deal asks', isAsked);
    state.addLineItem(dealId, { sku: 'LEAD-101', quantity: 2 });
    delivery.setModes({ duplicate: true });
    state.edit('deals', dealId, { dealseat_action: 'Retry' });
    await expectOneDeliveryEach([idOf(dealId)]);
    expect(state.valuesOf('deals', dealId).dealseat_action).toBeUndefined();
    // Emptying the field is an event too, which starts nothing.
    await delivery.settled();
    expect((await world.runs.progress(idOf(dealId))).status).toBe('Delivered');
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
  function winOpportunity(): string {
    const { state } = world.sandbox.salesforce;
    const dealId = state.createOpportunity({ ...SALESFORCE_DEAL, stageName: 'Negotiation/Review' });
    state.setStage(dealId, 'Closed Won');
    return dealId;
  }

  function untilAcknowledged(): Promise<void> {
    const { outbound } = world.sandbox.salesforce;
    return until('every outbound message is acknowledged', async () => outbound.pending.length === 0);
  }

  test('whose user sets an action on the opportunity is answered by an outbound message', async () => {
    const { outbound, state } = world.sandbox.salesforce;
    outbound.setTarget(webhooks.url + salesforcePath());
    const lost = { ...SALESFORCE_DEAL, lineItems: [], stageName: 'Negotiation/Review' };
    const dealId = state.createOpportunity(lost);
    state.setStage(dealId, 'Closed Won');
    const isAsked = async () => state.opportunity(dealId).Dealseat_Status__c === 'NeedsAttention';
    await until('the opportunity asks', isAsked);
    state.addLineItem(dealId, { productCode: 'LEAD-101', name: 'Leadership Essentials', quantity: 2 });
    state.act(dealId, 'Retry', { email: 'kim.ops@vendor.example' });
    await expectOneDeliveryEach([idOf(dealId, 'salesforce')]);
    expect(state.opportunity(dealId).Dealseat_Action__c).toBeNull();
  });

  test('that sends a message again and again delivers the deal once', async () => {
    const dealId = world.sandbox.salesforce.state.createOpportunity(SALESFORCE_DEAL);
    for (let send = 1; send <= 3; send += 1) {
      await until(`send ${send} is acknowledged`, async () => {
        const { acked } = await world.sandbox.salesforce.sendOutboundMessage({
          targetUrl: webhooks.url + salesforcePath(),
          opportunityIds: [dealId],
          notificationIds: ['04l5Y00002lRDRNQA4'],
          duplicate: true,
        });
        return acked;
      });
    }
    await expectOneDeliveryEach([idOf(dealId, 'salesforce')]);
  });

  test('whose queue finds no server for eighteen hours delivers the deal with one of its last tries', async () => {
    const { outbound } = world.sandbox.salesforce;
    const flaky = await startFlakyProxy(webhooks.url, SALESFORCE_TRIES - 2);
    try {
      outbound.setTarget(flaky.url + salesforcePath());
      const dealId = winOpportunity();
      await untilAcknowledged();
      expectSuccessAfter(SALESFORCE_TRIES - 2, flaky.statuses());
      expect(outbound.deliveries.at(-1)).toMatchObject({ acked: true });
      await expectOneDeliveryEach([idOf(dealId, 'salesforce')]);
    } finally {
      flaky.server.close();
    }
  });

  test('whose acknowledgement was lost sends again, and the deal is delivered once', async () => {
    const { outbound } = world.sandbox.salesforce;
    const flaky = await startFlakyProxy(webhooks.url, 3, { passesOn: true });
    try {
      outbound.setTarget(flaky.url + salesforcePath());
      const dealId = winOpportunity();
      await untilAcknowledged();
      expectSuccessAfter(3, flaky.statuses());
      await expectOneDeliveryEach([idOf(dealId, 'salesforce')]);
    } finally {
      flaky.server.close();
    }
  });

  test('that goes on with the old secret path while it is rotated loses nothing, nor with the new one', async () => {
    const { outbound } = world.sandbox.salesforce;
    const dealIds: string[] = [];
    for (const secret of SALESFORCE_SECRETS) {
      outbound.setTarget(webhooks.url + salesforcePath(secret));
      dealIds.push(winOpportunity());
      await untilAcknowledged();
    }
    await expectOneDeliveryEach(dealIds.map((dealId) => idOf(dealId, 'salesforce')));
  });
});

function salesforcePath(secret: string = SALESFORCE_SECRETS[0]): string {
  return `/webhooks/salesforce/${secret}`;
}

/** A busy machine may have refused a try more, which its CRM then repeated. */
function expectSuccessAfter(failures: number, statuses: readonly number[]): void {
  expect(statuses.slice(0, failures)).toEqual(Array(failures).fill(503));
  expect(statuses.at(-1)).toBe(200);
}

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
    const number = statuses.push(503);
    let answer = '';
    if (!fails || passesOn) {
      const headers = Object.fromEntries(
        Object.entries(request.headers).filter(([name]) => /^content-type$|^x-hubspot/.test(name)),
      ) as Record<string, string>;
      const passed = await fetch(targetUrl + request.url, { method: 'POST', headers, body });
      const text = await passed.text();
      if (!fails) {
        statuses[number - 1] = passed.status;
        answer = text;
      }
    }
    response.writeHead(statuses[number - 1] ?? 503).end(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, server, statuses: () => statuses };
}
