import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { UnderHold } from '../../src/contracts/activities.ts';
import type { Catalog } from '../../src/domain/deal/catalog.ts';
import type { DealRef } from '../../src/domain/deal/deal.ts';
import { deliveredLedger } from '../../src/domain/planning/ledger-after.ts';
import { auditSeats } from '../../src/runs/audit/audit-seats.ts';
import { rebuildDeal } from '../../src/runs/rebuild/rebuild-seats.ts';
import { decideLateRedemption } from '../../src/store/decide-late.ts';
import { readOpenFindings } from '../../src/store/read-findings.ts';
import { recordRedemptions } from '../../src/store/record-redemptions.ts';
import { requestOperation } from '../../src/store/request-operation.ts';
import { type Asked, operator } from '../activities/operate.ts';
import { seenDeal } from '../activities/seen-deal.ts';
import { clearingLinks, DEALS, forLearners, HOLD, openWorld, type World } from '../activities/world.ts';
import { codesMade } from '../support/evidence.ts';
import { HUBSPOT_DEAL } from '../support/sandbox-tenant.ts';
import { openSeatStore, seatsIn, type TestSeatStore } from '../support/seat-store.ts';

let world: World;
let store: TestSeatStore;
let operate: (asked: Asked) => Promise<void>;
beforeAll(async () => {
  store = await openSeatStore();
});
afterAll(() => store.close());
afterEach(async () => {
  await world.close();
  await store.clear();
});

const LEE = '6002';
const DAY_MS = 24 * 60 * 60 * 1_000;

const keepingSpare = (example: Catalog): Catalog => {
  const given = forLearners(example);
  return { ...given, handOver: { ...given.handOver, leftOver: 'laterLearners' } };
};
const toBuyer = (example: Catalog) => example;

const deal = () => seenDeal(world.sandbox, 'hubspot');

function setSeats(quantity: number): void {
  const { state } = world.sandbox.hubspot;
  const [line] = state.associations.linked({ object: 'deals', id: DEALS.hubspot.dealId }, 'line_items');
  state.edit('line_items', line?.id ?? '', { quantity });
}

function addContact(firstName: string, roles = ['Learner']): string {
  const { state } = world.sandbox.hubspot;
  const id = state.createContact({ email: `${firstName}@acme.example`, firstName, lastName: 'Doe' });
  state.addContact(DEALS.hubspot.dealId, id, roles);
  return id;
}

const fieldOf = (contactId: string) =>
  world.sandbox.hubspot.state.valuesOf('contacts', contactId).dealseat_redeem_link ?? '';
const codesWith = (contactId: string) =>
  codesMade(world.sandbox).filter((code) => fieldOf(contactId).includes(code));

/** As a run does it, from the reading of the deal to its last word. */
async function deliver(ref: DealRef = DEALS.hubspot): Promise<void> {
  const input = await world.prepareToSend(await world.prepareDeal(ref));
  await world.run('sendMessages', input);
  const { hold, plan, groups, roster } = input;
  await mark({ deal: ref, hold }, deliveredLedger(plan, groups, roster));
}

async function mark(under: UnderHold, ledger: ReturnType<typeof deliveredLedger>): Promise<void> {
  const write = { what: 'mark', status: 'Delivered', detail: '', facts: null, ledger } as const;
  await world.run('writeRecord', { ...under, write });
}

/** A deal of so many seats that is delivered; Lee is its learner. */
async function delivered(seats = 3, catalog: (example: Catalog) => Catalog = keepingSpare): Promise<void> {
  world = await openWorld({ seats: store, catalog });
  operate = operator({ deps: { ...world.deps, now: Date.now }, store });
  setSeats(seats);
  await deliver();
}

/** So many seats are left, and a person says that the others are taken back. */
async function withdrawn(seats: number): Promise<void> {
  if (seats > 0) setSeats(seats);
  else world.sandbox.hubspot.state.edit('deals', DEALS.hubspot.dealId, { dealstage: 'closedlost' });
  const reading = await world.read(DEALS.hubspot);
  if (reading.kind !== 'fewer') throw new Error(`expected a withdrawal, found ${JSON.stringify(reading)}`);
  const under = { deal: DEALS.hubspot, hold: { ...HOLD, seen: reading.deal.hold } };
  const { withdrawal } = reading;
  await world.run('withdrawSeats', { ...under, withdrawal });
  await mark(under, withdrawal.ifWithdrawn);
}

async function seatWith(part: {
  readonly contactId?: string;
  readonly code?: string;
  readonly state?: string;
}) {
  const found = (await seatsIn(store)).find(
    (seat) =>
      seat.state !== 'ended' &&
      (part.contactId === undefined || seat.contact_id === part.contactId) &&
      (part.code === undefined || seat.code === part.code) &&
      (part.state === undefined || seat.state === part.state),
  );
  if (found === undefined) throw new Error('no such seat');
  return found;
}

async function productOf() {
  const { order_id: orderId, product_key: productKey } = await store.db
    .selectFrom('seats')
    .select(['order_id', 'product_key'])
    .executeTakeFirstOrThrow();
  return { orderId, productKey };
}

const person = (name: string, contactId: string | null = null) => ({
  email: `${name}@acme.example`,
  firstName: name,
  lastName: 'Doe',
  contactId,
});

async function grant(name: string): Promise<void> {
  await operate({ kind: 'grant', freeOf: await productOf(), input: { to: person(name) } });
}

/** A learner uses the code, and Dealseat hears of it. */
async function redeem(code: string, email: string): Promise<void> {
  expect(world.sandbox.ti.state.redeem(code, email)).toBe('redeemed');
  const userId = world.sandbox.ti.state.users.find(email)?.id ?? null;
  const heard = { platform: 'ti', code, redeemedAt: new Date().toISOString(), userId, email };
  await recordRedemptions(store, [{ ...heard, from: 'event' }], new Date());
}

const accessOf = (email: string) =>
  (world.sandbox.ti.state.users.find(email)?.access ?? []).filter(({ isOver }) => !isOver);

const accessEnded = () =>
  world.sandbox.ti.state.users.all.flatMap(({ access }) => access.filter(({ isOver }) => isOver));

/** Kinds of what an audit finds so many days from now. */
async function audit({ days = 2, maxRequests = 100 } = {}): Promise<string[]> {
  const { findings } = await auditOnce({ days, maxRequests });
  const open = await readOpenFindings(store.db, { limit: 100 });
  const kinds = findings.map(({ kind }) => kind.replace('audit.', '')).sort();
  const ofAudits = open.filter(({ kind }) => kind.startsWith('audit.'));
  expect(ofAudits.map(({ kind }) => kind.replace('audit.', '')).sort()).toEqual(kinds);
  const texts = JSON.stringify(findings);
  for (const code of codesMade(world.sandbox)) expect(texts).not.toContain(code);
  expect(texts).not.toContain('@');
  return kinds;
}

function auditOnce({ days = 2, maxRequests = 100 } = {}) {
  const now = () => Date.now() + days * DAY_MS;
  const bounds = { limit: 10, maxRequests, signal: new AbortController().signal };
  return auditSeats({ ...world.deps, seats: store, now }, bounds);
}

describe('A deal of which all agree, in the nightly audit', () => {
  test('codes went to the buyer; some were used, given to others, replaced, taken back, or became direct access -> the audit finds nothing', async () => {
    await delivered(8, toBuyer);
    const [first = '', second = '', third = '', fourth = '', fifth = ''] = codesMade(world.sandbox);
    for (const code of [first, second]) await redeem(code, `user-${code}@acme.example`);
    await operate({ kind: 'revoke', seatId: (await seatWith({ code: first })).id, input: {} });
    await operate({
      kind: 'reassign',
      seatId: (await seatWith({ code: second })).id,
      input: { to: person('ana'), by: 'access' },
    });
    await operate({ kind: 'revoke', seatId: (await seatWith({ code: third })).id, input: {} });
    await operate({
      kind: 'reissue',
      seatId: (await seatWith({ code: fourth })).id,
      input: { how: 'new_code' },
    });
    await operate({
      kind: 'reassign',
      seatId: (await seatWith({ code: fifth })).id,
      input: { to: person('bo'), by: 'code' },
    });
    await grant('kim');
    expect(accessOf('kim@acme.example')).not.toEqual([]);
    expect(await audit()).toEqual([]);
    expect(await audit({ days: 20 })).toEqual([]);
  });

  test('codes went to learners; some were replaced, taken back, given to others, or became direct access -> the audit finds nothing', async () => {
    await delivered(8);
    const [kim, ana, bo] = [addContact('kim'), addContact('ana'), addContact('bo')];
    await deliver();
    await operate({
      kind: 'reissue',
      seatId: (await seatWith({ contactId: LEE })).id,
      input: { how: 'new_code' },
    });
    await operate({
      kind: 'reissue',
      seatId: (await seatWith({ contactId: bo })).id,
      input: { how: 'same_code' },
    });
    await operate({ kind: 'revoke', seatId: (await seatWith({ contactId: kim })).id, input: {} });
    await redeem(codesWith(ana)[0] ?? '', 'ana@acme.example');
    const cy = addContact('cy', []);
    await operate({
      kind: 'reassign',
      seatId: (await seatWith({ contactId: ana })).id,
      input: { to: person('cy', cy), by: 'code' },
    });
    expect([codesWith(kim), codesWith(ana), codesWith(cy).length]).toEqual([[], [], 1]);
    await redeem(codesWith(bo)[0] ?? '', 'bo@acme.example');
    deal().setLink(bo, '');
    await grant('di');
    expect(await audit()).toEqual([]);
    expect(await audit({ days: 20 })).toEqual([]);
  });

  test('codes that were left over went to the buyer -> the audit finds nothing', async () => {
    await delivered(3, forLearners);
    expect(await audit()).toEqual([]);
  });

  test('seats were added, and then some or all withdrawn, used ones among them -> the audit finds nothing once their access has ended', async () => {
    await delivered(2);
    setSeats(5);
    await deliver();
    expect(await audit()).toEqual([]);
    await redeem(codesWith(LEE)[0] ?? '', 'lee@acme.example');
    await withdrawn(3);
    expect(await audit()).toEqual([]);
    await withdrawn(0);
    for (const access of accessOf('lee@acme.example')) access.isOver = true;
    expect((await seatsIn(store)).every(({ state }) => state === 'ended')).toBe(true);
    expect(await audit()).toEqual([]);
  });

  test('a run is undone before anything is delivered, and its code group removed -> the audit finds nothing', async () => {
    world = await openWorld({ seats: store, catalog: keepingSpare });
    const handOver = await world.prepare('hubspot');
    await world.run('attachRoster', handOver);
    const { deal: ref, hold, plan } = handOver;
    const [group] = plan.groups;
    const undo = { deal: ref, hold, ownerId: null, groupId: null, lookUpMs: 0, lookUpIntervalMs: 20 };
    await world.run('clearRedeemLinks', clearingLinks(handOver));
    await world.run('quarantineCodeGroup', {
      ...undo,
      group: group ?? { token: '', label: '', platform: '' },
    });
    world.sandbox.ti.state.removeGroup(handOver.groups[0]?.groupId ?? '');
    expect(await audit()).toEqual([]);
  });

  test('a learner has the same product by a seat of another deal, and loses the seat of this one -> the audit finds nothing', async () => {
    await delivered(3, toBuyer);
    const own = codesMade(world.sandbox);
    const [code = ''] = own;
    await redeem(code, 'kim@acme.example');
    await deliver({ ...DEALS.hubspot, dealId: world.sandbox.hubspot.state.createDeal(HUBSPOT_DEAL) });
    const [other = ''] = codesMade(world.sandbox).filter((one) => !own.includes(one));
    await redeem(other, 'Kim@Acme.example');
    await operate({ kind: 'revoke', seatId: (await seatWith({ code })).id, input: {} });
    expect(accessOf('kim@acme.example')).not.toEqual([]);
    expect(await audit()).toEqual([]);
  });
});

describe('A difference that the nightly audit finds', () => {
  test('someone edits the ledger on the deal, and puts it right again -> it is found, and then over', async () => {
    await delivered();
    const ledger = deal().field('ledger') ?? '';
    deal().set('ledger', ledger.replace('"active":3', '"active":2'));
    expect(await audit()).toEqual(['ledger_edited']);
    deal().set('ledger', ledger);
    expect(await audit()).toEqual([]);
  });

  test('the database has lost a code group with its seats -> group and seats are found, and over after a rebuild', async () => {
    await delivered();
    await store.db.deleteFrom('seat_events').execute();
    for (const table of ['seats', 'codes', 'code_groups'] as const)
      await store.db.deleteFrom(table).execute();
    expect(await audit()).toEqual(['group_unknown', 'seats_differ']);
    await rebuildDeal({ ...world.deps, seats: store }, DEALS.hubspot, new AbortController().signal);
    expect(await audit()).toEqual([]);
  });

  test('an administrator removes the code group from the platform -> it is found', async () => {
    await delivered();
    const { state } = world.sandbox.ti;
    const [group] = state.groups;
    state.removeGroup(group?.id ?? '');
    expect(await audit()).toEqual(['group_gone']);
  });

  test('the field of a learner is emptied -> it is found, and a reissue writes the link again', async () => {
    await delivered();
    const before = fieldOf(LEE);
    deal().setLink(LEE, 'https://learn.vendor.example/another-deal');
    expect(await audit()).toEqual(['link_missing']);
    const [finding] = await readOpenFindings(store.db, { limit: 1 });
    const { id: seatId } = await seatWith({ contactId: LEE });
    expect(finding).toMatchObject({ seat_id: seatId, cure: expect.stringContaining('seats reissue') });
    await operate({ kind: 'reissue', seatId, input: { how: 'same_code' } });
    expect(fieldOf(LEE)).toBe(`https://learn.vendor.example/another-deal\n${before}`);
    expect(await audit()).toEqual([]);
  });

  test('the field of a learner in Salesforce is emptied, and written again -> it is found, and then over', async () => {
    world = await openWorld({ seats: store, catalog: forLearners });
    await deliver(DEALS.salesforce);
    expect(await audit()).toEqual([]);
    const seen = seenDeal(world.sandbox, 'salesforce');
    const [[contactId, field] = ['', '']] = seen.links();
    seen.setLink(contactId, '');
    expect(new Set(await audit())).toEqual(new Set(['link_missing']));
    seen.setLink(contactId, field);
    expect(await audit()).toEqual([]);
  });

  test('the link of a learner is copied to another contact of the deal -> it is found with its line, and over when the line is removed', async () => {
    await delivered();
    const jo = addContact('jo', []);
    deal().setLink(jo, `https://learn.vendor.example/another-deal\n${fieldOf(LEE)}`);
    expect(await audit()).toEqual(['link_foreign']);
    const [finding] = await readOpenFindings(store.db, { limit: 1 });
    expect(finding?.text).toContain(`Line 2 of the field for redeem links of contact ${jo}`);
    deal().setLink(jo, 'https://learn.vendor.example/another-deal');
    expect(await audit()).toEqual([]);
  });

  test('a learner whose seat was taken back gets the old link into the field again -> it is found, and over when it is removed', async () => {
    await delivered();
    const field = fieldOf(LEE);
    await operate({ kind: 'revoke', seatId: (await seatWith({ contactId: LEE })).id, input: {} });
    deal().setLink(LEE, field);
    expect(await audit()).toEqual(['link_over']);
    deal().setLink(LEE, '');
    expect(await audit()).toEqual([]);
  });

  test('the platform ends access that was given directly -> it is found, and over when the seat is taken back and given anew', async () => {
    await delivered();
    await grant('kim');
    for (const access of accessOf('kim@acme.example')) access.isOver = true;
    expect(await audit()).toEqual(['access_gone']);
    await operate({ kind: 'revoke', seatId: (await seatWith({ state: 'redeemed' })).id, input: {} });
    await grant('kim');
    expect(await audit()).toEqual([]);
  });

  test('the platform has lost the user to whom access was given -> it is found, and over when the seat is taken back by hand', async () => {
    await delivered();
    await grant('kim');
    const { users } = world.sandbox.ti.state;
    const kim = users.find('kim@acme.example');
    if (kim !== undefined) users.remove(kim);
    expect(await audit()).toEqual(['access_gone']);
    const { id: seatId } = await seatWith({ state: 'redeemed' });
    await operate({ kind: 'revoke', seatId, input: { accessEndedByHand: true } });
    expect(await audit()).toEqual([]);
  });

  test('access that was said to have ended by hand goes on -> it is found, and over when the platform shows no more of it', async () => {
    await delivered(3, toBuyer);
    const [code = ''] = codesMade(world.sandbox);
    await redeem(code, 'kim@acme.example');
    const { id: seatId } = await seatWith({ code });
    await operate({ kind: 'revoke', seatId, input: { accessEndedByHand: true } });
    expect(await audit({ days: 0 })).toEqual([]);
    expect(await audit()).toEqual(['access_stays']);
    expect(await audit()).toEqual(['access_stays']);
    for (const access of accessOf('kim@acme.example')) access.isOver = true;
    expect(await audit()).toEqual([]);
  });

  test('a person settles that the learner keeps it -> it is over and not found again', async () => {
    await delivered(3, toBuyer);
    const [code = ''] = codesMade(world.sandbox);
    await redeem(code, 'kim@acme.example');
    const { id: seatId } = await seatWith({ code });
    await operate({ kind: 'revoke', seatId, input: { accessEndedByHand: true } });
    expect(await audit()).toEqual(['access_stays']);
    await decideLateRedemption(store, {
      id: randomUUID(),
      seatId,
      decision: 'keep',
      actor: { kind: 'person', name: 'kim' },
      reason: 'has it from elsewhere',
      at: new Date(),
    });
    expect(await audit()).toEqual([]);
    expect(await readOpenFindings(store.db, { limit: 9 })).toEqual([]);
  });

  test('all seats are withdrawn, and the access of a learner who used one goes on -> the withdrawal has found it, and the audit does not find it twice', async () => {
    await delivered(2);
    await redeem(codesWith(LEE)[0] ?? '', 'lee@acme.example');
    await withdrawn(0);
    expect(await audit()).toEqual([]);
    const open = await readOpenFindings(store.db, { limit: 9 });
    expect(open.map(({ kind }) => kind)).toEqual(['access_left']);
  });
});

describe('What the nightly audit leaves for another night', () => {
  test('a run works on the deal -> what depends on the deal is not compared, and what was found before stands', async () => {
    await delivered();
    const field = fieldOf(LEE);
    deal().setLink(LEE, '');
    expect(await audit({ days: 0 })).toEqual(['link_missing']);
    const { hold } = (await world.read(DEALS.hubspot)).deal;
    deal().set('claim', `working ${new Date().toISOString()} default/activity-tests run-9`);
    deal().setLink(LEE, field);
    expect((await auditOnce({ days: 0 })).findings).toEqual([]);
    expect(await readOpenFindings(store.db, { limit: 9 })).toHaveLength(1);
    deal().set('claim', hold ?? '');
    expect(await audit({ days: 0 })).toEqual([]);
  });

  test('an act on a seat is under way -> its links are not compared', async () => {
    await delivered();
    const { id: seatId } = await seatWith({ contactId: LEE });
    const request = { id: 'slow', kind: 'reissue', seatId, input: { how: 'same_code' } } as const;
    const actor = { kind: 'person', name: 'Ana' } as const;
    await requestOperation(store, { ...request, actor, reason: 'lost', at: new Date() });
    deal().setLink(LEE, '');
    expect(await audit()).toEqual([]);
  });

  test('a contact is deleted -> its field is not compared', async () => {
    await delivered();
    const { records } = world.sandbox.hubspot.state;
    records.archive(records.getLive('contacts', LEE), 'CRM_UI');
    expect(await audit()).toEqual([]);
  });

  test('access was given to more learners than the requests of the night reach -> the others are looked at first the next time', async () => {
    await delivered(4);
    for (const name of ['ana', 'bo', 'cy']) await grant(name);
    for (const name of ['ana', 'bo', 'cy']) {
      for (const access of accessOf(`${name}@acme.example`)) access.isOver = true;
    }
    const open = () => readOpenFindings(store.db, { limit: 9 });
    // One request for the group, one for the contacts.
    expect((await auditOnce({ maxRequests: 4 })).requests).toBe(4);
    expect(await open()).toHaveLength(2);
    expect((await auditOnce({ maxRequests: 3 })).requests).toBe(3);
    expect(await open()).toHaveLength(3);
    for (const access of accessEnded()) access.isOver = false;
    expect((await auditOnce({ maxRequests: 3 })).findings).toEqual([]);
    expect(await open()).toHaveLength(2);
  });

  test('access that was given directly is in order -> it is looked at again after a week', async () => {
    await delivered();
    await grant('kim');
    const spent: number[] = [];
    for (const days of [2, 3, 8, 9.5]) spent.push((await auditOnce({ days })).requests);
    expect(spent).toEqual([3, 2, 2, 3]);
  });

  test('the CRM of a deal is switched off -> what was found before stands', async () => {
    await delivered();
    deal().set('ledger', '');
    expect(await audit()).toEqual(['ledger_gone']);
    const deps = { ...world.deps, seats: store, crms: {} };
    const bounds = { limit: 10, maxRequests: 100, signal: new AbortController().signal };
    expect(await auditSeats(deps, bounds)).toMatchObject({ findings: [], requests: 0 });
    expect(await readOpenFindings(store.db, { limit: 9 })).toHaveLength(1);
  });
});
