import { afterEach, describe, expect, test } from '@jest/globals';
import type { HandOverInput } from '../../src/contracts/activities.ts';
import type { EnsuredGroup } from '../../src/domain/seats/code-group.ts';
import { until } from '../support/until.ts';
import { DEALS, ensuring, failureOf, openWorld, type World, type WorldOptions } from './world.ts';

let world: World;
afterEach(() => world.close());

/** As `DEFAULT_POLICY` has them. */
const GAPS = { initialInterval: 500, maximumInterval: 60_000 };

async function madeGroup(seatCount: number, ti: NonNullable<WorldOptions['sandbox']>['ti'] = {}) {
  world = await openWorld({ sandbox: { ti } });
  const plan = await world.plan('hubspot');
  const [group] = plan.groups;
  if (group === undefined) throw new Error('the seeded deal plans no group');
  return world.run('ensureCodeGroup', ensuring(plan, { ...group, seatCount }));
}

function listRequests(): number {
  return world.sandbox.exchanges.filter(({ system, path }) => system === 'ti' && /codes$/.test(path)).length;
}

/** Requests for the code list during this. */
async function listRequestsOf(step: Promise<unknown>): Promise<number> {
  const before = listRequests();
  await step;
  return listRequests() - before;
}

describe('a look at the code list', () => {
  test('ends the wait when all codes are listed', async () => {
    const group = await madeGroup(25);
    expect(await world.run('awaitCodes', { deal: DEALS.hubspot, groups: [group] })).toBeUndefined();
  });

  test('says how many of how many are listed, and is repeated without alarm', async () => {
    let now = Date.now();
    const group = await madeGroup(25, { now: () => now, listingDelayMs: 100_000, listingBatches: 5 });
    now += 40_000;
    const failure = await failureOf(world.run('awaitCodes', { deal: DEALS.hubspot, groups: [group] }));
    expect(failure).toMatchObject({ code: 'lms.codes_not_listed', nonRetryable: false, category: 'BENIGN' });
    expect(failure.message).toBe(`10 of 25 codes of ${group.label} are listed`);
    now += 60_000;
    expect(await world.run('awaitCodes', { deal: DEALS.hubspot, groups: [group] })).toBeUndefined();
  });

  test('takes the platform’s word for codes beyond its page that are missing', async () => {
    let now = Date.now();
    const options = { now: () => now, listingDelayMs: 100_000, listingBatches: 5, codesPerPage: 4 };
    const group = await madeGroup(25, options);
    now += 80_000;
    const failure = await failureOf(world.run('awaitCodes', { deal: DEALS.hubspot, groups: [group] }));
    expect(failure.message).toBe(`20 of 25 codes of ${group.label} are listed`);
    now += 20_000;
    expect(await world.run('awaitCodes', { deal: DEALS.hubspot, groups: [group] })).toBeUndefined();
  });

  test.each([
    ['complete', 0],
    ['short', 100_000],
  ])('costs one request, however long the list, when that is %s', async (_, listingDelayMs) => {
    let now = Date.now();
    const group = await madeGroup(10_000, { now: () => now, listingDelayMs, listingBatches: 4 });
    now += 50_000;
    expect(
      await listRequestsOf(
        world.run('awaitCodes', { deal: DEALS.hubspot, groups: [group] }).catch(() => undefined),
      ),
    ).toBe(1);
  });

  test.each([
    ['counts its page only', (_: number, shown: number) => shown],
    ['is left out', () => null],
    ['is less than its page', () => 2],
    ['is no number of codes', () => -1],
  ])('waits for no total that %s', async (_, codesTotal) => {
    const group = await madeGroup(130, { codesTotal });
    expect(await world.run('awaitCodes', { deal: DEALS.hubspot, groups: [group] })).toBeUndefined();
  });

  test('waits once for a total that is too small, and not when it stands still', async () => {
    const group = await madeGroup(130, { codesTotal: () => 100 });
    const left: unknown[] = [];
    const onHeartbeat = (details: unknown) => left.push(details);
    await failureOf(world.run('awaitCodes', { deal: DEALS.hubspot, groups: [group] }, { onHeartbeat }));
    expect(left).toEqual([{ attempt: 1, left: { [group.groupId]: 100 } }]);
    const [heartbeatDetails] = left;
    expect(
      await world.run(
        'awaitCodes',
        { deal: DEALS.hubspot, groups: [group] },
        { attempt: 2, heartbeatDetails },
      ),
    ).toBeUndefined();
  });

  test('comes half a second after the one that the making of the group has made', async () => {
    const group = await madeGroup(25);
    const startedAt = performance.now();
    const attempt = { retryPolicy: GAPS, scheduledTimestampMs: Date.now() };
    await world.run('awaitCodes', { deal: DEALS.hubspot, groups: [group] }, attempt);
    expect(performance.now() - startedAt).toBeGreaterThan(480);
  });

  test('is at the groups alone that were short at the look before', async () => {
    let now = Date.now();
    world = await openWorld({ sandbox: { ti: { now: () => now, listingDelayMs: 100_000 } } });
    const plan = await world.plan('hubspot');
    const groups: EnsuredGroup[] = [];
    for (const token of ['first', 'second']) {
      const [group] = plan.groups;
      if (group === undefined) throw new Error('the seeded deal plans no group');
      const label = `${group.label}-${token}`;
      groups.push(await world.run('ensureCodeGroup', ensuring(plan, { ...group, token, label })));
    }
    const [first] = groups;
    const left = { [first?.groupId ?? '']: null };
    const attempt = { attempt: 2, heartbeatDetails: { attempt: 1, left } };
    const failure = await failureOf(world.run('awaitCodes', { deal: DEALS.hubspot, groups }, attempt));
    expect(failure.message).toBe(`0 of ${first?.seatCount} codes of ${first?.label} are listed`);
    now += 100_000;
    expect(await listRequestsOf(world.run('awaitCodes', { deal: DEALS.hubspot, groups }, attempt))).toBe(1);
  });
});

describe('the look with which the making of a group ends', () => {
  async function making(ti: { readonly listingDelayMs?: number }, firstLookMs: number) {
    world = await openWorld({ sandbox: { ti } });
    const plan = await world.plan('hubspot');
    const [group] = plan.groups;
    if (group === undefined) throw new Error('the seeded deal plans no group');
    return { ...ensuring(plan, group), firstLookMs };
  }

  test('comes after a pause where the group was made, and at once where it was there', async () => {
    const input = await making({}, 500);
    const timed = async () => {
      const startedAt = performance.now();
      expect(await world.run('ensureCodeGroup', input)).toMatchObject({ isListed: true });
      return performance.now() - startedAt;
    };
    expect(await timed()).toBeGreaterThan(480);
    // A busy machine may take long for it once; one that waited would do so every time.
    await until(
      'a group that was there is looked at without a wait',
      async () => (await timed()) < 480,
      50_000,
    );
  });

  test('saves the reading of a list that it shows as a whole', async () => {
    const input = await making({}, 1);
    await world.run('ensureCodeGroup', input);
    const handOver = await world.prepare('hubspot');
    expect(await listRequestsOf(world.run('attachRoster', handOver))).toBe(handOver.groups.length - 1);
  });

  test.each([
    ['shows a short list', {}],
    ['fails', { kind: 'status', status: 503 }],
    ['is refused for its rate', { kind: 'rateLimit' }],
  ] as const)('leaves the rest to the wait where it %s', async (_, fault) => {
    const input = await making({ listingDelayMs: 1_000_000 }, 1);
    if ('kind' in fault) world.fail({ system: 'ti', method: 'GET', path: /codes$/, ...fault });
    const { groups } = world.sandbox.ti.state;
    const made = await world.run('ensureCodeGroup', input);
    expect(made).toMatchObject({ groupId: groups[0]?.id, isListed: false });
  });
});

describe('the gaps between looks', () => {
  async function gaps(seatCount: number): Promise<number[]> {
    const group = await madeGroup(seatCount, { listingDelayMs: Number.POSITIVE_INFINITY });
    const found: number[] = [];
    for (let attempt = 1; attempt <= 16; attempt += 1) {
      const looked = world.run(
        'awaitCodes',
        { deal: DEALS.hubspot, groups: [{ ...group, wasAdopted: true }] },
        { attempt, retryPolicy: GAPS },
      );
      found.push(Number((await failureOf(looked)).nextRetryDelay));
    }
    return found;
  }

  test('grow from half a second to a minute', async () => {
    const found = await gaps(25);
    expect(found[0]).toBeGreaterThanOrEqual(500);
    expect(found[0]).toBeLessThan(600);
    expect([...found].sort((a, b) => a - b)).toEqual(found);
    expect(found.at(-1)).toBe(60_000);
  });

  test('are longer for a larger group, and never more than a minute', async () => {
    const small = await gaps(25);
    await world.close();
    const large = await gaps(10_000);
    for (const [index, gap] of large.entries()) expect(gap).toBeGreaterThanOrEqual(small[index] ?? 0);
    expect(large[0]).toBeGreaterThan(5 * (small[0] ?? 0));
    expect(Math.max(...large)).toBe(60_000);
  });
});

describe('the list that the roster is made from', () => {
  function firstGroup({ groups }: HandOverInput): EnsuredGroup {
    const [group] = groups;
    if (group === undefined) throw new Error('the seeded deal plans no group');
    return group;
  }

  test('is the one that a look has shown as a whole, and is asked for anew by another run', async () => {
    world = await openWorld();
    const handOver = await world.prepare('hubspot');
    const group = firstGroup(handOver);
    const later = handOver.groups.length - 1;
    await world.run('awaitCodes', { deal: DEALS.hubspot, groups: [group] });
    expect(await listRequestsOf(world.run('attachRoster', handOver))).toBe(later);
    // Taken once: a repeat reads what is listed then.
    expect(await listRequestsOf(world.run('attachRoster', handOver))).toBe(later + 1);
    await world.run('awaitCodes', { deal: DEALS.hubspot, groups: [group] });
    const workflowExecution = { workflowId: 'test', runId: 'after-a-reset' };
    const reset = world.run('attachRoster', handOver, { workflowExecution });
    expect(await listRequestsOf(reset)).toBe(later + 1);
  });

  test('is complete when the looks have ended', async () => {
    let now = Date.now();
    const options = { now: () => now, listingDelayMs: 100_000, listingBatches: 50, codesPerPage: 4 };
    world = await openWorld({ sandbox: { ti: options } });
    const handOver = await world.prepare('hubspot');
    let looks = 0;
    for (let isListed = false; !isListed && looks < 20; looks += 1) {
      now += 10_000;
      isListed = await world.run('awaitCodes', { deal: DEALS.hubspot, groups: [firstGroup(handOver)] }).then(
        () => true,
        () => false,
      );
    }
    expect(looks).toBe(10);
    expect(await world.run('attachRoster', handOver)).toMatchObject({ codeCount: handOver.plan.seatCount });
  });

  test('is waited for again when it is short, in growing gaps, and by its deadline is a person’s business', async () => {
    let now = Date.now();
    const options = {
      now: () => now,
      listingDelayMs: 100_000,
      listingBatches: 2,
      codesPerPage: 4,
      codesTotal: () => 25,
    };
    world = await openWorld({ sandbox: { ti: options } });
    const handOver = await world.prepare('hubspot');
    now += 50_000;
    await world.run('awaitCodes', { deal: DEALS.hubspot, groups: [firstGroup(handOver)] });
    const short = async (attempt: number, listedByMs: number) =>
      failureOf(world.run('attachRoster', { ...handOver, listedByMs }, { attempt, retryPolicy: GAPS }));
    const [early, late] = [await short(1, Date.now() + 60_000), await short(4, Date.now() + 60_000)];
    for (const failure of [early, late]) {
      expect(failure).toMatchObject({
        code: 'lms.codes_not_listed',
        nonRetryable: false,
        category: 'BENIGN',
      });
    }
    expect(Number(late.nextRetryDelay)).toBeGreaterThan(3 * Number(early.nextRetryDelay));
    const given = await short(5, Date.now());
    expect(given).toMatchObject({ code: 'lms.codes_never_listed', nonRetryable: true });
    expect(given.message).toBe(early.message);
    now += 50_000;
    expect(await world.run('attachRoster', handOver)).toMatchObject({ codeCount: handOver.plan.seatCount });
  });

  test('is left alone for as long as its reading took', async () => {
    world = await openWorld({ sandbox: { ti: { listingDelayMs: 1_000_000 } } });
    const handOver = await world.prepare('hubspot');
    world.fail({ system: 'ti', method: 'GET', path: /codes$/, kind: 'delay', delayMs: 300 });
    const attempt = { retryPolicy: { initialInterval: 10, maximumInterval: 10 } };
    const failure = await failureOf(world.run('attachRoster', handOver, attempt));
    expect(failure.nextRetryDelay).toBeGreaterThanOrEqual(300);
  });
});
