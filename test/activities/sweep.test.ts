import { describe, expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { createSweepActivities } from '../../activities/sweep.ts';
import { type Sandbox, startSandbox } from '../../sandbox/index.ts';
import type { Crm } from '../../src/clients/crm.ts';
import { createHubSpotCrm } from '../../src/clients/hubspot/crm.ts';
import type { Lane } from '../../src/contracts/lane.ts';
import type { LastRun } from '../../src/contracts/sweep.ts';
import type { DealRef } from '../../src/domain/deal/deal.ts';
import { DealseatError } from '../../src/domain/failure.ts';
import { seenDeal } from './seen-deal.ts';
import { DEALS } from './world.ts';

interface Start {
  readonly dealId: string;
  readonly lane: Lane;
  readonly detail: string;
}

interface Options {
  readonly runs?: Readonly<Record<string, LastRun>>;
  readonly failing?: string;
  readonly hubspot?: Crm;
  /** When runs of deals were ended from outside. */
  readonly ended?: Readonly<Record<string, readonly string[]>>;
}

/** A register in which some deals have runs and some starts fail. */
function open(options: Options = {}) {
  const starts: Start[] = [];
  const missed: string[] = [];
  const warned: unknown[] = [];
  const logger = new DefaultLogger('WARN', ({ meta }) => warned.push(meta?.dealId));
  const activities = createSweepActivities({
    crms: options.hubspot ? { hubspot: options.hubspot } : {},
    runs: {
      lastRun: async ({ dealId }: DealRef) => options.runs?.[dealId] ?? null,
      endedSince: async (_, since) =>
        Object.entries(options.ended ?? {})
          .map(([dealId, endedAt]) => ({
            deal: { ...DEALS.hubspot, dealId },
            endedAt: endedAt.filter((at) => at >= since),
          }))
          .filter(({ endedAt }) => endedAt.length > 0),
      start: async ({ dealId }, { detail }, { lane }) => {
        if (dealId === options.failing) throw new Error('Temporal is away');
        starts.push({ dealId, lane, detail });
      },
    },
    onMissed: (crm) => missed.push(crm),
  });
  const start = (dealIds: readonly string[], startedBefore = 0) =>
    new MockActivityEnvironment({}, { logger }).run(activities.startSweptDeals, {
      crm: 'hubspot' as const,
      account: '62515',
      startsOver: false,
      startedBefore,
      deals: dealIds.map((dealId) => ({ dealId, changedAt: '2026-11-20T10:00:00.000Z' })),
    });
  const startEnded = (since: string) =>
    new MockActivityEnvironment({}, { logger }).run(activities.startEndedDeals, {
      crm: 'hubspot' as const,
      account: '62515',
      since,
    });
  return { start, startEnded, starts, missed, warned };
}

const ids = (count: number) => Array.from({ length: count }, (_, index) => String(index + 1));
const closed: LastRun = {
  runId: '4f1c0d3e-0000-4000-8000-000000000001',
  status: 'Delivered',
  temporalStatus: 'COMPLETED',
  readUpTo: '2026-11-20T08:00:00.000Z',
  closedAt: '2026-11-20T08:05:00.000Z',
  code: null,
};

describe('A page of a sweep', () => {
  test('starts what has no run for its last change, and counts each by what it is', async () => {
    const { start, starts, missed, warned } = open({
      runs: {
        2: closed,
        3: { ...closed, readUpTo: '2026-11-20T10:00:00.000Z' },
        4: { ...closed, status: 'NeedsAttention', closedAt: null },
      },
    });
    expect(await start(ids(4))).toEqual({ found: 4, missed: 1, changed: 1, told: 1, missedDeals: ['1'] });
    expect(starts.map(({ dealId }) => dealId).sort()).toEqual(['1', '2', '4']);
    expect(missed).toEqual(['hubspot']);
    // The deal that nobody told of is named in the log, and no other.
    expect(warned).toEqual(['1']);
  });

  test('of up to 200 starts goes into the normal lane, of more into the bulk lane', async () => {
    const few = open();
    await few.start(ids(200));
    const many = open();
    await many.start(ids(201));
    expect(new Set(few.starts.map(({ lane }) => lane))).toEqual(new Set(['normal']));
    expect(new Set(many.starts.map(({ lane }) => lane))).toEqual(new Set(['bulk']));
  });

  test('goes into the bulk lane when the pages before it made the sweep an import', async () => {
    const { start, starts } = open();
    await start(ids(1), 200);
    expect(starts.map(({ lane }) => lane)).toEqual(['bulk']);
  });

  test('fails when a deal cannot be started, after it started the others', async () => {
    const { start, starts } = open({ failing: '1' });
    await expect(start(ids(40))).rejects.toThrow('Temporal is away');
    expect(starts.map(({ dealId }) => dealId).sort()).toEqual(ids(40).slice(1).sort());
  });
});

describe('A run that was ended by the server or by hand', () => {
  const terminated: LastRun = {
    ...closed,
    status: 'HandingOver',
    temporalStatus: 'TERMINATED',
    // It has read the last change: what it did about it nobody was told.
    readUpTo: '2026-11-20T10:00:00.000Z',
  };

  test('is started again, and its owner is told so once, however often that is tried', async () => {
    const sandbox = await startSandbox({ hubspot: { searchIndexDelayMs: 0 } });
    try {
      const { dealId } = DEALS.hubspot;
      const hubspot = hubspotOf(sandbox);
      const runs = { [dealId]: terminated };
      // The start fails, and the whole step is repeated.
      await expect(open({ runs, hubspot, failing: dealId }).start([dealId])).rejects.toThrow();
      const { start, starts, missed } = open({ runs, hubspot });
      expect(await start([dealId])).toMatchObject({ missed: 0, changed: 1 });
      expect(starts).toMatchObject([
        { dealId, detail: expect.stringContaining('ended by the server or by hand') },
      ]);
      expect(missed).toEqual([]);
      expect(seenDeal(sandbox, 'hubspot').openTasks()).toEqual([
        'Dealseat was stopped while it worked on this deal',
      ]);
    } finally {
      await sandbox.close();
    }
  });

  test.each([
    ['is gone from the CRM', 'crm.deal_not_found'],
    ['takes no task', 'crm.forbidden'],
  ] as const)('and whose deal %s stops no sweep, and no other run from being started', async (_, code) => {
    const refusal = new DealseatError({ code, message: 'no' });
    const deal = { dealId: '1', owner: null };
    const hubspot = {
      account: DEALS.hubspot.account,
      readDeal: async () => (code === 'crm.deal_not_found' ? Promise.reject(refusal) : deal),
      notify: () => Promise.reject(refusal),
    } as unknown as Crm;
    const runs = { 1: terminated, 2: terminated };
    const swept = open({ runs, hubspot });
    expect(await swept.start(['1', '2', '3'])).toMatchObject({ missed: 1, changed: 2 });
    expect(swept.starts.map(({ dealId }) => dealId).sort()).toEqual(['1', '2', '3']);
    const ended = open({ runs, hubspot, ended: { 1: [new Date().toISOString()] } });
    expect(await ended.startEnded('2026-11-20T00:00:00.000Z')).toEqual({ ended: 1 });
  });

  test('is started again five times a day at most, and again when the day is over', async () => {
    const sandbox = await startSandbox({ hubspot: { searchIndexDelayMs: 0 } });
    try {
      const { dealId } = DEALS.hubspot;
      const hubspot = hubspotOf(sandbox);
      const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();
      const runs = { [dealId]: terminated };
      for (const [hours, isStarted] of [
        [[1, 2, 3, 4, 5], true],
        [[1, 2, 3, 4, 5, 6], false],
        [[20, 21, 22, 23, 24, 25], true],
        [[23.5, 24.5, 25, 26, 27, 28, 29, 30], true],
      ] as const) {
        const ended = { [dealId]: hours.map(hoursAgo) };
        const bySweep = open({ runs, hubspot, ended });
        await bySweep.startEnded(hoursAgo(0.1));
        const byChange = open({ runs, hubspot, ended });
        await byChange.start([dealId]);
        const starts = [bySweep.starts.length, byChange.starts.length];
        expect({ hours, starts }).toEqual({ hours, starts: isStarted ? [1, 1] : [0, 0] });
      }
    } finally {
      await sandbox.close();
    }
  });

  test.each(['Delivered', 'Failed', 'Skipped', 'Cancelled'])(
    'is known when it had come to its end (%s)',
    async (status) => {
      const { start, starts } = open({ runs: { 1: { ...terminated, status } } });
      expect(await start(['1'])).toMatchObject({ missed: 0, changed: 0, told: 0 });
      expect(starts).toEqual([]);
    },
  );
});

function hubspotOf({ hubspot }: Sandbox): Crm {
  return createHubSpotCrm({
    accessToken: 'sandbox-hubspot-token',
    portalId: DEALS.hubspot.account,
    baseUrl: hubspot.url,
  });
}
