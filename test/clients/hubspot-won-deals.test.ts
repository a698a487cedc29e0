import { afterEach, describe, expect, test } from '@jest/globals';
import { NUMERIC_PIPELINE, NUMERIC_WON_STAGE } from '../../sandbox/hubspot/pipelines.ts';
import type { RateLimitOptions } from '../../sandbox/hubspot/rate-limits.ts';
import type { WonDealPage } from '../../src/clients/crm.ts';
import { type HubSpotAccount, openHubSpotAccount } from './hubspot-account.ts';

const START = Date.parse('2026-11-20T08:00:00.000Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let account: HubSpotAccount;
let now: number;

interface OpenOptions {
  readonly indexDelayMs?: number;
  /** Default: none, and the time stands still. */
  readonly rateLimit?: RateLimitOptions;
}

async function open(options: OpenOptions = {}): Promise<void> {
  now = START;
  const openedAt = Date.now();
  account = await openHubSpotAccount({
    seed: false,
    now: () => now + (options.rateLimit ? Date.now() - openedAt : 0),
    searchIndexDelayMs: options.indexDelayMs ?? 0,
    rateLimit: options.rateLimit ?? {
      burst: Number.POSITIVE_INFINITY,
      searchPerSecond: Number.POSITIVE_INFINITY,
    },
  });
}

afterEach(() => account.close());

/** Won deals, each a millisecond after the one before unless they share an instant. */
function makeDeals(count: number, { stepMs = 1 } = {}): string[] {
  return Array.from({ length: count }, () => {
    const dealId = account.state.createDeal({ lineItems: [], contacts: [] });
    now += stepMs;
    return dealId;
  });
}

function find(changes: { since?: number; until?: number; limit?: number } = {}): Promise<WonDealPage> {
  const { since = START, until = START + HOUR, limit = 200 } = changes;
  return account.crm.findWonDeals({ since: iso(since), until: iso(until), limit });
}

/** Every deal of the window, page by page as a sweep reads it. */
async function findAll(window: { since?: number; until?: number } = {}): Promise<string[]> {
  const found: string[] = [];
  for (let since = window.since ?? START; ; ) {
    const page = await find({ ...window, since });
    found.push(...page.deals.map(({ dealId }) => dealId));
    if (page.isComplete) return found;
    expect(Date.parse(page.next)).toBeGreaterThan(since);
    since = Date.parse(page.next);
  }
}

function searches(): number {
  return account.requests.filter((request) => request.endsWith('/deals/search')).length;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

describe('finding won deals in HubSpot', () => {
  test('brings one that is not won and has an action, and says that nothing else found it', async () => {
    await open();
    const [asked = '', delivered = '', won = ''] = makeDeals(3);
    for (const id of [asked, delivered]) account.state.edit('deals', id, { dealstage: 'closedlost' });
    for (const id of [asked, delivered, won]) account.state.edit('deals', id, { dealseat_action: 'Retry' });
    account.state.edit('deals', delivered, { dealseat_seats: '25' });
    const found = new Map((await find()).deals.map((deal) => [deal.dealId, deal.isOnlyAsked]));
    expect(found).toEqual(
      new Map([
        [asked, true],
        [delivered, undefined],
        [won, undefined],
      ]),
    );
  });

  test('brings the deals of every won stage of every pipeline, and no others', async () => {
    await open();
    const standard = account.state.createDeal({});
    const partner = account.state.createDeal({ pipeline: NUMERIC_PIPELINE, stage: NUMERIC_WON_STAGE });
    account.state.createDeal({ stage: 'contractsent' });
    account.state.createDeal({ stage: 'closedlost' });
    account.state.createDeal({ pipeline: NUMERIC_PIPELINE, stage: '1233582149' });
    const page = await find();
    expect(page.deals.map(({ dealId }) => dealId).sort()).toEqual([standard, partner].sort());
    expect(page).toMatchObject({ next: iso(START + HOUR), isComplete: true });
  });

  test('brings a deal that was given seats and is not won any more', async () => {
    await open();
    const lost = account.state.createDeal({ stage: 'closedlost' });
    account.state.createDeal({ stage: 'closedlost' });
    account.state.edit('deals', lost, { dealseat_seats: 25 });
    expect((await find()).deals.map(({ dealId }) => dealId)).toEqual([lost]);
  });

  test('tells when each deal changed, and leaves out what changed outside the window', async () => {
    await open();
    const [before, inside, after] = makeDeals(3, { stepMs: 1_000 });
    const page = await find({ since: START + 1_000, until: START + 2_000 });
    expect(page.deals).toEqual([{ dealId: inside, changedAt: iso(START + 1_000) }]);
    expect([before, after]).not.toContain(page.deals[0]?.dealId);
  });

  test('finds a deal again that was edited after it was won', async () => {
    await open();
    const [dealId = ''] = makeDeals(1);
    now = START + 60_000;
    account.state.edit('deals', dealId, { dealname: 'Renamed' });
    expect((await find({ since: START + 30_000 })).deals).toEqual([
      { dealId, changedAt: iso(START + 60_000) },
    ]);
  });

  test('loses none at the edge of a page when the deals there share an instant', async () => {
    await open();
    const deals = [...makeDeals(150), ...makeDeals(100, { stepMs: 0 }), ...makeDeals(20)];
    expect([...new Set(await findAll())].sort()).toEqual([...deals].sort());
  });

  test('reads more deals of one instant than a page holds', async () => {
    await open();
    const deals = [...makeDeals(450, { stepMs: 0 }), ...makeDeals(5)];
    expect([...new Set(await findAll())].sort()).toEqual([...deals].sort());
  });

  test('goes on behind the last result that HubSpot pages to', async () => {
    await open();
    account.state.maxSearchResults = 200;
    const deals = makeDeals(700);
    const found = await findAll();
    expect([...new Set(found)].sort()).toEqual([...deals].sort());
    expect(found.length).toBeLessThan(deals.length + 10);
  });

  test('loses none when a deal changes between two pages and so leaves the window', async () => {
    await open();
    const deals = makeDeals(300);
    const first = await find({ until: START + 10_000 });
    now = START + 20_000;
    account.state.edit('deals', deals[0] ?? '', { dealname: 'Renamed' });
    const second = await find({ since: Date.parse(first.next), until: START + 10_000 });
    const found = new Set([...first.deals, ...second.deals].map(({ dealId }) => dealId));
    expect([...found].sort()).toEqual([...deals].sort());
  });

  test('loses none when a deal that the index has late shows a change inside the window', async () => {
    await open({ indexDelayMs: 5 * MINUTE });
    const deals = makeDeals(450, { stepMs: 1_000 });
    now = START + 26 * MINUTE;
    account.state.edit('deals', deals[100] ?? '', { dealname: 'Renamed' });
    now = START + 30 * MINUTE;
    const found = await findAll({ until: now - 2 * MINUTE });
    expect([...new Set(found)].sort()).toEqual([...deals].sort());
  });

  test('reads on behind deals that all show a change after the window', async () => {
    await open({ indexDelayMs: HOUR });
    const deals = makeDeals(250);
    now = START + 62 * MINUTE;
    for (const dealId of deals) account.state.edit('deals', dealId, { dealname: 'Renamed' });
    const found = await findAll({ until: START + 61 * MINUTE });
    expect([...new Set(found)].sort()).toEqual([...deals].sort());
  });

  test('searches about twice for each page, however long the window is', async () => {
    await open();
    const deals = makeDeals(1_000);
    const found = await findAll({ since: START - 3_650 * 24 * HOUR });
    expect(found).toHaveLength(deals.length);
    expect(searches()).toBeLessThan(30);
  });

  test('stays within the searches of a second that HubSpot allows', async () => {
    await open({ rateLimit: {} });
    const deals = makeDeals(450, { stepMs: 0 });
    expect([...new Set(await findAll())].sort()).toEqual([...deals].sort());
    expect(searches()).toBeGreaterThan(5);
  });

  test('splits a search whose won stages do not fit into one', async () => {
    await open();
    const stages = Array.from({ length: 300 }, (_, index) => ({
      id: String(2_000_000_000 + index),
      label: `Won ${index}`,
      metadata: { isClosed: 'true' as const, probability: '1.0' },
    }));
    account.state.pipelines.add({ id: 'many', label: 'Many', stages });
    const deals = stages.map(({ id }) => account.state.createDeal({ pipeline: 'many', stage: id }));
    expect([...(await findAll())].sort()).toEqual([...deals].sort());
  });

  test('reads the histories of deals that may have moved on in batches, and brings those that were won', async () => {
    await open();
    const moved = makeDeals(120);
    for (const dealId of moved) {
      account.state.edit('deals', dealId, { pipeline: NUMERIC_PIPELINE, dealstage: '1233582149' });
    }
    const neverWon = Array.from({ length: 30 }, () =>
      account.state.createDeal({ pipeline: NUMERIC_PIPELINE, stage: '1233582149' }),
    );
    const found = await findAll();
    expect(found.sort()).toEqual([...moved].sort());
    expect(found).not.toEqual(expect.arrayContaining(neverWon.slice(0, 1)));
    const batches = account.requests.filter((request) => request.endsWith('/deals/batch/read'));
    expect(batches).toHaveLength(3);
  });
});
