import { afterEach, describe, expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { createNudgeActivities } from '../../activities/nudge-orders.ts';
import type { NudgeRule } from '../../src/domain/seats/nudges.ts';
import { openSeatWorld, type SeatWorld } from './seat-world.ts';
import { seenDeal } from './seen-deal.ts';
import { PATIENCE, type SandboxCrm } from './world.ts';

let world: SeatWorld;
afterEach(() => world.close());

const DAY = 24 * 60 * 60_000;
const INPUT = { ...PATIENCE, after: 0, orders: 100, nudges: 10 };
const RULE: NudgeRule = { when: { afterDays: 7 }, unusedAbove: 0.5, to: ['buyer', 'owner'] };

const VIA = { hubspot: 'singleSend', salesforce: 'emailSimple' };

const REFUSED = {
  hubspot: { status: 'error', category: 'VALIDATION_ERROR', message: 'refused by a rule' },
  salesforce: [{ errorCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION', message: 'refused by a rule', fields: [] }],
};
const UNAUTHORIZED = {
  hubspot: { status: 'error', category: 'INVALID_AUTHENTICATION', message: 'the token is not valid' },
  salesforce: [{ errorCode: 'INVALID_SESSION_ID', message: 'Session expired or invalid' }],
};

const rows = () => world.store.db.selectFrom('nudges').selectAll().execute();

describe.each(['hubspot', 'salesforce'] as const)('a nudge of a deal in %s', (crm: SandboxCrm) => {
  const nudge = async (days: number, nudges: readonly NudgeRule[] = [RULE]) => {
    const { delivered_at: delivered } = await world.store.db
      .selectFrom('orders')
      .select('delivered_at')
      .executeTakeFirstOrThrow();
    const now = (delivered?.getTime() ?? 0) + days * DAY;
    const { nudgeSomeDeals } = createNudgeActivities({
      ...world.deps,
      catalog: { ...world.deps.catalog, nudges },
      seats: world.store,
      now: () => now,
    });
    return new MockActivityEnvironment(
      { startToCloseTimeoutMs: 60_000 },
      { logger: new DefaultLogger('ERROR') },
    ).run(nudgeSomeDeals, INPUT);
  };
  const tasks = () =>
    seenDeal(world.sandbox, crm)
      .tasks()
      .filter((subject) => /not in use/.test(subject));

  const tasksByState = () => {
    const open = seenDeal(world.sandbox, crm)
      .openTasks()
      .filter((subject) => /not in use/.test(subject)).length;
    return { open, closed: tasks().length - open };
  };

  test('reaches the buyer and the owner once, without codes, also where the store is lost or a send was interrupted', async () => {
    world = await openSeatWorld(crm);
    expect(await nudge(6)).toMatchObject({ orders: 1, sent: 0 });
    const before = world.sandbox.outbox.mails.length;
    expect(await nudge(8)).toMatchObject({ sent: 1, skipped: 0, next: null });
    expect(world.sandbox.outbox.mails.length).toBe(before + 1);
    expect(tasks()).toHaveLength(1);
    expect(await rows()).toMatchObject([{ state: 'sent', mail: 'sent', via: VIA[crm], task: 'open' }]);
    const out = JSON.stringify(world.sandbox.outbox.mails.slice(before));
    expect(world.codes.filter((code) => out.includes(code))).toEqual([]);
    expect(out).toMatch(/not in use yet/);
    expect(await nudge(9)).toMatchObject({ sent: 0, skipped: 0 });
    await world.store.db
      .updateTable('nudges')
      .set({ state: 'claimed', mail: null, task: null, settled_at: null })
      .execute();
    expect(await nudge(9)).toMatchObject({ sent: 1 });
    await world.store.db.deleteFrom('nudges').execute();
    expect(await nudge(10)).toMatchObject({ sent: 1 });
    expect(world.sandbox.outbox.mails.length).toBe(before + 1);
    expect(tasks()).toHaveLength(1);
  });

  test('leaves a task that is closed once all seats are in use, or a later nudge takes its place', async () => {
    world = await openSeatWorld(crm);
    const later: NudgeRule = { ...RULE, when: { afterDays: 10 }, to: ['owner'] };
    await nudge(8, [RULE, later]);
    await nudge(11, [RULE, later]);
    expect(tasksByState()).toEqual({ open: 1, closed: 1 });
    expect((await rows()).map(({ task }) => task).sort()).toEqual(['closed', 'open']);
    await world.store.db.updateTable('seats').set({ state: 'redeemed' }).execute();
    await nudge(12, [RULE, later]);
    expect(tasksByState()).toEqual({ open: 0, closed: 2 });
    expect((await rows()).map(({ task }) => task)).toEqual(['closed', 'closed']);
  });

  test('goes out once where two workers look at the same time', async () => {
    world = await openSeatWorld(crm);
    const before = world.sandbox.outbox.mails.length;
    const both = (await Promise.all([nudge(8), nudge(8)])) as readonly { readonly sent: number }[];
    expect(both.map(({ sent }) => sent).sort()).toEqual([0, 1]);
    expect(world.sandbox.outbox.mails.length).toBe(before + 1);
    expect(tasks()).toHaveLength(1);
  });

  test('of a worker that was killed between mail and record is taken over an hour later, and is not mailed twice', async () => {
    world = await openSeatWorld(crm);
    const before = world.sandbox.outbox.mails.length;
    await nudge(8);
    const { delivered_at: delivered } = await world.store.db
      .selectFrom('orders')
      .select('delivered_at')
      .executeTakeFirstOrThrow();
    const heldUntil = new Date((delivered?.getTime() ?? 0) + 8 * DAY + 60 * 60_000);
    await world.store.db
      .updateTable('nudges')
      .set({ state: 'claimed', mail: null, task: null, settled_at: null, held_until: heldUntil })
      .execute();
    expect(await nudge(8)).toMatchObject({ sent: 0, skipped: 0 });
    expect(await nudge(9)).toMatchObject({ sent: 1 });
    expect(world.sandbox.outbox.mails.length).toBe(before + 1);
    expect(tasks()).toHaveLength(1);
  });

  test('whose answer is lost after it went out is found by its key, and not sent again', async () => {
    world = await openSeatWorld(crm);
    const before = world.sandbox.outbox.mails.length;
    const path = crm === 'hubspot' ? /single-email\/send$/ : /emailSimple$/;
    world.fail({ system: crm, method: 'POST', path, kind: 'dropAfterCommit' });
    await expect(nudge(8)).rejects.toThrow();
    expect(await rows()).toMatchObject([{ state: 'claimed' }]);
    expect(await nudge(8)).toMatchObject({ sent: 1 });
    expect(await rows()).toMatchObject([{ state: 'sent' }]);
    expect(world.sandbox.outbox.mails.length).toBe(before + 1);
    expect(tasks()).toHaveLength(1);
  });

  test('whose task the CRM refuses today is left for the next day, and its mail is not sent again', async () => {
    world = await openSeatWorld(crm);
    const before = world.sandbox.outbox.mails.length;
    const path = /\/tasks$|\/sobjects\/Task$/;
    world.fail({ system: crm, method: 'POST', path, kind: 'status', status: 400, body: REFUSED[crm] });
    expect(await nudge(8)).toMatchObject({ sent: 0, skipped: 0, left: 1 });
    expect(await rows()).toMatchObject([{ state: 'claimed', held_until: null }]);
    expect(await nudge(9)).toMatchObject({ sent: 1, left: 0 });
    expect(await rows()).toMatchObject([{ state: 'sent', mail: 'sent', task: 'open' }]);
    expect(world.sandbox.outbox.mails.length).toBe(before + 1);
    expect(tasks()).toHaveLength(1);
  });

  test('of a CRM that refuses our key is left, also one that was interrupted', async () => {
    world = await openSeatWorld(crm);
    await nudge(8);
    await world.store.db
      .updateTable('nudges')
      .set({ state: 'claimed', mail: null, task: null, settled_at: null })
      .execute();
    world.fail({ system: crm, kind: 'status', status: 401, body: UNAUTHORIZED[crm], times: Infinity });
    expect(await nudge(9)).toMatchObject({ sent: 0, skipped: 0, left: 1 });
    expect(await rows()).toMatchObject([{ state: 'claimed', held_until: null }]);
  });

  test('goes to nobody again when its rule is changed, and to whom no other one reached on its day', async () => {
    world = await openSeatWorld(crm);
    const before = world.sandbox.outbox.mails.length;
    const forBuyer: NudgeRule = { ...RULE, to: ['buyer'] };
    await nudge(8, [forBuyer]);
    expect(tasks()).toEqual([]);
    const changed: NudgeRule = { ...RULE, unusedAbove: 0.4 };
    expect(await nudge(9, [changed])).toMatchObject({ sent: 1, skipped: 0 });
    expect(tasks()).toHaveLength(1);
    expect(await nudge(10, [{ ...changed, when: { afterDays: 6 } }])).toMatchObject({ sent: 0, skipped: 0 });
    expect((await rows()).map(({ stopped }) => stopped).sort()).toEqual([null, null, 'reminded'].sort());
    expect(world.sandbox.outbox.mails.length).toBe(before + 1);
  });

  test('that was interrupted goes on to those alone whom it was for', async () => {
    world = await openSeatWorld(crm);
    const before = world.sandbox.outbox.mails.length;
    const later: NudgeRule = { ...RULE, when: { afterDays: 8 }, to: ['buyer'] };
    await nudge(9, [RULE, later]);
    expect(world.sandbox.outbox.mails.length).toBe(before + 1);
    await world.store.db
      .updateTable('nudges')
      .set({ state: 'claimed', mail: null, task: null, settled_at: null })
      .where('to_owner', '=', true)
      .execute();
    await nudge(10, [RULE, later]);
    expect(world.sandbox.outbox.mails.length).toBe(before + 1);
    expect(tasks()).toHaveLength(1);
  });

  test('is not sent when the seats are used, or the deal is not delivered any more', async () => {
    world = await openSeatWorld(crm);
    const before = world.sandbox.outbox.mails.length;
    seenDeal(world.sandbox, crm).set('status', 'NeedsAttention');
    expect(await nudge(8)).toMatchObject({ sent: 0, skipped: 0 });
    seenDeal(world.sandbox, crm).set('status', 'Delivered');
    await world.store.db.updateTable('seats').set({ state: 'redeemed' }).execute();
    expect(await nudge(8)).toMatchObject({ orders: 0, sent: 0, skipped: 0 });
    expect(await rows()).toEqual([]);
    expect(world.sandbox.outbox.mails.length).toBe(before);
  });
});
