import { describe, expect, test } from '@jest/globals';
import { codesMade, hubspotEvidence, salesforceEvidence } from '../support/evidence.ts';
import { openRig } from '../support/rig.ts';
import { HUBSPOT_DEAL, SALESFORCE_DEAL, type SandboxTenant } from '../support/sandbox-tenant.ts';
import {
  createRig,
  HUBSPOT_SECRET,
  hubspotDelivery,
  NOW,
  notification,
  ORG,
  outboundMessage,
  PUBLIC_URL,
  sendHubSpot,
  sendSalesforce,
  signV3,
  stageEvent,
} from '../webhooks/fixture.ts';

const rig = openRig();

const HUBSPOT_EVENT = JSON.stringify([stageEvent()]);
const WON = '0065Y00001Suvw6QAB';

/** What HubSpot sends to the public address, as it reaches the server behind a proxy. */
async function behindProxy(
  env: NodeJS.ProcessEnv,
  address: { readonly called: string; readonly seen: string },
) {
  const webhooks = createRig({ env });
  const timestamp = String(NOW);
  const signature = signV3({
    secret: HUBSPOT_SECRET,
    method: 'POST',
    uri: address.called,
    body: HUBSPOT_EVENT,
    timestamp,
  });
  const headers = {
    host: '10.0.0.7:8080',
    'x-forwarded-host': 'proxy.example',
    'x-forwarded-proto': 'http',
    'x-hubspot-signature-v3': signature,
  };
  const { statusCode } = await webhooks.app.inject(
    hubspotDelivery({ body: HUBSPOT_EVENT, path: address.seen, headers }),
  );
  return { statusCode, started: webhooks.provisioner.started.length };
}

const TAKEN = { statusCode: 200, started: 1 };

describe('Proxies and messages that look odd', () => {
  test('a proxy strips the prefix of the public address -> the event is taken', async () => {
    const env = { WEBHOOK_PUBLIC_URL: `${PUBLIC_URL}/dealseat/prod` };
    const called = `${PUBLIC_URL}/dealseat/prod/webhooks/hubspot`;
    expect(await behindProxy(env, { called, seen: '/webhooks/hubspot' })).toEqual(TAKEN);
  });

  test('a proxy calls the server by another host and scheme -> the event is taken', async () => {
    const called = `${PUBLIC_URL}/webhooks/hubspot`;
    expect(await behindProxy({}, { called, seen: '/webhooks/hubspot' })).toEqual(TAKEN);
  });

  test('the address has a query with escapes -> the event is taken, behind a stripped prefix too', async () => {
    const query = '?src=a%2Fb&to=x%40y&note=%20z';
    // HubSpot signs some escapes undone, as its documentation lists them.
    const signed = '?src=a/b&to=x@y&note=%20z';
    for (const prefix of ['', '/in']) {
      const env = { WEBHOOK_PUBLIC_URL: PUBLIC_URL + prefix };
      const called = `${PUBLIC_URL}${prefix}/webhooks/hubspot${signed}`;
      expect(await behindProxy(env, { called, seen: `/webhooks/hubspot${query}` })).toEqual(TAKEN);
    }
  });

  test('a proxy adds a query that HubSpot did not sign -> the event is refused, because its signature does not hold', async () => {
    const called = `${PUBLIC_URL}/webhooks/hubspot`;
    const seen = '/webhooks/hubspot?from=proxy';
    expect(await behindProxy({}, { called, seen })).toEqual({ statusCode: 401, started: 0 });
  });

  test('an outbound message has other prefixes, CDATA, nil fields, a byte order mark or short ids -> the run starts', async () => {
    const message = outboundMessage(notification());
    const forms = {
      'other prefixes': message
        .replaceAll('soapenv:', 'e:')
        .replace('xmlns:soapenv', 'xmlns:e')
        .replaceAll('sf:', 'o:')
        .replaceAll('xmlns:sf', 'xmlns:o'),
      'a field without prefix': message.replace(
        /<sf:Id>(.*)<\/sf:Id>/,
        '<Id xmlns="urn:sobject.enterprise.soap.sforce.com">$1</Id>',
      ),
      CDATA: message.replace(`<sf:Id>${WON}`, `<sf:Id><![CDATA[${WON}]]>`),
      'a nil field': message.replace(/<sf:Name>.*<\/sf:Name>/, '<sf:Name xsi:nil="true"/>'),
      'a byte order mark': `\ufeff${message}`,
      'ids of 15 characters': outboundMessage(notification(WON.slice(0, 15)), { org: ORG.slice(0, 15) }),
      'other line ends and a blank end': `${message.replaceAll('\n', '\r\n')}\r\n\r\n`,
      'a character written by its number': message.replace('<sf:Id>0', '<sf:Id>&#48;'),
      'an encoding in small letters': message.replace('"UTF-8"', "'utf-8'"),
    };
    for (const [form, sent] of Object.entries(forms)) {
      const webhooks = createRig();
      const { statusCode } = await sendSalesforce(webhooks, sent);
      const ids = webhooks.provisioner.started.map(({ ref }) => `${ref.account} ${ref.dealId}`);
      expect({ form, statusCode, ids }).toEqual({ form, statusCode: 200, ids: [`${ORG} ${WON}`] });
    }
  });

  test('an outbound message tells of 100 opportunities, or of one of them twice -> each is started once', async () => {
    const ids = [...Array(100).keys()].map((index) => `0065Y000${String(index).padStart(7, '0')}`);
    for (const sent of [ids, [...ids.slice(0, 50), ...ids.slice(0, 50)]]) {
      const webhooks = createRig();
      const message = outboundMessage(sent.map((id) => notification(id)).join(''));
      expect((await sendSalesforce(webhooks, message)).statusCode).toBe(200);
      const started = webhooks.provisioner.started.map(({ ref }) => ref.dealId.slice(0, 15));
      expect(started.sort()).toEqual([...new Set(sent)].sort());
    }
  });

  test('HubSpot tells of a deal in its older form, in its newer one, with ids as text, or in a full batch -> each deal is started once', async () => {
    const older = stageEvent({ objectId: 1 });
    const newer = stageEvent({ objectId: 2, subscriptionType: 'object.propertyChange', objectTypeId: '0-3' });
    const asText = stageEvent({ objectId: '3', portalId: '62515', eventId: '7' });
    const created = stageEvent({ objectId: 4, subscriptionType: 'object.creation', objectTypeId: '0-3' });
    const rest = [...Array(96).keys()].map((index) => stageEvent({ objectId: 100 + index }));
    const webhooks = createRig();
    const { statusCode } = await sendHubSpot(webhooks, [older, newer, asText, created, ...rest]);
    expect(statusCode).toBe(200);
    const started = new Set(webhooks.provisioner.started.map(({ ref }) => ref.dealId));
    expect(started.size).toBe(100);
    for (const id of ['1', '2', '3', '4']) expect(started).toContain(id);
  });
});

describe('Deals that look odd', () => {
  test.concurrent('a company buys the same product again in another deal -> it gets other codes, and the first ones stay', () =>
    rig.withSandbox(async (tenant) => {
      const deals = [
        await tenant.startHubSpot(),
        await tenant.startHubSpot({ name: 'Acme renewal' }),
        await tenant.startHubSpot({ name: 'Acme renewal' }),
      ];
      for (const { id } of deals)
        expect(await tenant.resultOf(id)).toMatchObject({ status: 'Delivered', seatCount: 3 });
      const given = deals.map((deal) => hubspotEvidence(tenant.sandbox, deal).rosters.flat());
      expect(given.map((codes) => codes.length)).toEqual([3, 3, 3]);
      expect(given.flat().sort()).toEqual(codesMade(tenant.sandbox));
      expect(new Set(tenant.sandbox.ti.state.groups.map(({ label }) => label)).size).toBe(3);
    }));

  test.concurrent('people have plus addresses, and names in any script -> they get their mail at exactly that address', () =>
    rig.withSandbox(async (tenant) => {
      const people = [
        { email: 'dana+lms@acme.example', firstName: 'Dana', lastName: 'Łukasiewicz-Ó’Neill' },
        { email: "o'brien+a.b@acme.example", firstName: '李', lastName: '小龍' },
        { email: 'first.last+tag=1@sub.acme.example', firstName: 'عمر', lastName: '🎓' },
      ];
      for (const person of people) {
        const deal = await tenant.startHubSpot({ contacts: [{ ...person, labels: ['Buyer'] }] });
        expect((await tenant.resultOf(deal.id)).status).toBe('Delivered');
      }
      const { dealId, id } = await tenant.startSalesforce({
        contacts: [
          {
            firstName: 'Zoë',
            lastName: 'Ñandú',
            email: 'zoe+dealseat@globex.example',
            role: 'Economic Buyer',
          },
        ],
      });
      expect((await tenant.resultOf(id)).status).toBe('Delivered');
      const { mailedTo } = salesforceEvidence(tenant.sandbox, { id, dealId });
      const toHubSpot = tenant.sandbox.outbox.mails.filter(({ system }) => system === 'hubspot');
      expect(toHubSpot.map(({ to }) => to)).toEqual(people.map(({ email }) => email));
      expect(mailedTo).toEqual(['zoe+dealseat@globex.example']);
    }));

  test.concurrent('a CRM writes whole numbers with decimals -> they are whole numbers, and half a seat is asked about', () =>
    rig.withSandbox(async (tenant) => {
      for (const quantity of ['3.0', '3.00', '3.000000']) {
        const lineItems = [{ name: 'Leadership Essentials', sku: 'LEAD-101', quantity }];
        const { id } = await tenant.startHubSpot({ lineItems });
        expect(await tenant.resultOf(id)).toMatchObject({ status: 'Delivered', seatCount: 3 });
      }
      const half = [{ name: 'Leadership Essentials', sku: 'LEAD-101', quantity: '3.5' }];
      const { id } = await tenant.startHubSpot({ lineItems: half });
      const { problems } = await tenant.waitForStatus(id, 'NeedsAttention');
      expect(problems).toMatchObject([{ code: 'deal.quantity_invalid' }]);
      await tenant.console.cancel(id, { by: 'test', reason: 'seen' });
      await tenant.resultOf(id);
    }));
});

describe('Quotas and outages', () => {
  test.concurrent('both CRMs answer with pages of their outage, or say that the quota is used up for a moment -> the deals are delivered once, and no one is asked', () =>
    rig.withSandbox(async (tenant) => {
      const { faults, hubspot, salesforce } = tenant.sandbox;
      const page = { body: '<html>Down for maintenance</html>', headers: { 'content-type': 'text/html' } };
      for (const system of ['hubspot', 'salesforce'] as const) {
        faults.add({ system, kind: 'html' });
        faults.add({ system, kind: 'status', status: 503, ...page, times: 2, after: 1 });
        faults.add({ system, kind: 'status', status: 504, ...page, after: 6 });
        faults.add({ system, kind: 'html', method: 'PATCH', commit: true });
      }
      const rate = { status: 429, headers: { 'retry-after': '1' } };
      const secondly = { status: 'error', errorType: 'RATE_LIMIT', policyName: 'SECONDLY', message: 'limit' };
      faults.add({ system: 'hubspot', kind: 'status', ...rate, body: secondly, times: 2, after: 4 });
      const deals = [
        {
          id: await tenant.report(tenant.ref('hubspot', hubspot.state.createDeal(HUBSPOT_DEAL))),
          of: hubspotEvidence,
        },
        {
          id: await tenant.report(
            tenant.ref('salesforce', salesforce.state.createOpportunity(SALESFORCE_DEAL)),
          ),
          of: salesforceEvidence,
        },
      ];
      for (const { id, of } of deals) {
        expect(await tenant.resultOf(id)).toMatchObject({ status: 'Delivered', seatCount: 3 });
        const { mailedTo, rosters, tasks } = of(tenant.sandbox, { id, dealId: id.split(':').at(-1) ?? '' });
        expect({ mails: mailedTo.length, codes: rosters.flat().length }).toEqual({ mails: 1, codes: 3 });
        expect(tasks.filter((subject) => /help|could not/.test(subject))).toEqual([]);
      }
      expect(codesMade(tenant.sandbox)).toHaveLength(6);
    }));
});

describe('A rule of the company on files', () => {
  test.concurrent('Salesforce refuses the roster by a rule on files -> the owner reads the words of the rule, and the deal goes on when it is met', () =>
    rig.withSandbox(async (tenant) => {
      for (const [errorCode, words] of [
        ['FIELD_CUSTOM_VALIDATION_EXCEPTION', 'Files on won opportunities need a category.'],
        ['FIELD_INTEGRITY_EXCEPTION', 'Only the deal desk may add files.'],
        ['INSUFFICIENT_ACCESS_OR_READONLY', 'insufficient access rights on object'],
      ] as const) {
        await refusedFile(tenant, { errorCode, words });
      }
    }));
});

async function refusedFile(
  tenant: SandboxTenant,
  { errorCode, words }: { readonly errorCode: string; readonly words: string },
): Promise<void> {
  tenant.sandbox.faults.add({
    system: 'salesforce',
    method: 'POST',
    path: /ContentVersion/,
    kind: 'status',
    status: 400,
    body: [{ errorCode, message: words, fields: [] }],
    times: Number.POSITIVE_INFINITY,
  });
  const deal = await tenant.startSalesforce();
  const { problems } = await tenant.waitForStatus(deal.id, 'NeedsAttention');
  expect(problems[0]?.message).toContain(words);
  await tenant.waitForEvidence(() =>
    salesforceEvidence(tenant.sandbox, deal).taskTexts.join().includes(words),
  );
  tenant.sandbox.faults.clear();
  await tenant.answer(deal.id, 'retry');
  expect((await tenant.resultOf(deal.id)).status).toBe('Delivered');
}
