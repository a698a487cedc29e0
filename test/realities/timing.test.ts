import { describe, expect, test } from '@jest/globals';
import type { Fault } from '../../sandbox/faults.ts';
import { REFUSED_TOKEN } from '../../sandbox/hubspot/refusals.ts';
import { REFUSED_LOGIN } from '../../sandbox/salesforce/refusals.ts';
import { judgeSighting } from '../../src/contracts/sweep.ts';
import { delivered, toLearners } from '../support/delivered-deals.ts';
import { codesMade, type Evidence, hubspotEvidence, salesforceEvidence } from '../support/evidence.ts';
import { openRig } from '../support/rig.ts';
import type { SandboxTenant, StartedDeal } from '../support/sandbox-tenant.ts';
import { until } from '../support/until.ts';

const rig = openRig();

/** Longer than any test takes: what waits for this fails the test. */
const TOO_LONG_MS = 3_600_000;
/** Long enough for a test to do the next thing meanwhile. */
const STILL_MS = 2_500;

const PATIENT = { policy: { passingMs: TOO_LONG_MS } };
const LINE = { sku: 'LEAD-101', name: 'Leadership Essentials', quantity: 3 };
const BUYER = { id: '6001', labels: ['Buyer'] };

type Answer = Omit<Fault, 'kind'> & { readonly kind?: 'status' };

function answers({ sandbox }: SandboxTenant, ...faults: readonly Answer[]): void {
  for (const fault of faults) sandbox.faults.add({ kind: 'status', ...fault });
}

async function wonInHubSpot(tenant: SandboxTenant, deal: Parameters<SandboxTenant['startHubSpot']>[0] = {}) {
  const dealId = tenant.sandbox.hubspot.state.createDeal({
    ownerId: '8001',
    companyId: '5001',
    lineItems: [LINE],
    contacts: [BUYER, { id: '6002', labels: ['Learner'] }],
    ...deal,
  });
  return dealId;
}

async function reported(tenant: SandboxTenant, dealId: string): Promise<StartedDeal> {
  return { dealId, id: await tenant.report(tenant.ref('hubspot', dealId)) };
}

function isWaitingForWriters(tenant: SandboxTenant, id: string) {
  return tenant.waitForProgress(id, ({ step }) => step.includes('finished editing the deal'));
}

/** Nobody was bothered, and the customer heard of it once. */
function expectQuiet({ tasks, mailedTo }: Evidence, mails = 1): void {
  expect(tasks.filter((subject) => !/seats delivered/.test(subject))).toEqual([]);
  expect(mailedTo).toHaveLength(mails);
}

const oneOpportunity = /\/query$/;
const oneDeal = /\/objects\/(0-3|deals)\/\d+$/;
const salesforceSays = (errorCode: string, message: string) => [{ errorCode, message, fields: [] }];

describe('A deal that the CRM does not show yet', () => {
  test.concurrent('HubSpot answers 404 right after the event -> the run looks again, and the deal is delivered', () =>
    rig.withSandbox(PATIENT, async (tenant) => {
      const dealId = await wonInHubSpot(tenant);
      answers(tenant, { system: 'hubspot', method: 'GET', path: oneDeal, status: 404, times: 2 });
      const deal = await reported(tenant, dealId);
      expect((await tenant.resultOf(deal.id)).status).toBe('Delivered');
      expectQuiet(hubspotEvidence(tenant.sandbox, deal));
    }));

  test.concurrent('Salesforce answers the query with no row at first -> the run looks again, and the deal is delivered', () =>
    rig.withSandbox(PATIENT, async (tenant) => {
      const { dealId, ...rest } = await salesforceDeal(tenant);
      const empty = { totalSize: 0, done: true, records: [] };
      answers(tenant, { system: 'salesforce', path: oneOpportunity, status: 200, body: empty, times: 2 });
      const deal = { dealId, id: await rest.report() };
      expect((await tenant.resultOf(deal.id)).status).toBe('Delivered');
      expectQuiet(salesforceEvidence(tenant.sandbox, deal));
    }));

  test.concurrent('its lines are not found at first, though the deal is -> the run looks again, and the deal is delivered', () =>
    rig.withSandbox(PATIENT, async (tenant) => {
      const dealId = await wonInHubSpot(tenant);
      answers(tenant, { system: 'hubspot', path: /associations\/line_items$/, status: 404 });
      const deal = await reported(tenant, dealId);
      expect((await tenant.resultOf(deal.id)).seatCount).toBe(3);
    }));

  test.concurrent('it does not show up in all that time -> the run ends, and says that the CRM has no such deal', () =>
    rig.withSandbox(async (tenant) => {
      const { id } = await reported(tenant, '404404');
      expect((await tenant.failureOf(id)).code).toBe('crm.deal_not_found');
    }));

  test.concurrent('a person names a deal that does not exist -> the answer comes at once', () =>
    rig.withSandbox(PATIENT, async (tenant) => {
      const id = await tenant.provision(tenant.ref('hubspot', '404404'));
      expect((await tenant.failureOf(id)).code).toBe('crm.deal_not_found');
    }));

  test('the sweep sees a deal that the last run could not find -> it is started again', () => {
    const last = {
      runId: 'run-1',
      status: 'Failed',
      temporalStatus: 'FAILED',
      readUpTo: null,
      closedAt: '2026-11-20T10:05:00.000Z',
      code: 'crm.deal_not_found',
    };
    expect(judgeSighting('2026-11-20T10:00:00.000Z', last)).toBe('changed');
    expect(judgeSighting('2026-11-20T10:00:00.000Z', { ...last, code: 'crm.unavailable' })).toBe('known');
  });
});

async function salesforceDeal(
  tenant: SandboxTenant,
  deal: Parameters<SandboxTenant['startSalesforce']>[0] = {},
) {
  const dealId = tenant.sandbox.salesforce.state.createOpportunity({
    name: 'Globex manager academy',
    stageName: 'Closed Won',
    closeDate: new Date().toISOString().slice(0, 10),
    lineItems: [{ productCode: 'LEAD-101', name: 'Leadership Essentials', quantity: 3 }],
    contacts: [
      { lastName: 'Vale', email: 'robin.vale@globex.example', role: 'Economic Buyer', isPrimary: true },
    ],
    owner: { lastName: 'Ops', email: 'kim.ops@vendor.example' },
    ...deal,
  });
  return { dealId, report: () => tenant.report(tenant.ref('salesforce', dealId)) };
}

describe('A fault that passes by itself', () => {
  test.concurrent('HubSpot refuses a good token for a moment -> the call is repeated, and no one is asked', () =>
    rig.withSandbox(PATIENT, async (tenant) => {
      const dealId = await wonInHubSpot(tenant);
      answers(
        tenant,
        { system: 'hubspot', path: /account-info|objects/, ...REFUSED_TOKEN, times: 2 },
        { system: 'hubspot', method: 'PATCH', ...REFUSED_TOKEN },
        { system: 'hubspot', path: /single-email|singlesend/i, ...REFUSED_TOKEN },
      );
      const deal = await reported(tenant, dealId);
      expect((await tenant.resultOf(deal.id)).status).toBe('Delivered');
      expect(tenant.sandbox.faults.hits.length).toBe(4);
      expectQuiet(hubspotEvidence(tenant.sandbox, deal));
    }));

  test.concurrent('the edge of HubSpot answers 403 with a page for a moment -> the call is repeated, and no one is asked', () =>
    rig.withSandbox(PATIENT, async (tenant) => {
      const dealId = await wonInHubSpot(tenant);
      const page = {
        status: 403,
        body: '<html>Attention required</html>',
        headers: { 'content-type': 'text/html' },
      };
      answers(tenant, { system: 'hubspot', ...page, times: 2 });
      const deal = await reported(tenant, dealId);
      expect((await tenant.resultOf(deal.id)).status).toBe('Delivered');
      expectQuiet(hubspotEvidence(tenant.sandbox, deal));
    }));

  test.concurrent('the login of Salesforce refuses good credentials once -> a token is asked for again, and no one is asked', () =>
    rig.withSandbox(PATIENT, async (tenant) => {
      const { dealId, report } = await salesforceDeal(tenant);
      answers(tenant, { system: 'salesforce', path: /oauth2\/token/, ...REFUSED_LOGIN, times: 2 });
      const deal = { dealId, id: await report() };
      expect((await tenant.resultOf(deal.id)).status).toBe('Delivered');
      expectQuiet(salesforceEvidence(tenant.sandbox, deal));
    }));

  test.concurrent('a trigger or flow of Salesforce meets a locked row or runs out of time -> the write is repeated, and no one is asked', () =>
    rig.withSandbox(PATIENT, async (tenant) => {
      const { dealId, report } = await salesforceDeal(tenant);
      const inTrigger =
        'OppTrigger: execution of AfterUpdate caused by: System.DmlException: Update failed. First exception on row 0; first error: UNABLE_TO_LOCK_ROW, unable to obtain exclusive access to this record: []';
      const inFlow =
        'We can’t save this record because the “Renewals” process failed. Apex CPU time limit exceeded';
      const patch = { system: 'salesforce', method: 'PATCH', path: /Opportunity/, status: 400 } as const;
      answers(
        tenant,
        { ...patch, body: salesforceSays('CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', inTrigger) },
        { ...patch, body: salesforceSays('CANNOT_EXECUTE_FLOW_TRIGGER', inFlow) },
        { ...patch, body: salesforceSays('TXN_SECURITY_METERING_ERROR', 'metering') },
        { ...patch, body: salesforceSays('UNABLE_TO_LOCK_ROW', 'unable to obtain exclusive access') },
      );
      const deal = { dealId, id: await report() };
      expect((await tenant.resultOf(deal.id)).status).toBe('Delivered');
      expect(tenant.sandbox.faults.hits.length).toBe(4);
      expectQuiet(salesforceEvidence(tenant.sandbox, deal));
    }));

  test.concurrent('Salesforce says that a query took too long, or that its API is down just now -> the deal is read again, and no one is asked', () =>
    rig.withSandbox(PATIENT, async (tenant) => {
      const { dealId, report } = await salesforceDeal(tenant);
      const read = { system: 'salesforce', path: oneOpportunity } as const;
      answers(
        tenant,
        {
          ...read,
          status: 400,
          body: salesforceSays('QUERY_TIMEOUT', 'Your query request was running for too long.'),
        },
        { ...read, status: 400, body: salesforceSays('REQUEST_RUNNING_TOO_LONG', 'stopped') },
        { ...read, status: 403, body: salesforceSays('API_CURRENTLY_DISABLED', 'down') },
        { ...read, status: 400, body: salesforceSays('SERVER_UNAVAILABLE', 'busy') },
      );
      const deal = { dealId, id: await report() };
      expect((await tenant.resultOf(deal.id)).status).toBe('Delivered');
      expect(tenant.sandbox.faults.hits.length).toBe(4);
      expectQuiet(salesforceEvidence(tenant.sandbox, deal));
    }));

  test.concurrent('a task of Salesforce may have been made when its request was stopped -> it is looked for, and stands once', () =>
    rig.withSandbox(PATIENT, async (tenant) => {
      const { dealId, report } = await salesforceDeal(tenant, { lineItems: [] });
      const body = salesforceSays('REQUEST_RUNNING_TOO_LONG', 'stopped');
      answers(tenant, {
        system: 'salesforce',
        method: 'POST',
        path: /Task/,
        status: 400,
        body,
        commit: true,
      });
      const deal = { dealId, id: await report() };
      await tenant.waitForStatus(deal.id, 'NeedsAttention');
      await tenant.waitForEvidence(() => tenant.sandbox.faults.hits.length === 1);
      await tenant.waitForEvidence(() => salesforceEvidence(tenant.sandbox, deal).openTasks.length > 0);
      tenant.sandbox.salesforce.state.addLineItem(dealId, {
        productCode: 'LEAD-101',
        name: 'Leadership Essentials',
        quantity: 3,
      });
      await report();
      await tenant.resultOf(deal.id);
      const asked = salesforceEvidence(tenant.sandbox, deal).tasks.filter((task) =>
        /needs your help/.test(task),
      );
      expect(asked).toHaveLength(1);
    }));

  test.concurrent('the learning platform refuses a good key, or calls a group a conflict, for a moment -> there is one group, and no one is asked', () =>
    rig.withSandbox(PATIENT, async (tenant) => {
      const dealId = await wonInHubSpot(tenant);
      const create = { system: 'ti', method: 'POST', path: /redemptionCodes$/ } as const;
      answers(
        tenant,
        { system: 'ti', status: 401, body: '' },
        { ...create, status: 409, body: { errors: ['try again'] } },
        { system: 'ti', path: /\/codes$/, status: 404, body: { error: 'not found' } },
      );
      const deal = await reported(tenant, dealId);
      expect((await tenant.resultOf(deal.id)).status).toBe('Delivered');
      expect(tenant.sandbox.ti.state.groups).toHaveLength(1);
      expect(tenant.sandbox.faults.hits.length).toBe(3);
      expectQuiet(hubspotEvidence(tenant.sandbox, deal));
    }));

  test.concurrent('a contact is being changed by somebody else while its link is written -> the link is written again, and no one is asked', () =>
    rig.withSandbox({ ...PATIENT, catalog: toLearners }, async (tenant) => {
      const dealId = await wonInHubSpot(tenant);
      answers(tenant, {
        system: 'hubspot',
        path: /contacts\/batch\/update$/,
        status: 207,
        body: {
          status: 'COMPLETE',
          results: [],
          numErrors: 1,
          errors: [{ status: 'error', category: 'CONFLICT', message: 'locked', context: { ids: ['6002'] } }],
          startedAt: '2026-11-20T09:00:00.000Z',
          completedAt: '2026-11-20T09:00:00.000Z',
        },
      });
      const deal = await reported(tenant, dealId);
      expect((await tenant.resultOf(deal.id)).status).toBe('Delivered');
      expect(tenant.sandbox.faults.hits.length).toBe(1);
    }));

  test.concurrent('HubSpot refuses the token for longer than that -> the run asks, and goes on after the fix', () =>
    rig.withSandbox(async (tenant) => {
      const dealId = await wonInHubSpot(tenant);
      answers(tenant, { system: 'hubspot', path: oneDeal, status: 401, times: Number.POSITIVE_INFINITY });
      const deal = await reported(tenant, dealId);
      const { problems } = await tenant.waitForStatus(deal.id, 'NeedsAttention');
      expect(problems.map(({ code }) => code)).toEqual(['crm.unauthorized']);
      tenant.sandbox.faults.clear();
      await tenant.answer(deal.id, 'retry');
      expect((await tenant.resultOf(deal.id)).status).toBe('Delivered');
    }));
});

describe('A deal that is still being written', () => {
  const WRITTEN = { policy: { stillMs: STILL_MS, writingMs: TOO_LONG_MS } };
  const HURRIED = { policy: { stillMs: TOO_LONG_MS, writingMs: TOO_LONG_MS } };

  test.concurrent('lines and people stood still before the win -> the deal is delivered at once', () =>
    rig.withSandbox(HURRIED, async (tenant) => {
      const inHubSpot = await reported(tenant, await wonInHubSpot(tenant));
      const { dealId, report } = await salesforceDeal(tenant);
      const inSalesforce = { dealId, id: await report() };
      expect((await tenant.resultOf(inHubSpot.id)).status).toBe('Delivered');
      expect((await tenant.resultOf(inSalesforce.id)).status).toBe('Delivered');
    }));

  test.concurrent('an integration adds the lines one by one after the win -> all of them are delivered together, with one mail and no task', () =>
    rig.withSandbox(WRITTEN, async (tenant) => {
      const { state } = tenant.sandbox.hubspot;
      const dealId = await wonInHubSpot(tenant, { lineItems: [] });
      const deal = await reported(tenant, dealId);
      await isWaitingForWriters(tenant, deal.id);
      state.addLineItem(dealId, LINE);
      await tenant.report(tenant.ref('hubspot', dealId));
      await isWaitingForWriters(tenant, deal.id);
      state.addLineItem(dealId, { ...LINE, quantity: 4 });
      expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Delivered', seatCount: 7 });
      expect(codesMade(tenant.sandbox)).toHaveLength(7);
      expectQuiet(hubspotEvidence(tenant.sandbox, deal));
    }));

  test.concurrent('a line is corrected seconds after the win -> only the number that stands is made', () =>
    rig.withSandbox(WRITTEN, async (tenant) => {
      const { state } = tenant.sandbox.hubspot;
      const dealId = await wonInHubSpot(tenant, { lineItems: [] });
      const line = state.addLineItem(dealId, { ...LINE, quantity: 30 });
      const deal = await reported(tenant, dealId);
      await isWaitingForWriters(tenant, deal.id);
      state.edit('line_items', line, { quantity: 3 });
      expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Delivered', seatCount: 3 });
      expect(codesMade(tenant.sandbox)).toHaveLength(3);
    }));

  test.concurrent('a line is changed again and again for longer than a deal must stand still -> only the last number is made', () =>
    rig.withSandbox(WRITTEN, async (tenant) => {
      const { state } = tenant.sandbox.hubspot;
      const dealId = await wonInHubSpot(tenant, { lineItems: [] });
      const line = state.addLineItem(dealId, { ...LINE, quantity: 30 });
      const deal = await reported(tenant, dealId);
      await isWaitingForWriters(tenant, deal.id);
      const readings = () =>
        tenant.sandbox.exchanges.filter(({ path }) => path.endsWith('/line_items/batch/read')).length;
      for (const quantity of [20, 3]) {
        const before = readings();
        state.edit('line_items', line, { quantity });
        await until('the run has seen the change', () => readings() > before);
      }
      expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Delivered', seatCount: 3 });
      expect(codesMade(tenant.sandbox)).toHaveLength(3);
    }));

  test.concurrent('Salesforce gets its lines and the role of the buyer after the win -> the owner is not asked for them', () =>
    rig.withSandbox(WRITTEN, async (tenant) => {
      const { state } = tenant.sandbox.salesforce;
      const { dealId, report } = await salesforceDeal(tenant, { lineItems: [], contacts: [] });
      const deal = { dealId, id: await report() };
      await isWaitingForWriters(tenant, deal.id);
      state.addLineItem(dealId, { productCode: 'LEAD-101', name: 'Leadership Essentials', quantity: 3 });
      await report();
      await isWaitingForWriters(tenant, deal.id);
      state.addContact(dealId, { lastName: 'Vale', email: 'vale@globex.example', role: 'Economic Buyer' });
      expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Delivered', seatCount: 3 });
      expectQuiet(salesforceEvidence(tenant.sandbox, deal));
    }));

  test.concurrent('buyer, address and close date come seconds after the win -> the owner is not asked for them', () =>
    rig.withSandbox(WRITTEN, async (tenant) => {
      const { state } = tenant.sandbox.hubspot;
      const dealId = await wonInHubSpot(tenant, { contacts: [], closeDate: null });
      const contact = state.createContact({ firstName: 'Ash' });
      const deal = await reported(tenant, dealId);
      await isWaitingForWriters(tenant, deal.id);
      state.addContact(dealId, contact, ['Buyer']);
      state.edit('deals', dealId, { closedate: new Date().toISOString() });
      state.edit('contacts', contact, { email: 'ash.moor@acme.example' });
      expect((await tenant.resultOf(deal.id)).status).toBe('Delivered');
      expectQuiet(hubspotEvidence(tenant.sandbox, deal));
    }));

  test.concurrent('a sync deletes the lines of a delivered deal and creates them anew -> no one is asked about a withdrawal', () =>
    rig.withSandbox(WRITTEN, async (tenant) => {
      const { state } = tenant.sandbox.hubspot;
      const deal = await delivered(tenant);
      const [line] = state.associations.linked({ object: 'deals', id: deal.dealId }, 'line_items');
      state.records.archive(state.records.getLive('line_items', line?.id ?? ''), 'INTEGRATION');
      const id = await tenant.report(tenant.ref('hubspot', deal.dealId));
      await isWaitingForWriters(tenant, id);
      state.addLineItem(deal.dealId, LINE);
      expect((await tenant.resultOf(id)).status).toBe('Delivered');
      expect(codesMade(tenant.sandbox)).toHaveLength(3);
      expectQuiet(hubspotEvidence(tenant.sandbox, deal));
    }));

  test.concurrent('a sync creates the new line before it deletes the old one -> the seats are not made twice', () =>
    rig.withSandbox(WRITTEN, async (tenant) => {
      const { state } = tenant.sandbox.hubspot;
      const deal = await delivered(tenant);
      const [line] = state.associations.linked({ object: 'deals', id: deal.dealId }, 'line_items');
      state.addLineItem(deal.dealId, LINE);
      const id = await tenant.report(tenant.ref('hubspot', deal.dealId));
      await isWaitingForWriters(tenant, id);
      state.records.archive(state.records.getLive('line_items', line?.id ?? ''), 'INTEGRATION');
      expect((await tenant.resultOf(id)).status).toBe('Delivered');
      expect(codesMade(tenant.sandbox)).toHaveLength(3);
    }));

  /** HubSpot has not counted the contacts of a deal before the test is over. */
  const UNCOUNTED = { hubspot: { associationCountDelayMs: TOO_LONG_MS } };
  const ONLY_BUYER = { contacts: [BUYER] };
  /** The seats that are left over are the buyer's. */
  const OF_BUYER = 'dana.reyes@acme.example';

  function lastYear({ sandbox }: SandboxTenant, name: string): string {
    const { state } = sandbox.hubspot;
    const id = state.createContact({ email: `${name}@acme.example`, firstName: name });
    state.records.age(state.records.getLive('contacts', id), 365 * 24 * TOO_LONG_MS);
    return id;
  }

  async function joinedByOldLearners(tenant: SandboxTenant): Promise<void> {
    const { state } = tenant.sandbox.hubspot;
    const dealId = await wonInHubSpot(tenant, ONLY_BUYER);
    const [kim, jo] = [lastYear(tenant, 'kim'), lastYear(tenant, 'jo')];
    state.addContact(dealId, kim, ['Learner']);
    const deal = await reported(tenant, dealId);
    await isWaitingForWriters(tenant, deal.id);
    state.addContact(dealId, jo, ['Learner']);
    expect((await tenant.resultOf(deal.id)).status).toBe('Delivered');
    const { mailedTo } = hubspotEvidence(tenant.sandbox, deal);
    expect([...mailedTo].sort()).toEqual([OF_BUYER, 'jo@acme.example', 'kim@acme.example']);
    for (const id of [kim, jo]) expect(state.valuesOf('contacts', id).dealseat_redeem_link).toBeDefined();
    expect(tenant.sandbox.ti.state.groups).toHaveLength(1);
  }

  test.concurrent('contacts that HubSpot has known for a year are associated seconds after the win -> each of them gets a code, with one mail', () =>
    rig.withSandbox({ ...WRITTEN, catalog: toLearners }, joinedByOldLearners));

  test.concurrent('they are associated so shortly before the reading that HubSpot has not counted them yet -> each of them gets a code all the same', () =>
    rig.withSandbox({ ...WRITTEN, ...UNCOUNTED, catalog: toLearners }, joinedByOldLearners));

  test.concurrent('a contact is taken off the deal seconds after the win -> the person who takes the place gets the code, and no one else', () =>
    rig.withSandbox({ ...WRITTEN, catalog: toLearners }, async (tenant) => {
      const { state } = tenant.sandbox.hubspot;
      const [kim, jo, pat] = ['kim', 'jo', 'pat'].map((name) => lastYear(tenant, name));
      const labels = ['Learner'];
      const dealId = await wonInHubSpot(tenant, {
        contacts: [BUYER, { id: kim ?? '', labels }, { id: jo ?? '', labels }],
      });
      const unlink = (id = '') =>
        state.associations.unlink({ object: 'deals', id: dealId }, { object: 'contacts', id });
      unlink(kim);
      const deal = await reported(tenant, dealId);
      await isWaitingForWriters(tenant, deal.id);
      state.addContact(dealId, pat ?? '', labels);
      await tenant.resultOf(deal.id);
      const { mailedTo } = hubspotEvidence(tenant.sandbox, deal);
      expect([...mailedTo].sort()).toEqual([OF_BUYER, 'jo@acme.example', 'pat@acme.example']);
      expect(state.valuesOf('contacts', kim ?? '').dealseat_redeem_link).toBeUndefined();
    }));

  test.concurrent('a line is deleted seconds after the win, and another one takes its place -> no seats are made in between', () =>
    rig.withSandbox(WRITTEN, async (tenant) => {
      const { state } = tenant.sandbox.hubspot;
      const dealId = await wonInHubSpot(tenant, { lineItems: [LINE, { ...LINE, quantity: 9 }] });
      const [, wrong] = state.associations.linked({ object: 'deals', id: dealId }, 'line_items');
      state.records.archive(state.records.getLive('line_items', wrong?.id ?? ''), 'INTEGRATION');
      const deal = await reported(tenant, dealId);
      await isWaitingForWriters(tenant, deal.id);
      state.addLineItem(dealId, { ...LINE, quantity: 1 });
      expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Delivered', seatCount: 4 });
      expect(tenant.sandbox.ti.state.groups).toHaveLength(1);
    }));

  /** The ids of what an opportunity has of a kind, in the order in which it came. */
  function childrenOf({ sandbox }: SandboxTenant, object: string, dealId: string): string[] {
    const rows = sandbox.salesforce.state.store.rows(object);
    return rows.filter((row) => row.OpportunityId === dealId).map((row) => String(row.Id));
  }

  test.concurrent('a product is taken off the opportunity seconds after the win, and another one takes its place -> no seats are made in between', () =>
    rig.withSandbox(WRITTEN, async (tenant) => {
      const { state } = tenant.sandbox.salesforce;
      const line = { productCode: 'LEAD-101', name: 'Leadership Essentials' };
      const { dealId, report } = await salesforceDeal(tenant, {
        lineItems: [
          { ...line, quantity: 3 },
          { ...line, quantity: 9 },
        ],
      });
      const [, wrong] = childrenOf(tenant, 'OpportunityLineItem', dealId);
      state.records.remove('OpportunityLineItem', wrong ?? '');
      const deal = { dealId, id: await report() };
      await isWaitingForWriters(tenant, deal.id);
      state.addLineItem(dealId, { ...line, quantity: 1 });
      expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Delivered', seatCount: 4 });
      expect(tenant.sandbox.ti.state.groups).toHaveLength(1);
    }));

  test.concurrent('the role of a learner is taken off the opportunity seconds after the win -> the person who takes the place gets the code, and no one else', () =>
    rig.withSandbox({ ...WRITTEN, catalog: toLearners }, async (tenant) => {
      const { state } = tenant.sandbox.salesforce;
      const { dealId, report } = await salesforceDeal(tenant, {
        contacts: [
          { lastName: 'Vale', email: 'vale@globex.example', role: 'Economic Buyer' },
          { lastName: 'Lind', email: 'lind@globex.example', role: 'Learner' },
        ],
      });
      const [, wrong] = childrenOf(tenant, 'OpportunityContactRole', dealId);
      state.records.remove('OpportunityContactRole', wrong ?? '');
      const deal = { dealId, id: await report() };
      await isWaitingForWriters(tenant, deal.id);
      state.addContact(dealId, { lastName: 'Pat', email: 'pat@globex.example', role: 'Learner' });
      await tenant.resultOf(deal.id);
      const links = state.store.rows('Contact').filter((row) => row.Dealseat_Redeem_Link__c);
      expect(links.map(({ Email }) => Email)).toEqual(['pat@globex.example']);
    }));

  test.concurrent('a product was taken off the opportunity long before the win -> the deal is delivered at once', () =>
    rig.withSandbox(HURRIED, async (tenant) => {
      const { state } = tenant.sandbox.salesforce;
      const line = { productCode: 'LEAD-101', name: 'Leadership Essentials', quantity: 3 };
      const { dealId, report } = await salesforceDeal(tenant, { lineItems: [line, line] });
      const [, wrong] = childrenOf(tenant, 'OpportunityLineItem', dealId);
      state.records.remove('OpportunityLineItem', wrong ?? '');
      for (const row of state.store.visibleRowsAndBin('OpportunityLineItem'))
        state.records.age(row, 2 * TOO_LONG_MS);
      const deal = { dealId, id: await report() };
      expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Delivered', seatCount: 3 });
    }));

  test.concurrent('the portal does not count the contacts of its deals -> the deal is delivered at once, as far as anything can be known', () =>
    rig.withSandbox(
      { ...HURRIED, hubspot: { associationCountDelayMs: Number.POSITIVE_INFINITY } },
      async (tenant) => {
        const dealId = await wonInHubSpot(tenant, ONLY_BUYER);
        tenant.sandbox.hubspot.state.addContact(dealId, lastYear(tenant, 'kim'), ['Learner']);
        const deal = await reported(tenant, dealId);
        expect((await tenant.resultOf(deal.id)).status).toBe('Delivered');
      },
    ));

  test.concurrent('HubSpot or an automation calculates the amounts of the lines anew at the win -> the deal is delivered at once', () =>
    rig.withSandbox(HURRIED, async (tenant) => {
      const { state } = tenant.sandbox.hubspot;
      const dealId = await wonInHubSpot(tenant);
      const lines = state.associations.linked({ object: 'deals', id: dealId }, 'line_items');
      for (const { id } of lines) state.edit('line_items', id, { price: 99, amount: 297 });
      const deal = await reported(tenant, dealId);
      expect((await tenant.resultOf(deal.id)).status).toBe('Delivered');
    }));

  test.concurrent('something is still missing when the deal stands still -> the owner is asked then', () =>
    rig.withSandbox({ policy: { stillMs: 200 } }, async (tenant) => {
      const dealId = await wonInHubSpot(tenant, { lineItems: [] });
      const deal = await reported(tenant, dealId);
      const { problems } = await tenant.waitForStatus(deal.id, 'NeedsAttention');
      expect(problems.map(({ code }) => code)).toEqual(['deal.no_line_items']);
      await tenant.waitForEvidence(() => hubspotEvidence(tenant.sandbox, deal).openTasks.length === 1);
      tenant.sandbox.hubspot.state.addLineItem(dealId, LINE);
      await tenant.report(tenant.ref('hubspot', dealId));
      expect((await tenant.resultOf(deal.id)).status).toBe('Delivered');
      expect(hubspotEvidence(tenant.sandbox, deal).openTasks).not.toContain(
        'Dealseat needs your help with this deal',
      );
    }));

  test.concurrent('a deal never stands still -> it is acted on after a bounded time all the same', () =>
    rig.withSandbox({ policy: { stillMs: TOO_LONG_MS, writingMs: 1_000 } }, async (tenant) => {
      const dealId = await wonInHubSpot(tenant, { lineItems: [] });
      tenant.sandbox.hubspot.state.addLineItem(dealId, LINE);
      const deal = await reported(tenant, dealId);
      expect((await tenant.resultOf(deal.id)).seatCount).toBe(3);
    }));

  test.concurrent('a person asks for the deal meanwhile -> nothing more is waited for', () =>
    rig.withSandbox(HURRIED, async (tenant) => {
      const dealId = await wonInHubSpot(tenant, { lineItems: [] });
      tenant.sandbox.hubspot.state.addLineItem(dealId, LINE);
      const waiting = await reported(tenant, dealId);
      await isWaitingForWriters(tenant, waiting.id);
      expect(await tenant.provision(tenant.ref('hubspot', dealId))).toBe(waiting.id);
      expect((await tenant.resultOf(waiting.id)).seatCount).toBe(3);
    }));

  test.concurrent('the deal is lost again while it is being written -> nothing is made', () =>
    rig.withSandbox(HURRIED, async (tenant) => {
      const { state } = tenant.sandbox.hubspot;
      const dealId = await wonInHubSpot(tenant, { lineItems: [] });
      state.addLineItem(dealId, LINE);
      const deal = await reported(tenant, dealId);
      await isWaitingForWriters(tenant, deal.id);
      state.edit('deals', dealId, { dealstage: 'closedlost' });
      await tenant.report(tenant.ref('hubspot', dealId));
      expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Skipped', code: 'deal.not_won' });
      expect(tenant.sandbox.ti.state.groups).toEqual([]);
    }));
});

describe('A fix that no event tells of', () => {
  test.concurrent('a contact of the deal is given its address while the owner is asked -> the run sees it within the hour, and completes the task', () =>
    rig.withSandbox({ policy: { lookAgainMs: 300 } }, async (tenant) => {
      const { state } = tenant.sandbox.hubspot;
      const dealId = await wonInHubSpot(tenant, { contacts: [{ firstName: 'Ash', labels: ['Buyer'] }] });
      const deal = await reported(tenant, dealId);
      await tenant.waitForStatus(deal.id, 'NeedsAttention');
      await tenant.waitForEvidence(() => hubspotEvidence(tenant.sandbox, deal).openTasks.length === 1);
      const [contact] = state.associations.linked({ object: 'deals', id: dealId }, 'contacts');
      state.edit('contacts', contact?.id ?? '', { email: 'ash.moor@acme.example' });
      expect((await tenant.resultOf(deal.id)).status).toBe('Delivered');
      expect(hubspotEvidence(tenant.sandbox, deal).openTasks).not.toContain(
        'Dealseat needs your help with this deal',
      );
    }));
});
