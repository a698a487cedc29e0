import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { toSalesforceId18 } from '../../src/domain/deal/salesforce-id.ts';
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
  // Fewer than in production, so that a test need not send hundreds.
  rig = createRig({ limits: { normalStartsPerMinute: 20 } });
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

/** One message of Salesforce with an opportunity for each user; the lane of each of them. */
async function salesforceLanesBy(users: readonly (string | undefined)[]) {
  const sent = newDeals(users.length).map((deal, index) => ({
    id: toSalesforceId18(`0065Y0000${deal}`) ?? '',
    user: users[index],
  }));
  const message = outboundMessage(sent.map(({ id, user }) => notification(id, undefined, user)).join(''));
  expect((await sendSalesforce(rig, message)).statusCode).toBe(200);
  return sent.map(({ id }) => rig.provisioner.lanes.get(id));
}

/** One message of Salesforce, of as many opportunities; the lane of each of them. */
function salesforceLanes(count: number, user?: string) {
  return salesforceLanesBy(Array.from({ length: count }, () => user));
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

test('an import in messages of 10 from Salesforce that name no user is in the bulk lane from its third message on, beside a single deal', async () => {
  expect(await salesforceLanes(10)).toEqual(ten('normal'));
  expect(await salesforceLanes(10)).toEqual(ten('normal'));
  expect(await salesforceLanes(10)).toEqual(ten('bulk'));
  expect(await salesforceLanes(1)).toEqual(['normal']);
  expect(await salesforceLanes(2)).toEqual(['bulk', 'bulk']);
});

describe('an import in messages of 10 from Salesforce that name the user', () => {
  const IMPORTER = '0055Y00000ExAbcQAF';
  const REP = '0055Y00000ExAbdQAF';

  beforeEach(async () => {
    expect(await salesforceLanes(10, IMPORTER)).toEqual(ten('normal'));
    expect(await salesforceLanes(10, IMPORTER)).toEqual(ten('normal'));
    expect(await salesforceLanes(10, IMPORTER)).toEqual(ten('bulk'));
  });

  test('leaves an opportunity that another user wins in the normal lane, though it is in one message with them', async () => {
    const imported = ten('bulk').map(() => IMPORTER);
    expect(await salesforceLanesBy([...imported, REP])).toEqual([...ten('bulk'), 'normal']);
    expect(await salesforceLanes(1, REP)).toEqual(['normal']);
  });

  test('has in the bulk lane what the same user wins meanwhile, even alone, whichever form of the id is sent', async () => {
    expect(await salesforceLanes(1, IMPORTER)).toEqual(['bulk']);
    expect(await salesforceLanes(1, IMPORTER.slice(0, 15))).toEqual(['bulk']);
    rig.setNow(NOW + 60_000);
    expect(await salesforceLanes(1, IMPORTER)).toEqual(['normal']);
  });

  test('is counted apart from opportunities without a user', async () => {
    expect(await salesforceLanes(10)).toEqual(ten('normal'));
  });

  test('writes the user into no log line and no trigger', async () => {
    expect(rig.provisioner.started).toHaveLength(30);
    expect(JSON.stringify(rig.provisioner.started)).not.toContain(IMPORTER.slice(0, 15));
    expect(rig.log()).not.toContain(IMPORTER.slice(0, 15));
  });
});

test.each([
  ['empty', ''],
  ['a name', 'Kim Ops'],
  ['an id whose letters have changed their case', '0055Y00000exabcQAF'],
  ['of ten thousand characters', '0'.repeat(10_000)],
])('a user that is no id counts as none: %s', async (_, user) => {
  await salesforceLanes(15, user);
  expect(await salesforceLanes(15)).toEqual(Array.from({ length: 15 }, () => 'bulk'));
  expect(await salesforceLanes(1, user)).toEqual(['normal']);
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
