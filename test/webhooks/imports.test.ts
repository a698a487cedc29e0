import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { toSalesforceId18 } from '../../src/salesforce-id.ts';
import {
  createRig,
  NOW,
  notification,
  outboundMessage,
  type Rig,
  sendHubSpot,
  sendManual,
  sendSalesforce,
  stageEvent,
} from './fixture.ts';

let rig: Rig;

beforeEach(() => {
  rig = createRig();
});
afterEach(() => rig.app.close());

let lastDeal = 100_000;

function newDeals(count: number): number[] {
  return Array.from({ length: count }, () => {
    lastDeal += 1;
    return lastDeal;
  });
}

/** One request of HubSpot; the lane of each of its deals. */
async function hubspotLanes(dealIds: readonly number[], event: Record<string, unknown>) {
  const events = dealIds.map((objectId) => stageEvent({ objectId, ...event }));
  expect((await sendHubSpot(rig, events)).statusCode).toBe(200);
  return dealIds.map((dealId) => rig.provisioner.lanes.get(String(dealId)));
}

/** One message of Salesforce; the lane of each of its opportunities. */
async function salesforceLanes(count: number) {
  const ids = newDeals(count).map((deal) => toSalesforceId18(`0065Y0000${deal}`) ?? '');
  const message = outboundMessage(ids.map((id) => notification(id)).join(''));
  expect((await sendSalesforce(rig, message)).statusCode).toBe(200);
  return ids.map((id) => rig.provisioner.lanes.get(id));
}

const ten = (lane: 'normal' | 'bulk') => Array.from({ length: 10 }, () => lane);

describe('an import in batches of 10 from HubSpot', () => {
  const BATCH = { changeSource: 'IMPORT' };

  beforeEach(async () => {
    expect(await hubspotLanes(newDeals(10), BATCH)).toEqual(ten('normal'));
    expect(await hubspotLanes(newDeals(10), BATCH)).toEqual(ten('normal'));
    expect(await hubspotLanes(newDeals(10), BATCH)).toEqual(ten('bulk'));
  });

  test('leaves a deal that somebody wins by hand in the normal lane', async () => {
    expect(await hubspotLanes(newDeals(1), { changeSource: 'CRM_UI' })).toEqual(['normal']);
    expect(await hubspotLanes(newDeals(10), BATCH)).toEqual(ten('bulk'));
  });

  test('leaves the opportunities of Salesforce in the normal lane', async () => {
    expect(await salesforceLanes(10)).toEqual(ten('normal'));
  });

  test('gives a partner’s call no lane at all', async () => {
    const [dealId] = newDeals(1);
    expect((await sendManual(rig, { crm: 'hubspot', dealId: String(dealId) })).statusCode).toBe(202);
    expect(rig.provisioner.provisioned).toHaveLength(1);
    expect(rig.provisioner.lanes.has(String(dealId))).toBe(false);
  });

  test('is over a minute later', async () => {
    rig.setNow(NOW + 60_000);
    expect(await hubspotLanes(newDeals(1), BATCH)).toEqual(['normal']);
  });
});

test('an import in messages of 10 from Salesforce is in the bulk lane from its third message on, beside a single deal', async () => {
  expect(await salesforceLanes(10)).toEqual(ten('normal'));
  expect(await salesforceLanes(10)).toEqual(ten('normal'));
  expect(await salesforceLanes(10)).toEqual(ten('bulk'));
  expect(await salesforceLanes(1)).toEqual(['normal']);
  expect(await salesforceLanes(2)).toEqual(['bulk', 'bulk']);
});

test('a batch that HubSpot sends again is no import, though its deals are named twice', async () => {
  const deals = newDeals(15);
  await hubspotLanes(deals, { changeSource: 'IMPORT' });
  const again = await hubspotLanes(deals, { changeSource: 'IMPORT', attemptNumber: 1 });
  expect(new Set(again)).toEqual(new Set(['normal']));
});

test.each([
  ['missing', undefined],
  ['no text', { by: 'import' }],
  ['of a million characters', 'M'.repeat(1_000_000)],
])('deals whose change source is %s are counted together', async (_, changeSource) => {
  for (let batch = 0; batch < 20; batch += 1) await hubspotLanes(newDeals(1), { changeSource });
  expect(await hubspotLanes(newDeals(1), { changeSource })).toEqual(['bulk']);
});
