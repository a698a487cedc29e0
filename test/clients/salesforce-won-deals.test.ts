import { afterEach, describe, expect, test } from '@jest/globals';
import type { WonDealPage } from '../../src/clients/crm.ts';
import { type SandboxOrg, startSandboxOrg } from './salesforce-sandbox.ts';
import { failureOf } from './salesforce-stub.ts';

const START = Date.parse('2026-11-20T08:00:00.000Z');
const HOUR = 3_600_000;

let org: SandboxOrg;
let now: number;

async function open(): Promise<void> {
  now = START;
  org = await startSandboxOrg({ seed: false, now: () => now });
}

afterEach(() => org.close());

function makeDeals(count: number, { stepMs = 1_000, stageName = 'Closed Won' } = {}): string[] {
  return Array.from({ length: count }, () => {
    const dealId = org.state.createOpportunity({ name: 'Imported', stageName, closeDate: '2026-11-20' });
    now += stepMs;
    return dealId;
  });
}

function find(changes: { since?: number; until?: number; limit?: number } = {}): Promise<WonDealPage> {
  const { since = START, until = START + HOUR, limit = 200 } = changes;
  return org.crm.findWonDeals({ since: iso(since), until: iso(until), limit });
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

describe('finding won opportunities in Salesforce', () => {
  test('brings won ones of the window with the instant of their last change, and no others', async () => {
    await open();
    const [, inside] = makeDeals(3);
    makeDeals(1, { stageName: 'Prospecting', stepMs: 0 });
    expect(await find({ since: START + 1_000, until: START + 2_000 })).toEqual({
      deals: [{ dealId: inside, changedAt: iso(START + 1_000) }],
      next: iso(START + 2_000),
      isComplete: true,
    });
  });

  test('brings one that was given seats and is not won any more', async () => {
    await open();
    const [lost = ''] = makeDeals(2, { stageName: 'Closed Lost' });
    org.state.updateOpportunity(lost, { Dealseat_Seats__c: 25 });
    expect((await find()).deals.map(({ dealId }) => dealId)).toEqual([lost]);
  });

  test('brings one that is not won and has an action, and says that nothing else found it', async () => {
    await open();
    const [asked = '', delivered = ''] = makeDeals(2, { stageName: 'Closed Lost' });
    const [won = ''] = makeDeals(1);
    for (const id of [asked, delivered, won])
      org.state.updateOpportunity(id, { Dealseat_Action__c: 'Retry' });
    org.state.updateOpportunity(delivered, { Dealseat_Seats__c: 25 });
    const found = new Map((await find()).deals.map((deal) => [deal.dealId, deal.isOnlyAsked]));
    expect(found).toEqual(
      new Map([
        [asked, true],
        [delivered, undefined],
        [won, undefined],
      ]),
    );
  });

  test('finds one again that was edited after it was won', async () => {
    await open();
    const [dealId = ''] = makeDeals(1);
    now = START + 60_000;
    org.state.updateOpportunity(dealId, { Name: 'Renamed' });
    expect((await find({ since: START + 30_000 })).deals).toEqual([
      { dealId, changedAt: iso(START + 60_000) },
    ]);
  });

  test('loses none of a transaction that the limit cuts through', async () => {
    await open();
    const deals = [...makeDeals(5), ...makeDeals(300, { stepMs: 0 })];
    now += 1_000;
    const later = makeDeals(3);
    const first = await find({ limit: 100 });
    expect(first.deals.map(({ dealId }) => dealId).sort()).toEqual([...deals].sort());
    expect(first.isComplete).toBe(false);
    const second = await find({ since: Date.parse(first.next), limit: 100 });
    expect(second.deals.map(({ dealId }) => dealId)).toEqual(later);
    expect(second.isComplete).toBe(true);
  });

  test('names the field that the integration user must not be without', async () => {
    await open();
    org.faults.add({
      system: 'salesforce',
      path: /\/query/,
      kind: 'status',
      status: 400,
      body: [
        {
          errorCode: 'INVALID_FIELD',
          message: "No such column 'IsWon' on entity 'Opportunity'.",
        },
      ],
    });
    expect((await failureOf(find())).code).toBe('crm.field_missing');
  });
});
