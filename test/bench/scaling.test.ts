import { expect, test } from '@jest/globals';
import { costsOf } from '../../bench/scaling/costs.ts';
import { capacities, checks } from '../../bench/scaling/model.ts';
import { COUNTED, driveResult } from './figures-for-tests.ts';

const costs = costsOf(COUNTED);
const named = (name: RegExp) => capacities(costs, 1_000_000).find(({ limit }) => name.test(limit.name));

test('a deal costs what the bench has counted', () => {
  expect(costs).toEqual({
    hubspotCalls: 14,
    hubspotSearches: 1,
    salesforceCalls: 7,
    platformRequests: 4,
    mails: 1,
    tasks: 15,
    frontendCalls: 31,
    historyEvents: 45,
    historyBytes: 20_000,
  });
  expect(() => costsOf({ ...COUNTED, requests: [] })).toThrow(/no counted requests of hubspot/);
});

test('each limit says how many deals a day end at it, and how many accounts a million need', () => {
  // 100 calls in 10 s are 864,000 a day.
  expect(named(/private app$/)).toMatchObject({ cost: 14, dealsPerDay: 864_000 / 14, needed: 17 });
  expect(named(/largest documented plan/)).toMatchObject({ dealsPerDay: (600 * 1_440) / 4, needed: 5 });
  expect(named(/single e-mails/)).toMatchObject({ dealsPerDay: 5_000, needed: 200 });
});

test('the tightest limit comes first, and what bounds a single run last', () => {
  const all = capacities(costs, 1_000_000);
  const rates = all.flatMap(({ dealsPerDay }) => (dealsPerDay === null ? [] : [dealsPerDay]));
  expect(rates).toEqual(rates.toSorted((a, b) => a - b));
  expect(all.slice(-2).map(({ dealsPerDay, needed }) => [dealsPerDay, needed])).toEqual([
    [null, null],
    [null, null],
  ]);
});

test('a system that a deal does not ask is no limit', () => {
  const none = capacities({ ...costs, hubspotSearches: 0 }, 1_000_000);
  expect(none.find(({ limit }) => /searches/.test(limit.name))).toMatchObject({
    dealsPerDay: Number.POSITIVE_INFINITY,
    needed: 0,
  });
});

test('the sums are laid beside the rows that were measured, and no others', () => {
  expect(checks({}, costs, 600)).toEqual([]);
  const workers = [1, 2].map((count) => ({
    workers: count,
    free: driveResult({ tookMs: 10_000 / count }),
    allowed: count === 2 ? driveResult({ tookMs: 9_000 }) : null,
    allowedPerMinute: 600,
  }));
  expect(checks({ batch: driveResult({ deals: 40, tookMs: 20_000 }), workers }, costs, 600)).toEqual([
    { point: '40 deals, one process, 600 platform requests a minute', modelS: 16, measuredS: 20 },
    { point: '20 deals, 2 workers, 600 platform requests a minute', modelS: 8, measuredS: 9 },
    { point: '20 deals, 2 workers on the cores of one', modelS: 10, measuredS: 5 },
  ]);
});
