import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { askedIn, type Exchange } from '../../sandbox/http.ts';
import type { EnsureCodeGroupInput, HoldInput } from '../../src/contracts/activities.ts';
import { formatHold, parseHold } from '../../src/domain/deal/hold.ts';
import { NO_SEATS } from '../../src/domain/deal/ledger.ts';
import type { Plan } from '../../src/domain/planning/plan.ts';
import { writeCount } from '../support/evidence.ts';
import { randomFrom } from '../support/random.ts';
import { seenDeal } from './seen-deal.ts';
import {
  asRun,
  DEALS,
  DEPLOYMENT,
  ensuring,
  failureOf,
  forLearners,
  HOLD,
  OTHER_DEPLOYMENT,
  OTHER_RUN,
  openWorld,
  RUN,
  type SandboxCrm,
  type World,
} from './world.ts';

const CRMS = ['hubspot', 'salesforce'] as const;
const HOUR_MS = 3_600_000;

/** Only a field of Salesforce that has history tracking tells who was first. */
const ACCOUNTS = [
  { account: 'hubspot', crm: 'hubspot', tellsWhoWasFirst: true },
  { account: 'salesforce', crm: 'salesforce', tellsWhoWasFirst: true },
  { account: 'untracked salesforce', crm: 'salesforce', tellsWhoWasFirst: false },
] as const;

let world: World;
beforeEach(async () => {
  world = await openWorld({ catalog: forLearners });
});
afterEach(() => world.close());

const holdOf = (crm: SandboxCrm) => seenDeal(world.sandbox, crm).field('claim');
const setHold = (crm: SandboxCrm, text: string) => seenDeal(world.sandbox, crm).set('claim', text);

function heldBy(deployment: string, run: string, { ageMs = 0, isDone = false } = {}): string {
  const at = new Date(Date.now() - ageMs).toISOString();
  return formatHold({ deployment, run, at, isDone });
}

const foreign = (options = {}) => heldBy(OTHER_DEPLOYMENT, OTHER_RUN, options);

function ensuringFirst(plan: Plan, hold: Partial<HoldInput> = {}): EnsureCodeGroupInput {
  const [group] = plan.groups;
  if (group === undefined) throw new Error('the seeded deal plans no group');
  return ensuring(plan, group, { ...HOLD, ...hold });
}

/** By a run that has read the deal as it is now. */
async function ensuringAsRead(crm: SandboxCrm): Promise<EnsureCodeGroupInput> {
  const { plan, deal } = await world.readMore(DEALS[crm]);
  return ensuringFirst(plan, { seen: deal.hold });
}

/** No admin has set history tracking on. */
const untrack = () => world.sandbox.salesforce.state.settings.trackedFields.clear();

function groups() {
  return world.sandbox.ti.state.groups;
}

describe.each(ACCOUNTS)('two deployments on one $account deal', ({ crm, tellsWhoWasFirst }) => {
  const bounds = { pauseMs: 300, leaseMs: HOUR_MS };
  beforeEach(() => {
    if (!tellsWhoWasFirst) untrack();
  });

  test.each([1, 2, 3, 4, 5])(
    'that start within one moment make one group; the other one names the first (seed %i)',
    async (seed) => {
      const random = randomFrom(seed);
      const plan = await world.plan(crm);
      const later = random() * bounds.pauseMs;
      const [first, second] = await Promise.allSettled([
        world.run('ensureCodeGroup', ensuringFirst(plan, { bounds })),
        wait(later).then(() => world.elsewhere('ensureCodeGroup', ensuringFirst(plan, { bounds }))),
      ]);
      expect([first.status, second.status].sort()).toEqual(['fulfilled', 'rejected']);
      expect(groups()).toHaveLength(1);
      const winner = first.status === 'fulfilled' ? DEPLOYMENT : OTHER_DEPLOYMENT;
      const loser = first.status === 'fulfilled' ? second : first;
      if (loser.status === 'fulfilled') throw new Error('both made a group');
      expect((await failureOf(Promise.reject(loser.reason))).code).toBe('run.held_elsewhere');
      expect(loser.reason.message).toContain(winner);
      expect(parseHold(holdOf(crm))).toMatchObject({ deployment: winner, isDone: false });
    },
  );
});

const HOLD_IS_PROVEN = {
  byHistory: 'one hold is enough, and its history tells at once that it was the first',
  byAPause: 'one hold is enough, and counts once it was left alone for longer than it took to write',
} as const;

/** By so much two readings of the clock may be wrong together. */
const CLOCK_MS = 5;

describe.each(ACCOUNTS)('on a slow $account account', ({ crm, tellsWhoWasFirst }) => {
  beforeEach(() => {
    if (!tellsWhoWasFirst) untrack();
  });
  const slowMs = 600;
  const bounds = { pauseMs: 100, leaseMs: HOUR_MS };
  const slow = {
    system: crm,
    method: 'PATCH',
    path: /deals\/9001$|Opportunity\//,
    kind: 'delay',
    delayMs: slowMs,
  } as const;

  test(HOLD_IS_PROVEN[tellsWhoWasFirst ? 'byHistory' : 'byAPause'], async () => {
    const plan = await world.plan(crm);
    world.fail({ ...slow, times: Number.POSITIVE_INFINITY });
    await world.run('ensureCodeGroup', ensuringFirst(plan, { bounds }));
    const { exchanges } = world.sandbox;
    const isWrite = ({ system, method }: Exchange) => system === crm && method === 'PATCH';
    expect(askedIn(exchanges).filter(isWrite)).toHaveLength(1);
    const [written, next] = exchanges.slice(exchanges.findIndex((each) => askedIn([each]).some(isWrite)));
    const pausedMs = Date.parse(next?.at ?? '') - Date.parse(written?.at ?? '');
    expect(pausedMs >= 2 * slowMs - CLOCK_MS).toBe(!tellsWhoWasFirst);
    expect(groups()).toHaveLength(1);
  });

  test('steps of one run that begin together take the hold once', async () => {
    const input = await ensuringAsRead(crm);
    const [, second] = (await world.plan(crm)).groups;
    const other = second ?? {
      ...input.group,
      token: `${input.group.token}x`,
      label: `${input.group.label}x`,
    };
    const asRead = { ...input, hold: { ...input.hold, readIn: 'test' } };
    const execution = { workflowExecution: { workflowId: 'test', runId: 'test' } };
    const before = writeCount(world.sandbox);
    await Promise.all(
      [asRead, { ...asRead, group: other }].map((step) => world.run('ensureCodeGroup', step, execution)),
    );
    // The hold, and a group each.
    expect(writeCount(world.sandbox) - before).toBe(3);
    expect(parseHold(holdOf(crm))).toMatchObject({ run: RUN, isDone: false });
  });

  test('two deployments whose writes take far longer than the pause still make one group', async () => {
    const plan = await world.plan(crm);
    world.fail({ ...slow, times: Number.POSITIVE_INFINITY });
    const outcomes = await Promise.allSettled([
      world.run('ensureCodeGroup', ensuringFirst(plan, { bounds })),
      wait(slowMs / 3).then(() => world.elsewhere('ensureCodeGroup', ensuringFirst(plan, { bounds }))),
    ]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(groups()).toHaveLength(1);
  });
});

describe.each(CRMS)('an attempt on a %s deal that was cut off as it wrote the hold', (crm) => {
  const bounds = { pauseMs: 300, leaseMs: HOUR_MS };
  const again = { attempt: 2 };

  test('too late for another deployment, leaves the deal to that one when it is repeated', async () => {
    const plan = await world.plan(crm);
    const first = foreign();
    setHold(crm, first);
    setHold(crm, heldBy(DEPLOYMENT, RUN, { ageMs: 2 * bounds.pauseMs }));
    const repeated = world.run('ensureCodeGroup', ensuringFirst(plan, { bounds }), again);
    expect((await failureOf(repeated)).code).toBe('run.held_elsewhere');
    expect(holdOf(crm)).toBe(first);
    expect(groups()).toEqual([]);
  });

  test('before another deployment, has the deal when it is repeated, without a pause', async () => {
    const plan = await world.plan(crm);
    const first = heldBy(DEPLOYMENT, RUN);
    setHold(crm, first);
    const patient = { pauseMs: 60_000, leaseMs: HOUR_MS };
    await world.run('ensureCodeGroup', ensuringFirst(plan, { bounds: patient }), again);
    expect(holdOf(crm)).toBe(first);
    const other = world.elsewhere('ensureCodeGroup', ensuringFirst(plan, { bounds }));
    expect((await failureOf(other)).code).toBe('run.held_elsewhere');
    expect(groups()).toHaveLength(1);
  });
});

describe.each(CRMS)('a hold on a %s deal', (crm) => {
  test('is written by the first step, proved once, names the run, and is given up with the mark', async () => {
    const { plan, deal, hold } = await world.prepare(crm);
    const text = holdOf(crm);
    expect(parseHold(text)).toMatchObject({ deployment: DEPLOYMENT, run: RUN, isDone: false });
    await world.run('ensureCodeGroup', ensuringFirst(plan));
    expect(holdOf(crm)).toBe(text);
    const mark = { what: 'mark', status: 'Delivered', detail: 'x', facts: null, ledger: NO_SEATS } as const;
    await world.run('writeRecord', { deal, hold, write: mark });
    expect(parseHold(holdOf(crm))).toMatchObject({ deployment: DEPLOYMENT, run: RUN, isDone: true });
  });

  test.each([
    ['another deployment', foreign(), 'run.held_elsewhere'],
    ['a later run', heldBy(DEPLOYMENT, OTHER_RUN), 'run.superseded'],
    ['a later run that is over', heldBy(DEPLOYMENT, OTHER_RUN, { isDone: true }), 'run.superseded'],
  ])('of %s keeps every step from writing anything', async (_, text, code) => {
    const { deal, hold, ...messages } = await world.prepareMessages(crm);
    const { plan, ledger } = messages;
    setHold(crm, text);
    const before = writeCount(world.sandbox);
    const handOver = { deal, hold, ...messages };
    for (const attempt of [
      world.run('ensureCodeGroup', ensuringFirst(plan)),
      world.run('attachRoster', handOver),
      world.run('sendMessages', handOver),
      world.run('writeRecord', {
        deal,
        hold,
        write: { what: 'note', status: 'AwaitingCodes', detail: '', ledger },
      }),
      world.run('writeRecord', {
        deal,
        hold,
        write: { what: 'mark', status: 'Delivered', detail: '', facts: null, ledger },
      }),
    ]) {
      expect(await failureOf(attempt)).toMatchObject({ code, nonRetryable: true });
    }
    for (const write of [
      { what: 'show', status: 'NeedsAttention', detail: '' },
      { what: 'end', status: 'Failed', detail: '', facts: null },
    ] as const) {
      expect(await world.run('writeRecord', { deal, hold, write })).toEqual({ isWritten: false });
    }
    expect(writeCount(world.sandbox)).toBe(before);
  });

  test('that this very run gave up keeps it from doing again what it has done, when it is reset', async () => {
    const handOver = await world.prepareMessages(crm);
    setHold(crm, heldBy(DEPLOYMENT, RUN, { isDone: true }));
    const before = writeCount(world.sandbox);
    for (const attempt of [world.run('attachRoster', handOver), world.run('sendMessages', handOver)]) {
      expect((await failureOf(attempt)).code).toBe('run.superseded');
    }
    expect(writeCount(world.sandbox)).toBe(before);
  });

  test.each([
    ['was terminated while it worked', false],
    ['is over', true],
  ])('of an earlier run that %s is taken by the run that read it', async (_, isDone) => {
    const text = heldBy(DEPLOYMENT, OTHER_RUN, { isDone });
    setHold(crm, text);
    await world.run('ensureCodeGroup', await ensuringAsRead(crm));
    expect(parseHold(holdOf(crm))).toMatchObject({ deployment: DEPLOYMENT, run: RUN, isDone: false });
    expect(groups()).toHaveLength(1);
  });

  test('is taken by one of two runs that have read the same, and the other reads again', async () => {
    const ours = await ensuringAsRead(crm);
    const bounds = { pauseMs: 300, leaseMs: HOUR_MS };
    const theirs = asRun(ours, OTHER_RUN, ours.hold.seen);
    const outcomes = await Promise.allSettled([
      world.run('ensureCodeGroup', { ...ours, hold: { ...ours.hold, bounds } }),
      world.run('ensureCodeGroup', { ...theirs, hold: { ...theirs.hold, bounds } }),
    ]);
    const codes = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason.type] : []));
    expect(codes).toEqual(['run.superseded']);
    expect(groups()).toHaveLength(1);
  });

  test('does not keep us from finding out about a message that may be on its way', async () => {
    const messages = await world.prepareMessages(crm);
    await world.run('sendMessages', messages);
    const { length } = world.sandbox.outbox.mails;
    setHold(crm, foreign());
    const again = await world.run('sendMessages', messages, { attempt: 2 });
    expect(Object.keys(again)).toHaveLength(messages.plan.messages.length);
    expect(world.sandbox.outbox.mails).toHaveLength(length);
  });

  test('that a clock ahead of ours has dated is believed once it was left alone', async () => {
    const plan = await world.plan(crm);
    const text = heldBy(DEPLOYMENT, RUN, { ageMs: -HOUR_MS / 2 });
    setHold(crm, text);
    const startedAt = Date.now();
    await world.run('ensureCodeGroup', ensuringFirst(plan));
    expect(Date.now() - startedAt).toBeLessThan(HOUR_MS / 4);
    expect(holdOf(crm)).toBe(text);
  });

  test('of another deployment keeps a step that follows a killed attempt from taking over its group', async () => {
    const plan = await world.plan(crm);
    await world.elsewhere('ensureCodeGroup', ensuringFirst(plan));
    const afterKilled = world.run('ensureCodeGroup', ensuringFirst(plan), { attempt: 2 });
    expect((await failureOf(afterKilled)).code).toBe('run.held_elsewhere');
    expect(groups()).toHaveLength(1);
  });

  test('is taken also by a step that finds the group of a killed attempt, which may have been killed before', async () => {
    const plan = await world.plan(crm);
    await world.run('ensureCodeGroup', ensuringFirst(plan));
    setHold(crm, '');
    await world.run('ensureCodeGroup', ensuringFirst(plan), { attempt: 2 });
    expect(parseHold(holdOf(crm))).toMatchObject({ deployment: DEPLOYMENT, run: RUN });
  });

  test('of a deployment that is gone is taken over by a plan that saw it, and its group adopted', async () => {
    const made = await world.elsewhere('ensureCodeGroup', ensuringFirst(await world.plan(crm)));
    setHold(crm, foreign({ ageMs: 2 * HOUR_MS }));
    const ours = await world.run('ensureCodeGroup', await ensuringAsRead(crm));
    expect(ours).toMatchObject({ groupId: made.groupId, wasAdopted: true });
    expect(parseHold(holdOf(crm))).toMatchObject({ deployment: DEPLOYMENT });
  });

  test('that was held and given up since the deal was read makes the plan an old one', async () => {
    const plan = await world.plan(crm);
    setHold(crm, foreign({ isDone: true }));
    expect((await failureOf(world.run('ensureCodeGroup', ensuringFirst(plan)))).code).toBe(
      'run.held_elsewhere',
    );
    await world.run('ensureCodeGroup', await ensuringAsRead(crm));
    expect(groups()).toHaveLength(1);
  });
});

describe('a hold that nothing but a pause can prove', () => {
  const crm = 'salesforce';
  const bounds = { pauseMs: 60_000, leaseMs: HOUR_MS };

  test('is given up by nobody when the run is cancelled before it is believed, and no group is made', async () => {
    untrack();
    const plan = await world.plan(crm);
    const { done, cancel } = world.start('ensureCodeGroup', ensuringFirst(plan, { bounds }));
    const ended = done.then(
      () => 'made',
      () => 'ended',
    );
    const deadline = Date.now() + 20_000;
    while (holdOf(crm) === null && Date.now() < deadline) await wait(10);
    cancel();
    expect(await ended).toBe('ended');
    expect(groups()).toEqual([]);
  });

  test.each(CRMS)('is none on a %s deal whose history tells who was first', async (crm) => {
    await world.run('ensureCodeGroup', ensuringFirst(await world.plan(crm), { bounds }));
    expect(groups()).toHaveLength(1);
  });
});
