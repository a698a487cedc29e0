import { describe, expect, test } from '@jest/globals';
import { RequestBudget } from '../../src/clients/request-budget.ts';
import { type TurnTaker, takingTurnsAs } from '../../src/clients/turn-taker.ts';
import { PRIORITY } from '../../src/contracts/lane.ts';
import { createChooseLane } from '../../webhooks/server/choose-lane.ts';
import type { RunToStart } from '../../webhooks/server/run-to-start.ts';
import { FakeClock } from '../clients/fake-clock.ts';

const second = 1_000;
const FOUR_A_SECOND = { requestsPerMinute: 240, burst: 1 };

let lastDeal = 9_000;

/** Deals that are won by the same means, as the events of one request. */
function won(count: number, changeSource: string): RunToStart[] {
  return Array.from({ length: count }, () => {
    lastDeal += 1;
    return {
      ref: { crm: 'hubspot', account: '62515', dealId: String(lastDeal) },
      trigger: { by: 'hubspot', detail: 'event' },
      changeSource,
    };
  });
}

function openPlatform(options = FOUR_A_SECOND) {
  const clock = new FakeClock(0);
  const budget = new RequestBudget({ ...options, clock });
  /** One request after the other; when the last one went out. */
  const deliver = async (taker: TurnTaker, requests: number): Promise<number> => {
    for (let sent = 0; sent < requests; sent += 1) {
      await takingTurnsAs(taker, () => budget.turn({ maxWaitMs: 1e9 }));
    }
    return clock.now();
  };
  return { clock, budget, deliver };
}

const taker = (origin: string, deal: string, lane: 'normal' | 'bulk' = 'normal'): TurnTaker => ({
  priority: PRIORITY[lane],
  origin,
  deal,
});

describe('Busy times and imports', () => {
  test('two hundred deals are won within one minute by an integration -> all of them are worked on at full speed', () => {
    const chooseLane = createChooseLane();
    for (let request = 0; request < 2; request += 1) {
      const deals = won(100, 'INTEGRATION');
      expect(new Set(deals.map(chooseLane(deals)))).toEqual(new Set(['normal']));
    }
  });

  test('an import wins a thousand deals within one minute -> it works in the bulk lane, and a deal won by hand does not', () => {
    const chooseLane = createChooseLane();
    for (let request = 0; request < 10; request += 1) {
      const deals = won(100, 'IMPORT');
      deals.map(chooseLane(deals));
    }
    const last = won(10, 'IMPORT');
    expect(new Set(last.map(chooseLane(last)))).toEqual(new Set(['bulk']));
    const byHand = won(1, 'CRM_UI');
    expect(byHand.map(chooseLane(byHand))).toEqual(['normal']);
  });

  test('a deal is won by hand while an import uses the whole quota of the platform -> each of its requests goes next', async () => {
    const { clock, deliver } = openPlatform();
    const imported = Array.from({ length: 100 }, (_, deal) =>
      deliver(taker('import', String(deal), 'bulk'), 5),
    );
    await clock.advance(10 * second);
    const byHand = deliver(taker('rep', 'single'), 5);
    await clock.advance(500 * second);
    expect(await byHand).toBeLessThanOrEqual(10 * second + (5 * second) / 4);
    expect(await Promise.all(imported)).toHaveLength(100);
  });

  test('one partner sends fifty deals and another one a single deal -> the single one gets every second request until it is done', async () => {
    const { clock, deliver } = openPlatform();
    const many = Array.from({ length: 50 }, (_, deal) => deliver(taker('acme', String(deal)), 5));
    await clock.advance(2 * second);
    const single = deliver(taker('globex', 'single'), 4);
    await clock.advance(100 * second);
    expect(await single).toBeLessThanOrEqual(2 * second + (2 * 4 * second) / 4);
    await Promise.all(many);
  });

  test('the platform refuses every request for twenty seconds and does not say for how long -> one request asks in growing gaps, and all go on within ten seconds of its end', async () => {
    const { clock, budget } = openPlatform({ requestsPerMinute: 600, burst: 20 });
    let refusals = 0;
    const request = async (): Promise<number> => {
      for (;;) {
        await budget.turn({ maxWaitMs: 1e9 });
        if (clock.now() >= 20 * second) {
          budget.accepted();
          return clock.now();
        }
        refusals += 1;
        budget.refused();
      }
    };
    const requests = Array.from({ length: 20 }, request);
    await clock.advance(60 * second);
    expect(Math.max(...(await Promise.all(requests)))).toBeLessThan(30 * second);
    expect(refusals).toBeLessThan(30);
  });

  test('three workers share a platform that allows 240 requests a minute -> together they make no more than that', async () => {
    const clock = new FakeClock(0);
    const sent: number[] = [];
    for (let worker = 0; worker < 3; worker += 1) {
      const budget = new RequestBudget({ ...FOUR_A_SECOND, clock });
      budget.shareAmong(3);
      for (let request = 0; request < 100; request += 1) {
        void budget.turn({ maxWaitMs: 1e9 }).then(() => sent.push(clock.now()));
      }
    }
    await clock.advance(60 * second);
    expect(sent.length).toBeGreaterThanOrEqual(0.9 * 240);
    expect(sent.length).toBeLessThanOrEqual(240 + 3);
  });
});
