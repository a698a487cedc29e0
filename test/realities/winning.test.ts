import { afterEach, describe, expect, test } from '@jest/globals';
import { FULFILMENT_PIPELINE } from '../../sandbox/hubspot/pipelines.ts';
import type { NewDeal } from '../../sandbox/hubspot/state.ts';
import type { NewOpportunity } from '../../sandbox/salesforce/state.ts';
import { provisioningId } from '../../src/domain/deal/ids.ts';
import { hubspotEvidence } from '../support/evidence.ts';
import { openRig } from '../support/rig.ts';
import { HUBSPOT_DEAL } from '../support/sandbox-tenant.ts';
import { HUBSPOT_BUYER, openHubSpotShop, openSalesforceShop, START, soldOpportunity } from './sold-deals.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

type HubSpotShop = Awaited<ReturnType<typeof openHubSpotShop>>;
type SalesforceShop = Awaited<ReturnType<typeof openSalesforceShop>>;

let close: () => Promise<void> = async () => {};
afterEach(() => close());

async function hubspot(yaml = ''): Promise<HubSpotShop> {
  const shop = await openHubSpotShop(yaml);
  close = shop.close;
  shop.state.pipelines.add(FULFILMENT_PIPELINE);
  // The example deal is won, and none of these tests is about it.
  shop.state.edit('deals', '9001', { dealstage: 'closedlost' });
  return shop;
}

async function salesforce(yaml = ''): Promise<SalesforceShop> {
  const shop = await openSalesforceShop(yaml);
  close = shop.close;
  for (const { Id } of shop.state.rows('Opportunity')) shop.state.setStage(String(Id), 'Closed Lost');
  return shop;
}

function dealIn({ state }: HubSpotShop, changes: NewDeal = {}): string {
  const lineItems = [{ name: 'Leadership', sku: 'LEAD-101', quantity: 4 }];
  return state.createDeal({ lineItems, contacts: HUBSPOT_BUYER, ...changes });
}

function opportunityIn({ state }: SalesforceShop, changes: Partial<NewOpportunity> = {}): string {
  return state.createOpportunity(soldOpportunity(changes));
}

/** As a workflow of HubSpot moves deals. */
function move(shop: HubSpotShop, dealId: string, pipeline: string, dealstage: string): void {
  shop.wait(MINUTE);
  shop.state.edit('deals', dealId, { pipeline, dealstage });
}

function stage(shop: SalesforceShop, dealId: string, name: string): void {
  shop.wait(MINUTE);
  shop.state.setStage(dealId, name);
}

describe('A won deal that moves on', () => {
  test('a delivered deal goes into an open stage of another pipeline, for fulfilment -> nothing is taken back', async () => {
    const shop = await hubspot();
    const dealId = dealIn(shop);
    await shop.deliver(dealId);
    move(shop, dealId, FULFILMENT_PIPELINE.id, '1233582149');
    expect(await shop.outcome(dealId)).toBe('as delivered');
  });

  test('a deal is won and moved to the fulfilment pipeline before anyone heard of it -> it gets its seats', async () => {
    const shop = await hubspot();
    const dealId = dealIn(shop);
    move(shop, dealId, FULFILMENT_PIPELINE.id, '1233582149');
    expect(await shop.outcome(dealId)).toBe('4 seats');
    expect((await shop.reading(dealId)).deal.wonAt).toBe(new Date(START).toISOString());
  });

  test('no event reported a deal that was won and moved on between two sweeps -> the sweep finds it', async () => {
    const shop = await hubspot();
    const moved = dealIn(shop);
    const neverWon = dealIn(shop, { pipeline: FULFILMENT_PIPELINE.id, stage: '1233582149' });
    const stillOpen = dealIn(shop, { stage: 'contractsent' });
    move(shop, moved, FULFILMENT_PIPELINE.id, '1233582149');
    move(shop, stillOpen, FULFILMENT_PIPELINE.id, '1233582149');
    expect(await shop.swept()).toEqual([moved]);
    expect([await shop.outcome(neverWon), await shop.outcome(stillOpen)]).toEqual([
      'deal.not_won',
      'deal.not_won',
    ]);
  });

  test('a deal moves through the whole fulfilment pipeline up to its own won stage and back -> it counts as won once', async () => {
    const shop = await hubspot();
    const dealId = dealIn(shop);
    await shop.deliver(dealId);
    for (const id of ['1233582149', '202', '1233582149']) move(shop, dealId, FULFILMENT_PIPELINE.id, id);
    expect(await shop.outcome(dealId)).toBe('as delivered');
    expect((await shop.deal(dealId)).stageHistory.every(({ isWon }) => isWon)).toBe(true);
  });

  test('a delivered deal goes back to an open stage of the pipeline that it was won in -> people are asked about its seats', async () => {
    const shop = await hubspot();
    const dealId = dealIn(shop);
    await shop.deliver(dealId);
    move(shop, dealId, 'default', 'contractsent');
    expect(await shop.outcome(dealId)).toBe('4 seats too many');
  });

  test('a delivered deal is cancelled in the fulfilment pipeline, a closed stage that is not won -> people are asked about its seats', async () => {
    const shop = await hubspot();
    const dealId = dealIn(shop);
    await shop.deliver(dealId);
    move(shop, dealId, FULFILMENT_PIPELINE.id, '1233582149');
    move(shop, dealId, FULFILMENT_PIPELINE.id, '203');
    expect(await shop.outcome(dealId)).toBe('4 seats too many');
  });

  test('a deal is lost in the fulfilment pipeline before it was delivered -> nothing is provisioned and no sweep finds it', async () => {
    const shop = await hubspot();
    const dealId = dealIn(shop);
    move(shop, dealId, FULFILMENT_PIPELINE.id, '203');
    expect(await shop.outcome(dealId)).toBe('deal.not_won');
    expect(await shop.swept()).toEqual([]);
  });

  test('a won deal goes into an open stage of its own pipeline that the catalog names in afterWon -> it is still won', async () => {
    const shop = await hubspot('deals: { hubspot: { afterWon: [contractsent] } }');
    const dealId = dealIn(shop);
    move(shop, dealId, 'default', 'contractsent');
    const neverWon = dealIn(shop, { stage: 'contractsent' });
    expect(await shop.outcome(dealId)).toBe('4 seats');
    expect(await shop.outcome(neverWon)).toBe('deal.not_won');
    expect(await shop.swept()).toEqual([dealId]);
  });

  test('the stage that a deal was in was deleted since -> its history still shows that it was won', async () => {
    const shop = await hubspot();
    const dealId = dealIn(shop);
    shop.state.pipelines.add({
      ...FULFILMENT_PIPELINE,
      stages: [...FULFILMENT_PIPELINE.stages, { ...FULFILMENT_PIPELINE.stages[0], id: '209', label: 'Old' }],
    });
    move(shop, dealId, FULFILMENT_PIPELINE.id, '209');
    move(shop, dealId, FULFILMENT_PIPELINE.id, '1233582149');
    shop.state.pipelines.add(FULFILMENT_PIPELINE);
    expect(await shop.outcome(dealId)).toBe('4 seats');
  });

  test('an opportunity is won and goes into an open stage that the catalog names in afterWon -> it is still won, and a sweep finds it', async () => {
    const shop = await salesforce('deals: { salesforce: { afterWon: [Negotiation/Review] } }');
    const dealId = opportunityIn(shop);
    stage(shop, dealId, 'Negotiation/Review');
    const neverWon = opportunityIn(shop, { stageName: 'Negotiation/Review' });
    expect(await shop.outcome(dealId)).toBe('4 seats');
    expect(await shop.outcome(neverWon)).toBe('deal.not_won');
    expect(await shop.swept()).toEqual([dealId]);
  });

  test('a delivered opportunity goes back to an open stage that the catalog does not name -> people are asked about its seats', async () => {
    const shop = await salesforce();
    const dealId = opportunityIn(shop);
    await shop.deliver(dealId);
    stage(shop, dealId, 'Negotiation/Review');
    expect(await shop.outcome(dealId)).toBe('4 seats too many');
  });
});

describe('What counts as won', () => {
  test('the company counts signed contracts as won, in a stage that HubSpot calls open -> the catalog says so in wonStages', async () => {
    const shop = await hubspot('deals: { hubspot: { wonStages: [contractsent] } }');
    const dealId = dealIn(shop, { stage: 'contractsent' });
    expect(await shop.outcome(dealId)).toBe('4 seats');
    expect(await shop.swept()).toEqual([dealId]);
    expect(await shop.crm.wonStageIds()).toContain('contractsent');
  });

  test('the same in Salesforce -> the catalog names the stage in wonStages', async () => {
    const shop = await salesforce('deals: { salesforce: { wonStages: [Negotiation/Review] } }');
    const dealId = opportunityIn(shop, { stageName: 'Negotiation/Review' });
    expect(await shop.outcome(dealId)).toBe('4 seats');
    expect(await shop.swept()).toEqual([dealId]);
  });

  test('only one pipeline sells seats, and a deal is won in another one -> it is skipped and no sweep finds it', async () => {
    const shop = await hubspot('deals: { hubspot: { pipelines: [default] } }');
    const other = dealIn(shop, { pipeline: FULFILMENT_PIPELINE.id, stage: '202' });
    expect(await shop.outcome(other)).toBe('deal.left_out');
    expect(await shop.swept()).toEqual([]);
  });

  test('a deal is won in a pipeline that counts and moves to one that does not -> it goes on to count', async () => {
    const shop = await hubspot('deals: { hubspot: { pipelines: [default] } }');
    const dealId = dealIn(shop);
    move(shop, dealId, FULFILMENT_PIPELINE.id, '202');
    expect(await shop.outcome(dealId)).toBe('4 seats');
    expect(await shop.swept()).toEqual([dealId]);
  });

  test('only one record type sells seats -> opportunities of others, and those without one, are skipped', async () => {
    const shop = await salesforce('deals: { salesforce: { recordTypes: [New Business] } }');
    const counted = opportunityIn(shop, { recordType: 'New Business' });
    const renewal = opportunityIn(shop, { recordType: 'Renewal' });
    const none = opportunityIn(shop);
    expect(await shop.outcome(counted)).toBe('4 seats');
    expect([await shop.outcome(renewal), await shop.outcome(none)]).toEqual([
      'deal.left_out',
      'deal.left_out',
    ]);
    expect(await shop.swept()).toEqual([counted]);
  });

  test('a delivered opportunity gets a record type that does not count, as some orgs do at closing -> nothing is taken back', async () => {
    const shop = await salesforce('deals: { salesforce: { recordTypes: [New Business] } }');
    const dealId = opportunityIn(shop, { recordType: 'New Business' });
    await shop.deliver(dealId);
    shop.state.updateOpportunity(dealId, { RecordTypeId: shop.state.recordType('Closed deals') });
    expect(await shop.outcome(dealId)).toBe('as delivered');
  });

  test('the catalog names a stage, a pipeline or a record type that the CRM does not have -> dealseat doctor says which', async () => {
    const portal = await hubspot('deals: { hubspot: { pipelines: [default, "999"], wonStages: [signed] } }');
    const inPortal = await portal.crm.checkSetup({ fix: false });
    await close();
    const org = await salesforce('deals: { salesforce: { recordTypes: [Nope], afterWon: [Shipped] } }');
    const inOrg = await org.crm.checkSetup({ fix: false });
    const advice = [...inPortal, ...inOrg].map((check) => check.advice ?? '').join(' ');
    for (const missing of ['pipeline "999"', 'stage "signed"', 'no Shipped', 'no Nope']) {
      expect(advice).toContain(missing);
    }
  });
});

describe('Imported and old deals', () => {
  const rig = openRig();

  test('an import makes a deal won today whose close date lies three years back -> it is held', async () => {
    const shop = await hubspot();
    const dealId = dealIn(shop, { closeDate: '2023-05-02' });
    const reading = await shop.reading(dealId);
    expect(reading).toMatchObject({ kind: 'nothing', reason: { code: 'deal.closed_long_ago' } });
    expect(reading.kind === 'nothing' && reading.reason.message).toContain('2023-05-02');
    expect(await shop.outcome(dealId, { source: 'sweep' })).toBe('deal.closed_long_ago');
  });

  test('an import makes an opportunity won today whose close date lies years back -> it is held', async () => {
    const shop = await salesforce();
    expect(await shop.outcome(opportunityIn(shop, { closeDate: '2023-05-02' }))).toBe('deal.closed_long_ago');
  });

  test('a deal is won 30 days after its close date -> it is provisioned, and one day later it is held', async () => {
    const shop = await hubspot();
    const inTime = dealIn(shop, { closeDate: '2026-10-21T08:00:00Z' });
    const late = dealIn(shop, { closeDate: '2026-10-19T08:00:00Z' });
    expect([await shop.outcome(inTime), await shop.outcome(late)]).toEqual([
      '4 seats',
      'deal.closed_long_ago',
    ]);
    expect(await shop.outcome(late, { closedLongAgoMs: 60 * DAY })).toBe('4 seats');
  });

  test('a rep never moves the close date of an opportunity, which is won months after it -> people are asked, because an import does not look like that', async () => {
    const shop = await salesforce();
    const dealId = opportunityIn(shop, { stageName: 'Negotiation/Review', closeDate: '2026-12-31' });
    shop.wait(100 * DAY);
    stage(shop, dealId, 'Closed Won');
    for (const source of ['event', 'sweep'] as const) {
      expect(await shop.outcome(dealId, { source, today: '2027-02-28' })).toBe('deal.close_date_stale');
    }
    const reading = await shop.reading(dealId);
    expect(reading.kind === 'blocked' && reading.problems[0]?.message).toContain('close date 2026-12-31');
    expect(await shop.outcome(dealId, { source: 'person' })).toBe('4 seats');
    shop.state.updateOpportunity(dealId, { CloseDate: '2027-02-27' });
    expect(await shop.outcome(dealId)).toBe('4 seats');
  });

  test('the same in HubSpot, and a run has said so on the deal -> people are asked until the close date is right', async () => {
    const shop = await hubspot();
    const dealId = dealIn(shop, { stage: 'contractsent', closeDate: '2026-12-31' });
    shop.wait(100 * DAY);
    move(shop, dealId, 'default', 'closedwon');
    expect(await shop.outcome(dealId)).toBe('deal.close_date_stale');
    await shop.crm.writeDealFields(dealId, { status: 'NeedsAttention' });
    expect(await shop.outcome(dealId)).toBe('deal.close_date_stale');
    shop.state.edit('deals', dealId, { closedate: '2027-02-27T08:00:00Z' });
    expect(await shop.outcome(dealId)).toBe('4 seats');
  });

  test('an import makes deals in an open stage and moves them to their own in a second step, hours later -> they are held like any import, and no one is asked', async () => {
    const portal = await hubspot();
    const inPortal = dealIn(portal, { stage: 'contractsent', closeDate: '2026-05-02' });
    portal.wait(5 * 60 * MINUTE);
    move(portal, inPortal, 'default', 'closedwon');
    expect(await portal.outcome(inPortal)).toBe('deal.closed_long_ago');
    await close();
    const org = await salesforce();
    const inOrg = opportunityIn(org, { stageName: 'Prospecting', closeDate: '2026-05-02' });
    org.wait(5 * 60 * MINUTE);
    stage(org, inOrg, 'Closed Won');
    expect(await org.outcome(inOrg)).toBe('deal.closed_long_ago');
  });

  test('a deal with a close date that was never moved gives no seats at all -> no one is asked about the date', async () => {
    const shop = await hubspot('unmatched: ignore');
    const lineItems = [{ name: 'Workshop', sku: 'OTHER-1', quantity: 1 }];
    const dealId = dealIn(shop, { stage: 'contractsent', closeDate: '2026-12-31', lineItems });
    shop.wait(100 * DAY);
    move(shop, dealId, 'default', 'closedwon');
    expect(await shop.outcome(dealId)).toBe('deal.no_seats');
  });

  test('an event names a deal whose close date was never moved -> the owner has a task, and the deal is delivered when the date is corrected', () =>
    rig.withSandbox(async (tenant) => {
      const { state } = tenant.sandbox.hubspot;
      const closeDate = new Date(Date.now() - 60 * DAY).toISOString();
      const dealId = state.createDeal({ ...HUBSPOT_DEAL, stage: 'contractsent', closeDate });
      state.records.age(state.records.getLive('deals', dealId), 100 * DAY);
      state.edit('deals', dealId, { dealstage: 'closedwon' });
      const ref = tenant.ref('hubspot', dealId);
      const id = provisioningId(ref);
      await tenant.console.dealChanged(ref, { by: 'hubspot', detail: 'event 1' });
      const { problems } = await tenant.waitForStatus(id, 'NeedsAttention');
      expect(problems.map(({ code }) => code)).toEqual(['deal.close_date_stale']);
      await tenant.waitForEvidence(
        () => hubspotEvidence(tenant.sandbox, { id, dealId }).openTasks.length === 1,
      );
      state.edit('deals', dealId, { closedate: new Date().toISOString() });
      await tenant.console.dealChanged(ref, { by: 'hubspot', detail: 'event 2' });
      expect((await tenant.resultOf(id)).status).toBe('Delivered');
    }));

  test('somebody corrects the close date of a deal that is held -> it is provisioned', async () => {
    const shop = await hubspot();
    const dealId = dealIn(shop, { closeDate: '2023-05-02' });
    await shop.crm.writeDealFields(dealId, { status: 'Skipped' });
    expect(await shop.outcome(dealId)).toBe('deal.closed_long_ago');
    shop.state.edit('deals', dealId, { closedate: '2026-11-20T08:00:00Z' });
    expect(await shop.outcome(dealId)).toBe('4 seats');
  });

  test('a person asks for an old deal whose codes would have expired by its close date -> the close date is named as the cause', async () => {
    const shop = await hubspot();
    const dealId = dealIn(shop, { closeDate: '2023-05-02' });
    const reading = await shop.reading(dealId, { source: 'person' });
    expect(reading).toMatchObject({ kind: 'blocked', problems: [{ code: 'deal.codes_expired' }] });
    expect(reading.kind === 'blocked' && reading.problems[0]?.message).toContain('close date 2023-05-02');
  });

  test('a delivered deal gets an old close date -> it stays delivered, and more seats are made when more are sold', async () => {
    const shop = await hubspot();
    const dealId = dealIn(shop);
    await shop.deliver(dealId);
    shop.state.edit('deals', dealId, { closedate: '2026-01-15T08:00:00Z' });
    expect(await shop.outcome(dealId)).toBe('as delivered');
    shop.state.addLineItem(dealId, { sku: 'LEAD-101', quantity: 2 });
    expect(await shop.outcome(dealId)).toBe('2 seats');
  });

  test('an event names an imported deal -> the deal says once why it was skipped and how to have it all the same', () =>
    rig.withSandbox(async (tenant) => {
      const closeDate = new Date(Date.now() - 200 * DAY).toISOString();
      const dealId = tenant.sandbox.hubspot.state.createDeal({ ...HUBSPOT_DEAL, closeDate });
      const ref = tenant.ref('hubspot', dealId);
      const id = provisioningId(ref);
      const held = { status: 'Skipped', code: 'deal.closed_long_ago' };
      await tenant.console.dealChanged(ref, { by: 'hubspot', detail: 'event 1' });
      expect(await tenant.resultOf(id)).toMatchObject(held);
      const said = hubspotEvidence(tenant.sandbox, { id, dealId }).fields;
      expect(said).toMatchObject({ status: 'Skipped' });
      expect(said.detail).toContain(', 200 days before it was won');
      expect(said.detail).toContain('start the deal');
      const changedAt = tenant.sandbox.hubspot.state.valuesOf('deals', dealId).hs_lastmodifieddate;
      await tenant.console.dealChanged(ref, { by: 'hubspot', detail: 'event 2' });
      expect(await tenant.resultOf(id)).toMatchObject(held);
      expect(tenant.sandbox.hubspot.state.valuesOf('deals', dealId).hs_lastmodifieddate).toBe(changedAt);
      await tenant.provision(ref);
      expect(await tenant.resultOf(id)).toMatchObject({ status: 'Delivered' });
    }));
});
