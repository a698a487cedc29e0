import { afterEach, describe, expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { crmOf } from '../../activities/deps.ts';
import { createSweepActivities } from '../../activities/sweep.ts';
import type { LateDecision } from '../../src/domain/seats/late-decision.ts';
import { auditSeats } from '../../src/runs/audit/audit-seats.ts';
import { decideLateRedemption } from '../../src/store/decide-late.ts';
import { writeCount } from '../support/evidence.ts';
import { openSeatWorld, type SeatWorld } from './seat-world.ts';
import { seenDeal } from './seen-deal.ts';
import { DEALS, type SandboxCrm } from './world.ts';

let world: SeatWorld;
afterEach(() => world.close());

const EVENTS = { platform: 'ti', overlapMs: 900_000, maxPages: 10 };
const COUNTERS = { platform: 'ti', maxRequests: 15 };
const SHOW = { showEveryMs: 900_000, limit: 100 };
const MIA = 'mia@acme.example';

const CASES = [
  ['hubspot', 'observed'],
  ['salesforce', 'documented'],
] as const;

function numbers(crm: SandboxCrm) {
  const deal = seenDeal(world.sandbox, crm);
  return ['seats_used', 'seats_free', 'last_redemption'].map((name) => {
    const value = deal.field(name);
    return value === null || Number.isNaN(Number(value)) ? value : Number(value);
  });
}

const seatStates = async () =>
  (
    await world.store.db
      .selectFrom('seats')
      .select(({ fn }) => ['state', fn.countAll<string>().as('count')])
      .groupBy('state')
      .orderBy('state')
      .execute()
  ).map(({ state, count }) => [state, Number(count)]);

const findings = () =>
  world.store.db.selectFrom('findings').selectAll().where('resolved_at', 'is', null).execute();

function firstCode(): string {
  const [code = ''] = world.codes;
  return code;
}

describe.each(CASES)('the seats of a deal in %s, with the %s form of the platform', (crm, profile) => {
  const open = (options: Parameters<typeof openSeatWorld>[1] = {}) =>
    openSeatWorld(crm, { ...options, sandbox: { ti: { profile, ...options.sandbox?.ti } } });

  test('are shown by the delivery itself, and again when one was redeemed', async () => {
    world = await open();
    const total = world.codes.length;
    expect(numbers(crm)).toEqual([0, total, null]);
    const before = writeCount(world.sandbox);
    expect(await world.sync('readRedemptions', EVENTS)).toMatchObject({ events: 0, isComplete: true });
    expect(await world.sync('showSeatNumbers', SHOW)).toEqual({ shown: 0, failed: 0 });
    expect(writeCount(world.sandbox)).toBe(before);

    world.sandbox.ti.state.redeem(firstCode(), MIA);
    expect(await world.sync('readRedemptions', EVENTS)).toMatchObject({ recorded: 1, isComplete: true });
    expect(await world.sync('showSeatNumbers', SHOW)).toEqual({ shown: 1, failed: 0 });
    expect(numbers(crm)).toEqual([1, total - 1, expect.stringMatching(/^\d{4}-\d\d-\d\dT/)]);
    expect(await world.sync('readRedemptions', EVENTS)).toMatchObject({ events: 1, recorded: 0 });

    world.sandbox.ti.state.redeem(world.codes[1] ?? '', 'max@acme.example');
    expect(await world.sync('readRedemptions', EVENTS)).toMatchObject({ events: 2, recorded: 1 });
    // Within a quarter of an hour.
    expect(await world.sync('showSeatNumbers', SHOW)).toEqual({ shown: 0, failed: 0 });
    world.ahead(1_000_000);
    expect(await world.sync('showSeatNumbers', SHOW)).toEqual({ shown: 1, failed: 0 });
    expect(numbers(crm)).toEqual([2, total - 2, expect.any(String)]);
    expect(await seatStates()).toEqual([
      ['exposed', total - 2],
      ['redeemed', 2],
    ]);
  });

  test('are no news to the sweep when Dealseat alone has changed the deal, and are when people have', async () => {
    world = await open();
    const deal = DEALS[crm];
    const client = crmOf(world.deps, deal);
    const { changedAt: readUpTo } = await client.readPrint(deal.dealId);
    const starts: string[] = [];
    const { startSweptDeals } = createSweepActivities({
      crms: world.deps.crms,
      seats: world.store,
      runs: {
        lastRun: async () => ({
          runId: 'run-1',
          status: 'Delivered',
          temporalStatus: 'COMPLETED',
          readUpTo,
          closedAt: readUpTo,
          code: null,
        }),
        endedSince: async () => [],
        start: async ({ dealId }) => {
          starts.push(dealId);
        },
      },
      onMissed: () => undefined,
    });
    const sweep = async () => {
      const { changedAt } = await client.readPrint(deal.dealId);
      const deals = [{ dealId: deal.dealId, changedAt }];
      const input = { crm, account: deal.account, deals, startsOver: false, startedBefore: 0 };
      await new MockActivityEnvironment().run(startSweptDeals, input);
      return { changedAt, starts: starts.length };
    };
    for (const code of world.codes.slice(0, 2)) {
      world.sandbox.ti.state.redeem(code, MIA);
      await world.sync('readRedemptions', EVENTS);
      world.ahead(1_000_000);
      expect(await world.sync('showSeatNumbers', SHOW)).toMatchObject({ shown: 1 });
      const swept = await sweep();
      expect(swept.changedAt > readUpTo).toBe(true);
      expect(swept.starts).toBe(0);
    }
    await client.writeDealFields(deal.dealId, { detail: 'somebody was here' });
    expect((await sweep()).starts).toBe(1);
  });

  test('that events do not report are found by the counter of the group, whose list is read once', async () => {
    world = await open({ sandbox: { ti: { losesEvent: () => true } } });
    world.sandbox.ti.state.redeem(firstCode(), MIA);
    expect(await world.sync('readRedemptions', EVENTS)).toMatchObject({ events: 0 });
    expect(await world.sync('countRedemptions', COUNTERS)).toMatchObject({ listed: 1, recorded: 1 });
    expect(await world.sync('countRedemptions', COUNTERS)).toMatchObject({ listed: 0, recorded: 0 });
    const [seat] = await world.store.db
      .selectFrom('seats')
      .selectAll()
      .where('state', '=', 'redeemed')
      .execute();
    expect(seat?.redeemer_user_id).toEqual(expect.any(String));
  });

  test('that are redeemed late are asked about: one task for the owner, and a finding', async () => {
    world = await open();
    const tasks = () =>
      seenDeal(world.sandbox, crm)
        .tasks()
        .filter((subject) => subject.includes('taken back'));
    await world.takeBack(firstCode());
    world.sandbox.ti.state.redeem(firstCode(), MIA);
    expect(await world.sync('readRedemptions', EVENTS)).toMatchObject({ recorded: 1, late: 1 });
    expect(await world.sync('settleLateRedemptions', { limit: 10 })).toEqual({
      revoked: 0,
      allowed: 0,
      asked: 1,
    });
    expect(tasks()).toEqual(['Dealseat: a code that was taken back is in use']);
    expect(await world.sync('settleLateRedemptions', { limit: 10 })).toMatchObject({ asked: 0 });
    expect(tasks()).toHaveLength(1);
    expect(await findings()).toMatchObject([{ kind: 'late_redemption' }]);
  });

  test('that are redeemed late lose their access, if the catalog says so', async () => {
    world = await open({ rule: 'revoke' });
    await world.takeBack(firstCode());
    world.sandbox.ti.state.redeem(firstCode(), MIA);
    await world.sync('readRedemptions', EVENTS);
    const group = await world.store.db
      .selectFrom('code_groups')
      .innerJoin('codes', 'codes.group_id', 'code_groups.id')
      .selectAll('code_groups')
      .where('codes.code_mac', 'in', [...world.store.vault.macsOf(firstCode())])
      .executeTakeFirstOrThrow();
    const { learners } = world.deps.platforms.ti ?? {};
    const user = await learners?.find(MIA);
    const held = async () =>
      (await learners?.holds({ userId: user?.id ?? '', grants: group.grants }))?.map((one) => one.held);
    expect(await held()).toEqual(['yes']);
    expect(await world.sync('settleLateRedemptions', { limit: 10 })).toMatchObject({ revoked: 1 });
    expect(await held()).toEqual(['no']);
    expect(await findings()).toEqual([]);
    expect(await world.sync('settleLateRedemptions', { limit: 10 })).toMatchObject({ revoked: 0 });
  });

  test('that the same learner has by another code keep their access, and a person is asked', async () => {
    world = await open({ rule: 'revoke' });
    const [taken = '', other = ''] = world.codes;
    await world.takeBack(taken);
    world.sandbox.ti.state.redeem(other, MIA);
    world.sandbox.ti.state.redeem(taken, MIA);
    await world.sync('readRedemptions', EVENTS);
    expect(await world.sync('settleLateRedemptions', { limit: 10 })).toMatchObject({ revoked: 0, asked: 1 });
    expect(await findings()).toMatchObject([{ kind: 'late_redemption' }]);
  });
});

describe('a person who is asked about a late redemption', () => {
  const settle = () => world.sync('settleLateRedemptions', { limit: 10 });
  const open = () =>
    seenDeal(world.sandbox, 'hubspot')
      .openTasks()
      .filter((subject) => subject.includes('taken back'));

  async function asked() {
    world = await openSeatWorld('hubspot');
    await world.takeBack(firstCode());
    world.sandbox.ti.state.redeem(firstCode(), MIA);
    await world.sync('readRedemptions', EVENTS);
    expect(await settle()).toMatchObject({ asked: 1 });
    expect(open()).toEqual(['Dealseat: a code that was taken back is in use']);
  }

  async function decide(decision: LateDecision) {
    const [finding] = await findings();
    await decideLateRedemption(world.store, {
      id: 'k1',
      seatId: finding?.seat_id ?? '',
      decision,
      actor: { kind: 'person', name: 'kim' },
      reason: 'agreed with the customer',
      at: new Date(),
    });
  }

  test('has the access ended, and the next sync does it and closes the task', async () => {
    await asked();
    await decide('end');
    expect(await settle()).toMatchObject({ revoked: 1 });
    expect(open()).toEqual(['Dealseat: access by a code that was taken back has been ended']);
    expect(await findings()).toEqual([]);
  });

  test('leaves the access, and the next sync closes the task', async () => {
    await asked();
    await decide('keep');
    expect(await settle()).toMatchObject({ revoked: 0 });
    expect([open(), await findings(), await world.has(MIA)]).toEqual([[], [], true]);
  });
});

test('a late redemption whose task the CRM refuses is told an hour later, once, and its access ends once', async () => {
  world = await openSeatWorld('hubspot', { rule: 'revoke' });
  await world.takeBack(firstCode());
  world.sandbox.ti.state.redeem(firstCode(), MIA);
  await world.sync('readRedemptions', EVENTS);
  const body = { status: 'error', category: 'VALIDATION_ERROR', message: 'refused by a rule' };
  world.fail({ system: 'hubspot', method: 'POST', path: /\/tasks$/, kind: 'status', status: 400, body });
  const settle = () => world.sync('settleLateRedemptions', { limit: 10 });
  const giveByHand = async () => {
    const { grants } = await world.store.db.selectFrom('code_groups').selectAll().executeTakeFirstOrThrow();
    const [platform] = Object.values(world.deps.platforms);
    await platform?.learners.grant({ email: MIA, firstName: null, lastName: null, grants });
  };
  const told = () =>
    seenDeal(world.sandbox, 'hubspot')
      .tasks()
      .filter((subject) => subject.includes('taken back'));
  expect(await settle()).toMatchObject({ revoked: 0 });
  expect(await world.has(MIA)).toBe(false);
  expect(await settle()).toMatchObject({ revoked: 0 });
  expect([told(), (await findings()).length]).toEqual([[], 1]);
  await giveByHand();
  world.ahead(60 * 60_000);
  expect(await settle()).toMatchObject({ revoked: 1 });
  expect(await settle()).toMatchObject({ revoked: 0 });
  expect([told().length, (await findings()).length]).toEqual([1, 0]);
  expect(await world.has(MIA)).toBe(true);
  const ends = await world.store.db
    .selectFrom('seat_events')
    .select('seat_id')
    .where('kind', '=', 'access_changed')
    .execute();
  expect(ends).toHaveLength(1);
});

test('a deal of an account that Dealseat does not serve any more is left alone, and fails no sync', async () => {
  world = await openSeatWorld('hubspot', { rule: 'revoke' });
  await world.takeBack(firstCode());
  world.sandbox.ti.state.redeem(firstCode(), MIA);
  world.sandbox.ti.state.redeem(world.codes[1] ?? '', 'kim@acme.example');
  await world.sync('readRedemptions', EVENTS);
  await world.store.db.updateTable('orders').set({ account: '1' }).execute();
  expect(await world.sync('settleLateRedemptions', { limit: 10 })).toMatchObject({ revoked: 0 });
  expect(await world.has(MIA)).toBe(false);
  expect(await world.sync('showSeatNumbers', { showEveryMs: 0, limit: 10 })).toEqual({ shown: 0, failed: 1 });
});

test('a late redemption counts as a seat that is free, if the catalog says so, and only once', async () => {
  // The list does not say when a code was redeemed.
  const ti = { profile: 'documented', losesEvent: () => true } as const;
  world = await openSeatWorld('hubspot', { rule: 'allow', sandbox: { ti } });
  await world.takeBack(firstCode());
  const total = world.codes.length;
  const [seat] = await world.store.db
    .selectFrom('seats')
    .select('id')
    .where('state', '=', 'exposed')
    .execute();
  await world.store.db
    .updateTable('seats')
    .set({ state: 'free' })
    .where('id', '=', seat?.id ?? '')
    .execute();
  world.sandbox.ti.state.redeem(firstCode(), MIA);
  expect(await world.sync('countRedemptions', COUNTERS)).toMatchObject({ late: 1 });
  expect(await world.sync('settleLateRedemptions', { limit: 10 })).toMatchObject({ allowed: 1 });
  expect(await seatStates()).toEqual([
    ['ended', 1],
    ['exposed', total - 2],
    ['redeemed', 1],
  ]);
  expect(await findings()).toEqual([]);
  expect(await world.sync('countRedemptions', COUNTERS)).toMatchObject({ recorded: 0, late: 0 });
  const bounds = { limit: 10, maxRequests: 100, signal: new AbortController().signal };
  const audited = await auditSeats({ ...world.deps, seats: world.store, now: Date.now }, bounds);
  // The seat that ended is one less than was sold; the redemption is known.
  expect(audited.findings.map(({ kind }) => kind)).toEqual(['audit.seats_differ']);
});

test('a late redemption without a free seat is asked about, whatever the catalog allows', async () => {
  world = await openSeatWorld('hubspot', { rule: 'allow' });
  await world.takeBack(firstCode());
  world.sandbox.ti.state.redeem(firstCode(), MIA);
  await world.sync('readRedemptions', EVENTS);
  expect(await world.sync('settleLateRedemptions', { limit: 10 })).toMatchObject({ allowed: 0, asked: 1 });
});

test('a window that was not read whole goes on where it stopped, and nothing newer is read before', async () => {
  world = await openSeatWorld('hubspot');
  const { state } = world.sandbox.ti;
  let at = Date.now();
  state.options.now = () => at;
  state.redeem(firstCode(), MIA);
  const [group] = state.groups;
  if (group === undefined) throw new Error('no group');
  state.addCodes(group.id, 150);
  const others = state.codesOf(group.id).slice(-150);
  for (const { code } of others) {
    at += 1;
    state.redeem(code, `${code}@other.example`);
  }
  world.ahead(10_000);
  const first = await world.sync('readRedemptions', { ...EVENTS, maxPages: 1 });
  expect(first).toMatchObject({ foreign: 100, recorded: 0, isComplete: false });
  const second = await world.sync('readRedemptions', { ...EVENTS, maxPages: 1 });
  expect(second).toMatchObject({ recorded: 1, isComplete: true });
});

test('a deal that is gone leaves a finding, and keeps no other deal waiting', async () => {
  world = await openSeatWorld('hubspot');
  world.sandbox.ti.state.redeem(firstCode(), MIA);
  await world.sync('readRedemptions', EVENTS);
  await world.store.db.updateTable('orders').set({ deal_id: '404404' }).execute();
  world.ahead(1_000_000);
  expect(await world.sync('showSeatNumbers', SHOW)).toEqual({ shown: 0, failed: 1 });
  expect(await findings()).toMatchObject([{ kind: 'numbers_not_shown' }]);
  expect(await world.sync('showSeatNumbers', SHOW)).toEqual({ shown: 0, failed: 0 });
});

test('a list that took more requests than the budget is made up for by the syncs after it', async () => {
  world = await openSeatWorld('hubspot', { sandbox: { ti: { losesEvent: () => true, codesPerPage: 2 } } });
  world.sandbox.ti.state.redeem(firstCode(), MIA);
  const counted = await world.sync('countRedemptions', { platform: 'ti', maxRequests: 3 });
  expect(counted.requests).toBeGreaterThan(3);
  expect(counted.recorded).toBe(1);
  expect(await world.sync('countRedemptions', { platform: 'ti', maxRequests: 3 })).toMatchObject({
    groups: 0,
    requests: 0,
  });
});
