import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { lookPatiently } from '../../activities/earlier-attempts.ts';
import { type LagStore, Lags } from '../../activities/lags.ts';
import type { EnsureCodeGroupInput } from '../../src/contracts/activities.ts';
import type { LagRecord } from '../../src/domain/lag.ts';
import { until } from '../support/until.ts';
import { ensuring, failureOf, openWorld, type World, type WorldOptions } from './world.ts';

const CREATE = { system: 'ti', method: 'POST', path: /\/redemptionCodes$/ } as const;
const UNAVAILABLE = { ...CREATE, kind: 'status', status: 503, body: { error: 'unavailable' } } as const;

/** An hour: a test that waited for it would not end. */
const BOUNDS = { lookUpMinMs: 200, lookUpMs: 3_600_000, lookUpIntervalMs: 1_000 };

let world: World;
afterEach(() => world.close());

/** What workers leave for one another. */
function sharedStore(seen: LagRecord | null = null): LagStore & { seen: LagRecord | null } {
  const store = {
    seen,
    recall: async () => store.seen,
    remember: async (_: string, record: LagRecord) => {
      store.seen = record;
    },
  };
  return store;
}

const seenQuick = (): LagRecord => ({ lags: [{ ms: 40, size: 25 }], at: Date.now() });

async function input(options: WorldOptions): Promise<EnsureCodeGroupInput> {
  world = await openWorld(options);
  const plan = await world.plan('hubspot');
  const [group] = plan.groups;
  if (group === undefined) throw new Error('the seeded deal plans no group');
  return { ...ensuring(plan, group), ...BOUNDS };
}

function looks(): number {
  return world.sandbox.exchanges.filter(({ system, method }) => system === 'ti' && method === 'GET').length;
}

describe('a create of unknown outcome, on a platform that was seen to show its groups at once', () => {
  test('that is answered 503 twice costs two short looks, and ends with one group', async () => {
    const asked = await input({ lagStore: sharedStore(seenQuick()) });
    world.fail({ ...UNAVAILABLE, times: 2 });
    let word: unknown;
    const onHeartbeat = (details: unknown) => {
      word = details;
    };
    for (const attempt of [1, 2]) {
      const failure = await failureOf(
        world.run('ensureCodeGroup', asked, { attempt, heartbeatDetails: word, onHeartbeat }),
      );
      expect(failure).toMatchObject({ code: 'lms.outcome_unknown', nonRetryable: false });
      expect(word).toEqual({ attempt, left: 'has not acted' });
    }
    expect(await world.run('ensureCodeGroup', asked, { attempt: 3, heartbeatDetails: word })).toMatchObject({
      wasAdopted: false,
    });
    expect(world.sandbox.ti.state.groups).toHaveLength(1);
    // One before each of three creates, and two after each of two that failed.
    expect(looks()).toBe(7);
  });

  test('is looked for patiently once more after a killed attempt, which says nothing', async () => {
    const asked = await input({ lagStore: sharedStore(seenQuick()) });
    await world.run('ensureCodeGroup', asked, { attempt: 2 });
    expect(looks()).toBe(3);
    expect(world.sandbox.ti.state.groups).toHaveLength(1);
  });
});

test('a group is waited for that the platform shows as late as it was seen to', async () => {
  const seen = { lags: [{ ms: 900, size: 25 }], at: Date.now() };
  const asked = await input({
    lagStore: sharedStore(seen),
    sandbox: { ti: { indexDelayMs: 2_000 } },
  });
  world.fail({ ...CREATE, kind: 'dropAfterCommit' });
  expect(await world.run('ensureCodeGroup', asked)).toMatchObject({ wasAdopted: true });
  expect(world.sandbox.ti.state.groups).toHaveLength(1);
});

test('a create that was waited for in vain is given several times as long, however quick others were', async () => {
  const asked = await input({ lagStore: sharedStore(seenQuick()), callTimeoutMs: 1_000 });
  world.fail({ ...CREATE, kind: 'delay', delayMs: 2_500 });
  expect(await world.run('ensureCodeGroup', asked)).toMatchObject({ wasAdopted: true });
  expect(world.sandbox.ti.state.groups).toHaveLength(1);
});

test('no clock that is set forward meanwhile cuts a look short', async () => {
  world = await openWorld();
  const clock = jest.spyOn(Date, 'now');
  const tomorrow = Date.now() + 86_400_000;
  let count = 0;
  const look = async () => {
    count += 1;
    clock.mockReturnValue(tomorrow);
    return count < 4 ? null : 'found';
  };
  const looking = { patienceMs: () => 10_000, longestPauseMs: 5, isShielded: true };
  const found = await lookPatiently(look, looking).finally(() => clock.mockRestore());
  expect(found).toBe('found');
});

test('a mail whose answer was waited for in vain is looked for as patiently, and goes out once', async () => {
  world = await openWorld({ lagStore: sharedStore(seenQuick()), callTimeoutMs: 1_500 });
  const messages = { ...(await world.prepareMessages('salesforce')), ...BOUNDS };
  world.fail({ system: 'salesforce', method: 'POST', path: /emailSimple$/, kind: 'delay', delayMs: 4_000 });
  let word: unknown;
  const onHeartbeat = (details: unknown) => {
    word = details;
  };
  const first = world.run('sendMessages', messages, { onHeartbeat });
  expect((await failureOf(first)).code).toBe('crm.outcome_unknown');
  const outcomes = await world.run('sendMessages', messages, { attempt: 2, heartbeatDetails: word });
  // A mail that is sent anew has no reference.
  expect(Object.values(outcomes)).toEqual([{ is: 'accepted', reference: expect.any(String) }]);
  expect(world.sandbox.outbox.mails).toHaveLength(1);
});

describe('how late a platform shows its groups', () => {
  test('is observed after a create that was answered, and known to workers that come later', async () => {
    const store = sharedStore();
    const asked = await input({ lagStore: store, sandbox: { ti: { indexDelayMs: 600 } } });
    await world.run('ensureCodeGroup', asked);
    await until('the observation is kept', () => store.seen !== null);
    expect(store.seen?.lags).toEqual([{ ms: expect.any(Number), size: 25 }]);
    expect(store.seen?.lags[0]?.ms).toBeGreaterThanOrEqual(600);
    const before = looks();
    await world.run('ensureCodeGroup', asked);
    expect(looks() - before).toBe(1);
  });

  test('is learned from a group that was found after its answer was lost', async () => {
    const store = sharedStore(seenQuick());
    const asked = await input({ lagStore: store, sandbox: { ti: { indexDelayMs: 100 } } });
    world.fail({ ...CREATE, kind: 'dropAfterCommit' });
    await world.run('ensureCodeGroup', asked);
    expect(store.seen?.lags).toHaveLength(2);
    expect(store.seen?.lags[1]?.ms).toBeGreaterThanOrEqual(100);
  });

  test('is measured by no clock that can be set', async () => {
    const store = sharedStore();
    const lags = new Lags(store);
    const clock = jest.spyOn(Date, 'now');
    try {
      lags.watch(
        { account: 'ti:a', size: 25, since: performance.now() },
        { minMs: 1, maxMs: 1_000 },
        async () => {
          clock.mockReturnValue(Date.parse('2020-01-01'));
          return true;
        },
      );
      await until('the observation is kept', () => store.seen !== null);
    } finally {
      clock.mockRestore();
    }
    const [lag] = store.seen?.lags ?? [];
    expect(lag?.ms).toBeGreaterThanOrEqual(0);
    expect(lag?.ms).toBeLessThan(60_000);
  });

  test('that cannot be kept or asked for stops nothing', async () => {
    const away = () => Promise.reject(new Error('Temporal is away'));
    const asked = await input({ lagStore: { recall: away, remember: away } });
    expect(await world.run('ensureCodeGroup', asked)).toMatchObject({ wasAdopted: false });
    await until('the group was looked for', () => looks() === 2);
  });
});
