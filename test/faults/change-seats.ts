import { expect } from '@jest/globals';
import { createNudgeActivities } from '../../activities/nudge-orders.ts';
import { DealseatError } from '../../src/domain/failure.ts';
import type { NudgeRule } from '../../src/domain/seats/nudges.ts';
import { DEALSEAT } from '../../src/domain/seats/seat-state.ts';
import { endSeats } from '../../src/store/end-seats.ts';
import { operator, quietly } from '../activities/operate.ts';
import { openSeatWorld, type SeatWorld } from '../activities/seat-world.ts';
import { seenDeal } from '../activities/seen-deal.ts';
import { forLearners, PATIENCE } from '../activities/world.ts';
import { ledgerFaults } from '../support/ledger.ts';
import { repeatUntilDone } from '../support/repeat-until-done.ts';
import { seatsIn } from '../support/seat-store.ts';
import type { Cell } from './matrix.ts';
import { type Outcome, outcomeOutsideRun } from './outcome.ts';

const MIA = 'mia@acme.example';
const KIM = 'kim@acme.example';
const EVENTS = { platform: 'ti', overlapMs: 900_000, maxPages: 10 };

/**
 * All that becomes of the seats of a delivered deal, without a workflow: a redemption is counted and shown on the deal, a
 * learner gets a new code for a lost one, a seat in use is taken back, the buyer is reminded of the others, another seat in use
 * is withdrawn, and the lost code is used all the same. Each step may be begun again.
 */
export async function changeSeats(cell: Cell): Promise<Outcome> {
  const crm = cell.crm === 'hubspot' ? 'hubspot' : 'salesforce';
  const world = await openSeatWorld(crm, { rule: 'revoke', catalog: forLearners });
  const { sandbox, store } = world;
  try {
    const { state } = sandbox.ti;
    const codes: string[] = [];
    const repeated = async (act: () => Promise<void>) => codes.push(...(await repeatUntilDone(act)));
    const before = await seatsIn(store);
    const ofCourses = await codesOfCourses(world);
    const seats = before.filter(({ code }) => code !== null && ofCourses.has(code));
    const held = seats.find(({ contact_id: id }) => id !== null);
    const [passedOn, third] = seats.filter(({ contact_id: id }) => id === null);
    const [lost, used] = [held?.code ?? '', passedOn?.code ?? ''];
    const contactId = held?.contact_id ?? '';
    const operate = operator(world, repeated);
    cell.disturbance?.arm(sandbox, cell.call, cell.after);

    state.redeem(used, MIA);
    await repeated(() => readAll(world));
    await repeated(() => showAll(world));

    await operate({ kind: 'reissue', seatId: held?.id ?? '', input: { how: 'new_code' } });
    const renewed = (await seatsIn(store)).find(({ id }) => id === held?.id)?.code ?? '';
    const link = seenDeal(sandbox, crm).links().get(contactId) ?? '';
    expect(link).toContain(renewed);
    expect(link).not.toContain(lost);

    await operate({ kind: 'revoke', seatId: passedOn?.id ?? '', input: {} });
    const accessOf = (email: string) =>
      (state.users.find(email)?.access ?? []).filter(({ isOver }) => !isOver);
    expect(accessOf(MIA)).toEqual([]);

    const mailsBefore = sandbox.outbox.mails.length;
    await repeated(() => nudgeAll(world));
    const mailed = sandbox.outbox.mails.length - mailsBefore;
    // Of a mail that was refused, or is in doubt, the owner hears.
    const nudge = await store.db.selectFrom('nudges').selectAll().executeTakeFirstOrThrow();
    expect(nudge.task).toBe('open');
    expect(nudge.mail).toMatch(mailed === 1 ? /^sent$/ : /^(refused|in_doubt)$/);
    expect(mailed).toBeLessThanOrEqual(1);

    state.redeem(third?.code ?? '', KIM);
    await repeated(() => readAll(world));
    await withdraw(world, third?.id ?? '');

    state.redeem(lost, 'max@acme.example');
    world.ahead(1_000_000);
    await repeated(() => readAll(world));
    await repeated(() => settleAll(world));
    await repeated(() => showAll(world));
    expect(accessOf('max@acme.example')).toEqual([]);
    expect(accessOf(KIM)).toEqual([]);
    const left = await store.db
      .selectFrom('findings')
      .selectAll()
      .where('kind', '=', 'access_left')
      .execute();
    expect(left).toMatchObject([{ outcome: 'revoked', resolved_at: expect.any(Date) }]);
    const about = seenDeal(sandbox, crm).openTasks();
    expect(about.filter((subject, index) => about.indexOf(subject) !== index)).toEqual([]);
    expect(about.length).toBeGreaterThan(0);

    const orders = await store.db.selectFrom('orders').select('id').execute();
    expect(await ledgerFaults(store, orders[0]?.id ?? 0, before.length - 1)).toEqual([]);
    const labels = sandbox.ti.state.groups.map(({ label }) => label);
    expect(new Set(labels).size).toBe(labels.length);
    const known = await store.db.selectFrom('code_groups').select('label').execute();
    expect(labels.sort()).toEqual(expect.arrayContaining(known.map(({ label }) => label).sort()));
    return outcomeOutsideRun(sandbox, cell, codes);
  } finally {
    await world.close();
  }
}

/** A deal may have products of other kinds, whose access ends by other calls. */
async function codesOfCourses({ store: { db, vault } }: SeatWorld): Promise<ReadonlySet<string>> {
  const rows = await db
    .selectFrom('codes')
    .innerJoin('code_groups', 'code_groups.id', 'codes.group_id')
    .select(['code_enc', 'grants'])
    .execute();
  return new Set(
    rows.flatMap(({ code_enc: enc, grants }) => (grants.courses.length > 0 ? vault.open(enc) : [])),
  );
}

async function readAll(world: SeatWorld): Promise<void> {
  const { isComplete } = await world.sync('readRedemptions', EVENTS);
  if (!isComplete) throw notYet('Events are left to be read');
}

/** As far as the store goes; the withdrawal has a scenario of its own. Who used the seat has access still. */
async function withdraw({ store }: SeatWorld, seatId: string): Promise<void> {
  await store.db
    .transaction()
    .execute((trx) =>
      endSeats(trx, [seatId], 'withdrawn', { actor: DEALSEAT, reason: null, at: new Date() }),
    );
}

/** What the owner could not be told is tried again an hour later. */
async function settleAll(world: SeatWorld): Promise<void> {
  await world.sync('settleLateRedemptions', { limit: 10 });
  const untold = await world.store.db
    .selectFrom('findings')
    .select('id')
    .where('task_refused_at', 'is not', null)
    .where('notified_at', 'is', null)
    .execute();
  if (untold.length === 0) return;
  world.ahead(60 * 60_000);
  throw notYet('The owner has not heard of it');
}

/** A deal that could not be written is left for the next sync. */
async function showAll(world: SeatWorld): Promise<void> {
  const { failed } = await world.sync('showSeatNumbers', { showEveryMs: 0, limit: 100 });
  if (failed > 0) throw notYet('A deal does not show its numbers');
}

const RULE: NudgeRule = { when: { afterDays: 7 }, unusedAbove: 0.5, to: ['buyer', 'owner'] };
const DAY_MS = 24 * 60 * 60_000;

/** What could not be sent today is left for the next look. */
async function nudgeAll({ deps, store }: SeatWorld): Promise<void> {
  const { nudgeSomeDeals } = createNudgeActivities({
    ...deps,
    catalog: { ...deps.catalog, nudges: [RULE] },
    seats: store,
    now: () => Date.now() + 8 * DAY_MS,
  });
  await quietly().run(nudgeSomeDeals, { ...PATIENCE, after: 0, orders: 100, nudges: 10 });
  const nudges = await store.db.selectFrom('nudges').select('state').execute();
  if (nudges.length === 0 || nudges.some(({ state }) => state === 'claimed'))
    throw notYet('A nudge is not out');
  expect(nudges).toEqual([{ state: 'sent' }]);
}

function notYet(message: string): DealseatError {
  return new DealseatError({ code: 'crm.unavailable', message });
}
