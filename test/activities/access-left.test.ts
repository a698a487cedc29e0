import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Catalog } from '../../src/domain/deal/catalog.ts';
import { cancelGroup } from '../../src/store/cancel-group.ts';
import { decideLateRedemption } from '../../src/store/decide-late.ts';
import { readOpenFindings } from '../../src/store/read-findings.ts';
import { requestOperation } from '../../src/store/request-operation.ts';
import { drive } from '../support/drive-operation.ts';
import { openSeatWorld, type SeatWorld } from './seat-world.ts';
import { seenDeal } from './seen-deal.ts';
import { DEALS, failureOf, type SandboxCrm } from './world.ts';

let world: SeatWorld;
afterEach(() => world.close());

const MIA = 'mia@acme.example';
const ASKED = 'Dealseat: learners of ended seats may still have access';
const SETTLED = 'Dealseat: the access of ended seats is settled';

const REFUSED_TASK = {
  system: 'hubspot',
  method: 'POST',
  path: /\/tasks$/,
  kind: 'status',
  status: 400,
  body: { status: 'error', category: 'VALIDATION_ERROR', message: 'refused by a rule' },
} as const;

const settle = () => world.sync('settleLateRedemptions', { limit: 10 });
const findings = async () =>
  (await readOpenFindings(world.store.db, { limit: 10 })).filter(({ kind }) => kind === 'access_left');
const live = () =>
  world.store.db.selectFrom('seats').selectAll().where('state', '<>', 'ended').orderBy('state').execute();
const ended = (seatId: string) =>
  world.store.db.selectFrom('seats').selectAll().where('id', '=', seatId).executeTakeFirstOrThrow();

const leftTasks = (crm: SandboxCrm) =>
  seenDeal(world.sandbox, crm)
    .tasks()
    .filter((subject) => subject === ASKED || subject === SETTLED);
const openLeftTasks = (crm: SandboxCrm) =>
  seenDeal(world.sandbox, crm)
    .openTasks()
    .filter((subject) => subject === ASKED || subject === SETTLED);

const decide = (seatId: string, decision: 'keep' | 'end' | 'count') =>
  decideLateRedemption(world.store, {
    id: randomUUID(),
    seatId,
    decision,
    actor: { kind: 'person', name: 'kim' },
    reason: 'agreed with the customer',
    at: new Date(),
  });

async function open(crm: SandboxCrm = 'hubspot', rule: Catalog['lateRedemption'] = 'ask') {
  world = await openSeatWorld(crm, { rule, catalog: (example) => ({ ...example, lateRedemption: rule }) });
  return world.grant(MIA);
}

describe.each(['hubspot', 'salesforce'] as const)('A seat without a code is withdrawn in %s', (crm) => {
  test('and its learner has access still -> one task asks the owner, however often it is looked at', async () => {
    const seatId = await open(crm);
    const receipt = await world.run('withdrawSeats', world.withdrawal());
    expect(receipt.accessLeft).toEqual({ count: 1, byCode: 0, rule: 'ask' });
    expect(await ended(seatId)).toMatchObject({ state: 'ended', ended_why: 'withdrawn' });
    expect(await findings()).toMatchObject([{ seat_id: seatId, text: expect.stringContaining('withdrawn') }]);
    expect(await settle()).toEqual({ revoked: 0, allowed: 0, asked: 1 });
    expect(leftTasks(crm)).toEqual([ASKED]);
    expect(await settle()).toEqual({ revoked: 0, allowed: 0, asked: 0 });
    expect(leftTasks(crm)).toEqual([ASKED]);
    expect(await world.has(MIA)).toBe(true);
    expect(await findings()).toHaveLength(1);
  });

  test('and the catalog says that access ends -> Dealseat ends it, and says so', async () => {
    const seatId = await open(crm, 'revoke');
    await world.run('withdrawSeats', world.withdrawal());
    expect(await world.has(MIA)).toBe(true);
    expect(await settle()).toMatchObject({ revoked: 1 });
    expect(await world.has(MIA)).toBe(false);
    expect((await ended(seatId)).access_until).not.toBeNull();
    expect([await findings(), leftTasks(crm)]).toEqual([[], [SETTLED]]);
    expect(await settle()).toMatchObject({ revoked: 0 });
    expect(leftTasks(crm)).toEqual([SETTLED]);
  });
});

test('a person who is asked has the access ended -> the next sync ends it and closes the task', async () => {
  const seatId = await open();
  await world.run('withdrawSeats', world.withdrawal());
  await settle();
  await decide(seatId, 'end');
  expect(await settle()).toMatchObject({ revoked: 1 });
  expect(await world.has(MIA)).toBe(false);
  expect(openLeftTasks('hubspot')).toEqual([SETTLED]);
  await decide(seatId, 'end');
  await expect(decide(seatId, 'keep')).rejects.toMatchObject({ code: 'seat.wrong_state' });
});

test('a person who is asked leaves the access -> nothing changes, the finding is over, and the task is closed', async () => {
  const seatId = await open();
  await world.run('withdrawSeats', world.withdrawal());
  await settle();
  await decide(seatId, 'keep');
  expect(await settle()).toEqual({ revoked: 0, allowed: 0, asked: 0 });
  expect([leftTasks('hubspot'), openLeftTasks('hubspot')]).toEqual([[ASKED], []]);
  expect([await world.has(MIA), await findings()]).toEqual([true, []]);
});

test('the CRM refuses the task today -> an hour later the owner has it, once', async () => {
  await open();
  await world.run('withdrawSeats', world.withdrawal());
  world.fail({ ...REFUSED_TASK });
  await settle();
  expect(leftTasks('hubspot')).toEqual([]);
  await settle();
  expect(leftTasks('hubspot')).toEqual([]);
  world.ahead(60 * 60_000);
  await settle();
  await settle();
  expect(leftTasks('hubspot')).toEqual([ASKED]);
});

test('the access is to count and no seat is free -> a person is asked, and once one is free it counts once', async () => {
  const seatId = await open('hubspot', 'allow');
  const { product_key: productKey } = await ended(seatId);
  await world.run('withdrawSeats', world.withdrawal());
  expect(await settle()).toMatchObject({ allowed: 0, asked: 1 });
  expect(leftTasks('hubspot')).toEqual([ASKED]);
  // The deal was won anew.
  const { order_id: orderId } = await ended(seatId);
  const at = new Date();
  const { id: freeId } = await world.store.db
    .insertInto('seats')
    .values({
      id: '7a20bb14-52fd-4b0e-8a50-0f1d8a3f6c01',
      order_id: orderId,
      product_key: productKey,
      state: 'free',
      version: 1,
      state_since: at,
      created_at: at,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  await decide(seatId, 'count');
  expect(await settle()).toMatchObject({ allowed: 1 });
  expect(await live()).toMatchObject([{ id: freeId, state: 'redeemed', redeemer_email: MIA }]);
  expect((await ended(seatId)).next_seat_id).toBe(freeId);
  expect([await findings(), openLeftTasks('hubspot')]).toEqual([[], [SETTLED]]);
  expect(await settle()).toMatchObject({ allowed: 0 });
});

describe('What else ends with a seat in use', () => {
  test('the code of a withdrawn seat was used -> it is treated alike, and the platform is not asked to ask a person', async () => {
    world = await openSeatWorld('hubspot');
    world.sandbox.ti.state.redeem(world.codes[0] ?? '', MIA);
    await world.sync('readRedemptions', { platform: 'ti', overlapMs: 900_000, maxPages: 10 });
    const receipt = await world.run('withdrawSeats', world.withdrawal());
    expect(receipt.accessLeft).toMatchObject({ count: 1, byCode: 1 });
    expect(await settle()).toMatchObject({ asked: 1 });
    expect(leftTasks('hubspot')).toEqual([ASKED]);
    const [finding] = await findings();
    await decide(finding?.seat_id ?? '', 'end');
    expect(await settle()).toMatchObject({ revoked: 1 });
    expect(await world.has(MIA)).toBe(false);
  });

  test('a seat is withdrawn while a person has it taken back -> the access ends, whatever the catalog says', async () => {
    const seatId = await open('hubspot', 'allow');
    const { operation } = await requestOperation(world.store, {
      id: 'revoke-mia',
      kind: 'revoke',
      seatId,
      input: {},
      actor: { kind: 'person', name: 'Kim' },
      reason: 'left the company',
      at: new Date(),
    });
    await world.run('withdrawSeats', world.withdrawal());
    // The operation may still end it.
    expect(await settle()).toEqual({ revoked: 0, allowed: 0, asked: 0 });
    expect(await findings()).toHaveLength(1);
    await drive(world.store, operation, { answer: 'done', at: new Date() });
    expect(await settle()).toMatchObject({ revoked: 1 });
    expect([await world.has(MIA), await findings()]).toEqual([false, []]);
  });

  test('a seat is withdrawn while it is being given, and the platform gave nothing -> nobody is asked', async () => {
    await open();
    const [seat] = await live();
    await world.store.db
      .updateTable('seats')
      .set({ state: 'free' })
      .where('id', '=', seat?.id ?? '')
      .execute();
    const { operation } = await requestOperation(world.store, {
      id: 'grant-max',
      kind: 'grant',
      seatId: seat?.id ?? '',
      input: { to: { email: 'max@acme.example', firstName: null, lastName: null, contactId: null } },
      actor: { kind: 'person', name: 'Kim' },
      reason: 'signed up by phone',
      at: new Date(),
    });
    await world.run('withdrawSeats', world.withdrawal());
    expect(await findings()).toHaveLength(2);
    await drive(world.store, operation, { answer: 'refused', at: new Date() });
    expect(await settle()).toMatchObject({ asked: 1 });
    expect(await findings()).toHaveLength(1);
  });

  test('a run is undone after access was given by one of its seats -> that seat ends, too, and the owner is asked', async () => {
    const seatId = await open();
    const groups = await world.store.db.selectFrom('code_groups').select(['token', 'platform']).execute();
    const left = [];
    for (const group of groups) {
      left.push(await cancelGroup(world.store, DEALS.hubspot, { ...group, at: new Date() }));
    }
    expect(left.map(({ count }) => count)).toContain(1);
    expect([await ended(seatId), await live()]).toMatchObject([{ ended_why: 'cancelled' }, []]);
    expect(await settle()).toMatchObject({ asked: 1 });
  });

  test('some seats are withdrawn -> those that nobody uses go, and whoever has access keeps the seat', async () => {
    const seatId = await open();
    await world.run('withdrawSeats', world.withdrawal(1));
    expect((await live()).map(({ id }) => id)).toContain(seatId);
    expect(await findings()).toEqual([]);
  });
});

describe('A sync that was killed', () => {
  test('before it could note that the access ended -> the next one ends nothing twice, and the owner is notified once', async () => {
    await open('hubspot', 'revoke');
    await world.run('withdrawSeats', world.withdrawal());
    const { db } = world.store;
    const [{ id: findingId } = { id: 0 }] = await findings();
    await settle();
    // As the kill left it.
    const unsaid = { outcome: null, resolved_at: null, notified_at: null };
    await db.updateTable('findings').set(unsaid).where('id', '=', findingId).execute();
    await db.updateTable('seats').set({ access_until: null }).where('state', '=', 'ended').execute();
    expect(await settle()).toMatchObject({ revoked: 0, asked: 0 });
    expect([await findings(), leftTasks('hubspot')]).toEqual([[], [SETTLED]]);
  });

  test('after the task of the owner -> the next one finds it', async () => {
    await open();
    await world.run('withdrawSeats', world.withdrawal());
    await settle();
    await world.store.db.updateTable('findings').set({ notified_at: null }).execute();
    expect(await settle()).toMatchObject({ asked: 0 });
    expect(leftTasks('hubspot')).toEqual([ASKED]);
  });

  test('while the withdrawal itself was -> the repeat notes nothing twice', async () => {
    await open();
    world.fail({
      system: 'hubspot',
      method: 'POST',
      path: /^\/files/,
      kind: 'status',
      status: 500,
      times: 9,
    });
    await failureOf(world.run('withdrawSeats', world.withdrawal()));
    world.sandbox.faults.clear();
    const receipt = await world.run('withdrawSeats', world.withdrawal(), { attempt: 2 });
    expect(receipt.accessLeft).toMatchObject({ count: 1 });
    expect(await findings()).toHaveLength(1);
  });
});
