import { beforeEach, describe, expect, test } from '@jest/globals';
import type { RaiseAlertInput } from '../../src/contracts/alert.ts';
import { DealseatError, type FailureCode } from '../../src/domain/failure.ts';
import { OutageWatch } from '../../src/temporal/outage-watch.ts';

const MINUTE = 60_000;

let now = 0;
let raised: RaiseAlertInput[];
let isTemporalAway = false;
let failures = 0;
let watch: OutageWatch;

beforeEach(() => {
  now = Date.parse('2026-11-20T10:00:00Z');
  raised = [];
  isTemporalAway = false;
  failures = 0;
  watch = new OutageWatch({
    awayMs: 15 * MINUTE,
    now: () => now,
    raise: async (alert) => {
      if (isTemporalAway) throw new Error('Temporal is away');
      raised.push(alert);
    },
    onFailed: () => {
      failures += 1;
    },
  });
});

function deal(dealId: string, account = '62515') {
  return { crm: 'hubspot', account, dealId, name: 'Acme', url: '' } as const;
}

/** The step of the deal fails once a minute, for so many minutes. */
function failFor(minutes: number, dealId = '9001', code: FailureCode = 'crm.unavailable'): void {
  for (let passed = 0; passed <= minutes; passed += 1) {
    watch.failed(deal(dealId), new DealseatError({ code, message: 'HubSpot: HTTP 503' }));
    now += MINUTE;
  }
}

describe('a system that is away', () => {
  test('raises nothing in its first 15 minutes, then one alert that says since when', () => {
    failFor(14);
    expect(raised).toEqual([]);
    failFor(30);
    expect(raised).toMatchObject([
      {
        cause: { code: 'crm.unavailable', scope: { crm: 'hubspot', account: '62515' } },
        message: 'HubSpot: HTTP 503. It has not answered since 20 Nov 2026, 10:00 UTC',
        deal: { dealId: '9001' },
      },
    ]);
  });

  test('names every deal that meets it, under the same cause', () => {
    failFor(16);
    failFor(5, '9002');
    expect(raised.map((alert) => alert.deal.dealId)).toEqual(['9001', '9002']);
    expect(new Set(raised.map(({ cause }) => JSON.stringify(cause))).size).toBe(1);
  });

  test('is counted anew once it has answered', () => {
    failFor(10);
    watch.answered('crm', deal('9003'));
    failFor(14);
    expect(raised).toEqual([]);
  });

  test('is not taken for away over a time in which it was asked for nothing', () => {
    failFor(1);
    now += 60 * MINUTE;
    failFor(1);
    expect(raised).toEqual([]);
  });

  test('is another one than the account beside it, and than the platform', () => {
    failFor(10);
    watch.answered('crm', deal('9001', '62516'));
    watch.answered('lms', deal('9001'));
    failFor(10);
    expect(raised).toHaveLength(1);
  });

  test('is raised by the next attempt where Temporal could not take the alert', async () => {
    isTemporalAway = true;
    failFor(16);
    await Promise.resolve();
    isTemporalAway = false;
    expect(failures).toBeGreaterThan(0);
    failFor(1);
    expect(raised).toHaveLength(1);
  });
});

test('a failure of one call or record is no outage, however long it lasts', () => {
  failFor(60, '9001', 'crm.forbidden');
  expect(raised).toEqual([]);
});
