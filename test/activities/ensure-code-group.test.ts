import { afterEach, describe, expect, test } from '@jest/globals';
import type { Plan, PlannedGroup } from '../../src/domain/planning/plan.ts';
import { ensuring, failureOf, openWorld, type World, type WorldOptions } from './world.ts';

let world: World;
let plan: Plan;
afterEach(() => world.close());

const CREATE = { system: 'ti', method: 'POST', path: /\/redemptionCodes$/ } as const;

async function planned(options: WorldOptions = {}): Promise<PlannedGroup> {
  world = await openWorld(options);
  plan = await world.plan('hubspot');
  const [group] = plan.groups;
  if (group === undefined) throw new Error('the seeded deal plans no group');
  return group;
}

function ensure(group: PlannedGroup, attempt: Parameters<World['run']>[2] = {}) {
  return world.run('ensureCodeGroup', ensuring(plan, group), attempt);
}

function groups() {
  return world.sandbox.ti.state.groups;
}

/** Of an attempt in no doubt. A patient one makes more; how many fit into its time is up to the machine. */
const IMPATIENT_LOOK_UPS = 1;

/** Searches by token that reached the platform. */
function lookUps(): number {
  return world.sandbox.exchanges.filter(({ system, method }) => system === 'ti' && method === 'GET').length;
}

describe('making a code group', () => {
  test('makes one of the planned content, seats and dates', async () => {
    const group = await planned();
    expect(await ensure(group)).toMatchObject({
      token: group.token,
      label: group.label,
      seatCount: 25,
      wasAdopted: false,
      orphans: [],
    });
    expect(groups()).toMatchObject([
      { label: group.label, totalCodesCount: 25, codeLength: 12, accessDays: 365 },
    ]);
  });

  test('a second time adopts the first one, and says so', async () => {
    const group = await planned();
    const first = await ensure(group);
    const second = await ensure(group);
    expect(second).toEqual({ ...first, wasAdopted: true });
    expect(groups()).toHaveLength(1);
  });

  test('adopts a group whose readable part was another, because the token finds it', async () => {
    const group = await planned();
    const first = await ensure(group);
    const renamed = { ...group, label: `globex-renamed-2026-11-20-${group.token}` };
    expect(await ensure(renamed)).toMatchObject({ groupId: first.groupId, label: group.label });
    expect(groups()).toHaveLength(1);
  });

  test('refuses a group that differs from the plan, and names what differs', async () => {
    const group = await planned();
    await ensure(group);
    const failure = await failureOf(ensure({ ...group, seatCount: 30 }));
    expect(failure).toMatchObject({ code: 'lms.group_mismatch', nonRetryable: true });
    expect(failure.message).toContain('seat count is 25, expected 30');
    expect(groups()).toHaveLength(1);
  });

  test('of two groups with its token takes one, always the same, and reports the other', async () => {
    const group = await planned();
    const { groupId } = await ensure(group);
    const [made] = groups();
    if (made === undefined) throw new Error('no group was made');
    const twin = world.sandbox.ti.state.addGroup({ ...made, label: `twin-${group.token}` });
    const [first, second] = [await ensure(group), await ensure(group)];
    expect(second).toEqual(first);
    const other = first.groupId === groupId ? twin : made;
    expect(first.orphans).toEqual([`${other.label} (${other.id})`]);
  });
});

describe('a group that the run chose before', () => {
  /** Another group of the token that every search would choose first. */
  async function withRival() {
    const group = await planned();
    const { groupId } = await ensure(group);
    const [made] = groups();
    if (made === undefined) throw new Error('no group was made');
    const { state } = world.sandbox.ti;
    const rival = state.addGroup({ ...made, label: `rival-${group.token}` });
    // Learners have redeemed of it, so it comes first.
    state.redeem(state.codes.find((code) => code.groupId === rival.id)?.code ?? '');
    return { group, groupId, rival };
  }

  test('stays chosen when another one shows up that would come first, which is reported', async () => {
    const { group, groupId, rival } = await withRival();
    expect((await ensure(group)).groupId).toBe(rival.id);
    const again = await world.run('ensureCodeGroup', { ...ensuring(plan, group), pinnedGroupId: groupId });
    expect(again).toMatchObject({
      groupId,
      wasAdopted: false,
      orphans: [`${rival.label} (${rival.id})`],
    });
  });

  test('is read by its id while the search does not show it', async () => {
    const group = await planned({ sandbox: { ti: { indexDelayMs: 60_000 } } });
    const { groupId } = await ensure(group);
    const again = await world.run('ensureCodeGroup', { ...ensuring(plan, group), pinnedGroupId: groupId });
    expect(again.groupId).toBe(groupId);
    expect(groups()).toHaveLength(1);
  });

  test('and is gone by now has no other one made in its place', async () => {
    const group = await planned();
    const pinnedGroupId = '00000000-0000-4000-8000-00000000dead';
    const failure = await failureOf(
      world.run('ensureCodeGroup', { ...ensuring(plan, group), pinnedGroupId }),
    );
    expect(failure).toMatchObject({ code: 'lms.not_found', nonRetryable: true });
    expect(groups()).toEqual([]);
  });
});

describe('after a create whose answer was lost', () => {
  test.each(['dropAfterCommit', 'truncate'] as const)(
    'by %s, the group is found again in the same attempt',
    async (kind) => {
      const group = await planned();
      world.fail({ ...CREATE, kind });
      expect(await ensure(group)).toMatchObject({ label: group.label, wasAdopted: true });
      expect(groups()).toHaveLength(1);
    },
  );

  test.each(['html', 'status'] as const)('by an answer of a proxy (%s) after the work, too', async (kind) => {
    const group = await planned();
    world.fail({ ...CREATE, kind, commit: true });
    expect(await ensure(group)).toMatchObject({ wasAdopted: true });
    expect(groups()).toHaveLength(1);
  });

  test('by silence, the group is found once the call is given up', async () => {
    const group = await planned({ callTimeoutMs: 1_000 });
    world.fail({ ...CREATE, kind: 'stall' });
    expect(await ensure(group)).toMatchObject({ wasAdopted: true });
    expect(groups()).toHaveLength(1);
  });

  test('a group that the search shows late is waited for', async () => {
    const group = await planned({ sandbox: { ti: { indexDelayMs: 400 } } });
    world.fail({ ...CREATE, kind: 'dropAfterCommit' });
    expect(await ensure(group)).toMatchObject({ wasAdopted: true });
    expect(groups()).toHaveLength(1);
  });

  test('and no group ever found, the attempt ends as unknown, and the next one creates at once', async () => {
    const group = await planned();
    world.fail({ ...CREATE, kind: 'dropBefore' });
    const marks: unknown[] = [];
    const failure = await failureOf(ensure(group, { onHeartbeat: (details) => marks.push(details) }));
    expect(failure).toMatchObject({ code: 'lms.outcome_unknown', nonRetryable: false });
    expect(marks).toEqual([{ attempt: 1, left: 'has not acted' }]);
    expect(groups()).toHaveLength(0);
    const before = lookUps();
    await ensure(group, { attempt: 2, heartbeatDetails: marks[0] });
    expect(lookUps() - before).toBe(IMPATIENT_LOOK_UPS);
    expect(groups()).toHaveLength(1);
  });
});

describe('a look-up that fails after a create whose answer was lost', () => {
  const LOOK_UP = { system: 'ti', method: 'GET' } as const;

  test.each([
    ['an outage', { kind: 'status', status: 503 }],
    ['a used-up quota', { kind: 'rateLimit' }],
    ['an unreadable answer', { kind: 'html' }],
  ] as const)('by %s leaves the outcome unknown: the next attempt looks patiently', async (_, fault) => {
    const group = await planned({ sandbox: { ti: { indexDelayMs: 800 } } });
    world.fail({ ...CREATE, kind: 'dropAfterCommit' });
    // The first look-up, before the create, goes well.
    world.fail({ ...LOOK_UP, after: 1, times: Number.POSITIVE_INFINITY, ...fault });
    const marks: unknown[] = [];
    const failure = await failureOf(ensure(group, { onHeartbeat: (details) => marks.push(details) }));
    expect(failure).toMatchObject({ code: 'lms.outcome_unknown', nonRetryable: false });
    expect(marks).toEqual([]);
    world.sandbox.faults.clear();
    expect(await ensure(group, { attempt: 2, heartbeatDetails: marks.at(-1) })).toMatchObject({
      wasAdopted: true,
    });
    expect(groups()).toHaveLength(1);
  });
});

describe('a later attempt', () => {
  test('looks patiently before it creates, because a killed worker says nothing', async () => {
    const group = await planned();
    expect(await ensure(group, { attempt: 2 })).toMatchObject({ wasAdopted: false });
    expect(lookUps()).toBeGreaterThan(IMPATIENT_LOOK_UPS);
    expect(groups()).toHaveLength(1);
  });

  test('finds a group of the first attempt that shows up only now', async () => {
    const group = await planned({ sandbox: { ti: { indexDelayMs: 500 } } });
    await ensure(group);
    expect(await ensure(group, { attempt: 2 })).toMatchObject({ wasAdopted: true });
    expect(groups()).toHaveLength(1);
  });

  test('creates at once when the attempt before proved that nothing had happened', async () => {
    const group = await planned();
    world.fail({ ...CREATE, kind: 'status', status: 403 });
    const marks: unknown[] = [];
    await failureOf(ensure(group, { onHeartbeat: (details) => marks.push(details) }));
    expect(marks).toEqual([{ attempt: 1, left: 'has not acted' }]);
    const before = lookUps();
    await ensure(group, { attempt: 2, heartbeatDetails: marks[0] });
    expect(lookUps() - before).toBeLessThanOrEqual(2);
    expect(groups()).toHaveLength(1);
  });

  test.each([
    ['an older attempt', { attempt: 1, left: 'has not acted' }],
    ['a heartbeat without a word', undefined],
    ['something else', 'all is well'],
  ])('trusts no mark of %s', async (_, heartbeatDetails) => {
    const group = await planned();
    await ensure(group, { attempt: 3, heartbeatDetails });
    expect(lookUps()).toBeGreaterThan(IMPATIENT_LOOK_UPS);
  });
});

test('a cancelled attempt stops at once, though its call never ends', async () => {
  const group = await planned();
  world.fail({ system: 'ti', method: 'GET', kind: 'stall' });
  const { done, cancel } = world.start('ensureCodeGroup', ensuring(plan, group));
  const outcome = done.catch((error: unknown) => error);
  while (world.sandbox.faults.hits.length === 0) await new Promise((resolve) => setImmediate(resolve));
  cancel();
  expect(await outcome).toMatchObject({ name: 'CancelledFailure' });
  expect(groups()).toHaveLength(0);
});
