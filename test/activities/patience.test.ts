import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Patience } from '../../src/contracts/activities.ts';
import { DEALS, failureOf, openWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const HOUR_MS = 3_600_000;

/** One attempt at reading the deal that HubSpot answers so; what it leaves is for the next one. */
async function attemptThatMeets(
  status: number,
  asked: Patience,
  attempt: { readonly attempt?: number; readonly heartbeatDetails?: unknown } = {},
) {
  world.sandbox.faults.clear();
  world.fail({ system: 'hubspot', path: /\/objects\/(0-3|deals)\/9001$/, kind: 'status', status, body: {} });
  const input = { deal: DEALS.hubspot, source: 'event' as const, ...asked };
  let left: unknown;
  const onHeartbeat = (details: unknown) => {
    left = details;
  };
  const failure = await failureOf(world.run('planDeal', input, { ...attempt, onHeartbeat }));
  return { failure, left };
}

describe('A failure that may pass', () => {
  test('is repeated while there is patience, and believed when that is over', async () => {
    const asked = { patienceMs: HOUR_MS };
    const first = await attemptThatMeets(401, asked);
    expect(first.failure).toMatchObject({ code: 'crm.unauthorized', nonRetryable: false });
    const second = await attemptThatMeets(401, asked, { attempt: 2, heartbeatDetails: first.left });
    expect(second.failure.nonRetryable).toBe(false);
    const failingSince = Date.now() - 2 * HOUR_MS;
    const late = { attempt: 9, heartbeatDetails: { attempt: 8, failingSince } };
    expect((await attemptThatMeets(401, asked, late)).failure.nonRetryable).toBe(true);
  });

  test('is waited for anew when the attempts before met something else, such as an outage', async () => {
    const asked = { patienceMs: HOUR_MS };
    const outage = await attemptThatMeets(503, asked);
    expect(outage.failure).toMatchObject({ code: 'crm.unavailable', nonRetryable: false });
    const after = { attempt: 90, heartbeatDetails: outage.left };
    expect((await attemptThatMeets(401, asked, after)).failure.nonRetryable).toBe(false);
    // An earlier word that is not of the attempt just before says nothing.
    const stale = { attempt: 90, heartbeatDetails: { attempt: 3, failingSince: 0 } };
    expect((await attemptThatMeets(401, asked, stale)).failure.nonRetryable).toBe(false);
  });

  test('is believed at once by whoever has no patience', async () => {
    for (const status of [401, 404]) {
      expect((await attemptThatMeets(status, {})).failure.nonRetryable).toBe(true);
      const attended = { patienceMs: HOUR_MS, isAttended: true } as const;
      expect((await attemptThatMeets(status, attended)).failure.nonRetryable).toBe(true);
    }
  });
});

describe('A deal that is not found', () => {
  test('may be there a moment later, whether it was known before or not', async () => {
    const awaited = await attemptThatMeets(404, { patienceMs: HOUR_MS });
    expect(awaited.failure).toMatchObject({ code: 'crm.deal_not_found', nonRetryable: false });
    const failingSince = Date.now() - 2 * HOUR_MS;
    const late = { attempt: 9, heartbeatDetails: { attempt: 8, failingSince } };
    const lasting = await attemptThatMeets(404, { patienceMs: HOUR_MS }, late);
    expect(lasting.failure).toMatchObject({ code: 'crm.deal_not_found', nonRetryable: true });
  });
});

describe('A record that is locked', () => {
  const late = { attempt: 9, heartbeatDetails: { attempt: 8, failingSince: Date.now() - 2 * HOUR_MS } };

  test('is put to a person when it lasts, which an outage and a used-up quota are not', async () => {
    const asked = { patienceMs: HOUR_MS };
    for (const status of [409, 423]) {
      expect((await attemptThatMeets(status, asked)).failure.nonRetryable).toBe(false);
      expect((await attemptThatMeets(status, asked, late)).failure).toMatchObject({
        code: 'crm.conflict',
        nonRetryable: true,
      });
    }
    for (const status of [429, 500, 503]) {
      expect((await attemptThatMeets(status, asked, late)).failure.nonRetryable).toBe(false);
    }
  });

  test('is repeated at first also where a person waits, and by steps that know no patience', async () => {
    const attended = { patienceMs: HOUR_MS, isAttended: true } as const;
    expect((await attemptThatMeets(409, attended)).failure.nonRetryable).toBe(false);
    expect((await attemptThatMeets(409, {}, late)).failure.nonRetryable).toBe(false);
  });
});
