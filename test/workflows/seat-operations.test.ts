import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import type { SandboxSystem } from '../../sandbox/faults.ts';
import { seatOperationId } from '../../src/contracts/seat-operations.ts';
import { FAILURES } from '../../src/domain/failure.ts';
import type { OperationAsk, SeatPerson } from '../../src/domain/seats/operation.ts';
import { DEALSEAT } from '../../src/domain/seats/seat-state.ts';
import { seatView } from '../../src/seats/to-view.ts';
import { changeSeat, type SeatRow } from '../../src/store/change-seat.ts';
import type { FilledGroup } from '../../src/store/fill-order.ts';
import type { FilledLearner } from '../../src/store/holders.ts';
import { readOpenOperations } from '../../src/store/read-operation.ts';
import { readSeatsBeginning } from '../../src/store/read-seats.ts';
import { recordRedemptions } from '../../src/store/record-redemptions.ts';
import { type OperationRequest, requestOperation } from '../../src/store/request-operation.ts';
import { noteOperation, noteWait } from '../../src/store/settle-operation.ts';
import { inTransaction } from '../../src/store/transaction.ts';
import { ledgerFaults } from '../support/ledger.ts';
import { openSeatStore } from '../support/seat-store.ts';
import { openSeatWorld, type SeatWorld } from '../support/seat-world.ts';
import { learner, PRODUCT, SOLD_AT, sellAtPlatform } from '../support/sold-seats.ts';
import { until, WAIT_MS } from '../support/until.ts';

jest.setTimeout(WAIT_MS);

let world: SeatWorld;
let closeStore: () => Promise<void>;
const secrets = new Set<string>();

beforeAll(async () => {
  const store = await openSeatStore();
  closeStore = () => store.close();
  // What waits for help tries again soon.
  world = await openSeatWorld({ store, policy: { lookAgainMs: 1_000 } });
});

beforeEach(() => world.sandbox.faults.clear());

afterAll(async () => {
  await world.close();
  await closeStore();
});

const KIM = { kind: 'person', name: 'Kim Vale' } as const;
const ASKED_AT = new Date(SOLD_AT.getTime() + 3_600_000);
const COURSE = '8f2a1c34-5b6d-4e7f-9a01-2b3c4d5e6f70';
const PATH = '3b9c6e15-2a7f-4d80-b1c5-6e8f0a2d4b71';
const BUNDLE = 'b7a40d92-6c1e-4f35-9d28-0e5b3c7f8a64';
const LICENSE = 'e21f5a88-0b3d-4c79-a6f1-9d4c8b2e7053';

function asking(ask: OperationAsk, seat: SeatRow | undefined): OperationRequest {
  const more = { id: randomUUID(), actor: KIM, reason: 'left the company', at: ASKED_AT };
  return { ...ask, ...more, seatId: seat?.id ?? '' } as OperationRequest;
}

const REVOKE: OperationAsk = { kind: 'revoke', input: {} };

function person(email: string, contactId: string | null = null): SeatPerson {
  secrets.add(email);
  return { email, firstName: 'Cy', lastName: 'Moss', contactId };
}

interface Sold {
  readonly seats: number;
  readonly learners?: readonly FilledLearner[];
  /** Of the first ones, at the platform too. */
  readonly used?: number;
  readonly audience?: 'buyer' | 'learners';
  readonly group?: Partial<FilledGroup>;
}

async function sell({ audience = 'buyer', ...sold }: Sold) {
  const deal = world.newDeal();
  const made = await sellAtPlatform(world.store, world.lms, { ...sold, deal, audience });
  for (const code of made.codes) secrets.add(code);
  for (const { email } of sold.learners ?? []) secrets.add(email ?? '');
  for (const [index, code] of made.codes.slice(0, sold.used).entries()) {
    world.sandbox.ti.state.redeem(code, sold.learners?.[index]?.email ?? undefined);
  }
  return { ...made, deal };
}

const seatOf = (id: string | null | undefined) =>
  world.store.db
    .selectFrom('seats')
    .selectAll()
    .where('id', '=', id ?? '')
    .executeTakeFirstOrThrow();

const nextOf = async (seat: SeatRow | undefined) => seatOf((await seatOf(seat?.id)).next_seat_id);

const codeOf = ({ code_id }: SeatRow) =>
  world.store.db
    .selectFrom('codes')
    .selectAll()
    .where('id', '=', code_id ?? 0)
    .executeTakeFirstOrThrow();

const groupsOf = ({ order_id }: SeatRow) =>
  world.store.db
    .selectFrom('code_groups')
    .selectAll()
    .where('order_id', '=', order_id)
    .orderBy('id')
    .execute();

const accessOf = (email: string) =>
  (world.sandbox.ti.state.users.find(email)?.access ?? []).filter(({ isOver }) => !isOver);

const idsOf = (email: string) => accessOf(email).map(({ id }) => id);

const eventsOf = async (seat: SeatRow | undefined) => {
  const events = await world.store.db
    .selectFrom('seat_events')
    .select('kind')
    .where('seat_id', '=', seat?.id ?? '')
    .orderBy('version')
    .execute();
  return events.map(({ kind }) => kind);
};

function fault(method: string, path: RegExp, more: object) {
  return world.sandbox.faults.add({ system: 'ti' as SandboxSystem, method, path, ...more } as never);
}

test('a seat in use that is taken back -> its access ends, its code is retired, and a free seat takes its place', async () => {
  const { seats } = await sell({ seats: 1, learners: [learner('ana@a.example')], used: 1 });
  const [seat] = seats;
  const { result, operation } = await world.carryOut(asking(REVOKE, seat));
  expect(result).toMatchObject({ state: 'done', failureCode: null });
  expect(operation.outcome).toBe('The seat was taken back and is free again.');
  const ended = await seatOf(seat?.id);
  expect(ended).toMatchObject({ state: 'ended', ended_why: 'revoked', operation_id: null });
  expect(await eventsOf(seat)).toEqual(['created', 'removing', 'ended']);
  expect(await codeOf(ended)).toMatchObject({ state: 'retired', retired_why: 'taken_back' });
  const next = await nextOf(seat);
  expect(next).toMatchObject({ state: 'free', learner_key: null, operation_id: null });
  expect(await codeOf(next)).toMatchObject({ state: 'sealed' });
  expect(idsOf('ana@a.example')).toEqual([]);
  expect(world.sandbox.ti.state.users.destroyed).toEqual([]);
});

test('several seats that are taken back at once -> one small group of codes, and the next one needs none', async () => {
  const { seats } = await sell({
    seats: 4,
    learners: ['b1', 'b2', 'b3', 'b4'].map((name) => learner(`${name}@b.example`)),
    used: 4,
  });
  const requests = seats.slice(0, 3).map((seat) => asking(REVOKE, seat));
  await world.operations.ask(requests);
  for (const { id } of requests) expect((await world.ended(id)).result.state).toBe('done');
  const groups = await groupsOf(seats[0] as SeatRow);
  expect(groups.map(({ purpose }) => purpose)).toEqual(['sold', 'replacement']);
  const [sold, made] = groups;
  expect(made?.label.startsWith('acme-leadership-2026-11-20-d')).toBe(true);
  expect(made).toMatchObject({ grants: sold?.grants, access_days: 365, product_key: PRODUCT });
  expect(world.sandbox.ti.state.codesOf(made?.platform_group_id ?? '')).toHaveLength(made?.issued ?? 0);
  await world.carryOut(asking(REVOKE, seats[3]));
  expect(await groupsOf(seats[0] as SeatRow)).toHaveLength(2);
  const codes = await Promise.all(seats.map(async (seat) => (await nextOf(seat)).code_id));
  expect(new Set(codes).size).toBe(4);
});

test('content that another seat of the same person gives as well -> stays', async () => {
  const who = [learner('dee@d.example')];
  const { seats } = await sell({ seats: 1, learners: who, used: 1 });
  await sell({
    seats: 1,
    learners: [learner('Dee@d.example')],
    used: 1,
    group: { grants: { courses: [COURSE], learningPaths: [PATH], bundles: [], licenses: [] } },
  });
  expect((await world.carryOut(asking(REVOKE, seats[0]))).result.state).toBe('done');
  expect(new Set(idsOf('dee@d.example'))).toEqual(new Set([COURSE, PATH]));
});

test('a seat that is given to another contact -> the old link goes, the new contact gets one of their own', async () => {
  const { hubspot } = world.sandbox;
  const [old, fresh] = ['eve@e.example', 'fay@e.example'].map((email) =>
    hubspot.state.createContact({ email }),
  ) as [string, string];
  const { seats, codes } = await sell({
    seats: 1,
    learners: [learner('eve@e.example', old)],
    audience: 'learners',
  });
  const linkOf = (id: string) => hubspot.state.valuesOf('contacts', id).dealseat_redeem_link ?? '';
  await world.crm.writeRedeemLinks(new Map([[old, `https://learn.vendor.example/redeem/${codes[0]}`]]));
  const to = person('fay@e.example', fresh);
  const { operation } = await world.carryOut(
    asking({ kind: 'reassign', input: { to, by: 'code' } }, seats[0]),
  );
  expect(operation).toMatchObject({ state: 'done', outcome: 'The seat was given to the other person.' });
  const next = await nextOf(seats[0]);
  expect(next).toMatchObject({ state: 'exposed', learner_key: 'fay@e.example', contact_id: fresh });
  expect(await eventsOf(seats[0])).toEqual(['created', 'removing', 'ended']);
  expect(await eventsOf(next)).toEqual(['created', 'exposed']);
  expect(linkOf(old)).toBe('');
  expect(linkOf(fresh)).toMatch(/^https:\/\/learn\.vendor\.example\/redeem\/\w{12}$/);
  expect(await codeOf(next)).toMatchObject({ state: 'handed_out' });
});

test('a seat that is given to a known learner -> access without a code, and the code stays sealed', async () => {
  const { seats } = await sell({ seats: 1, learners: [learner('gil@g.example')], used: 1 });
  const to = person('hal@g.example');
  await world.carryOut(asking({ kind: 'reassign', input: { to, by: 'access' } }, seats[0]));
  const next = await nextOf(seats[0]);
  expect(next).toMatchObject({ state: 'redeemed', learner_key: 'hal@g.example', code_id: null });
  expect(next.access_until?.getTime()).toBe(ASKED_AT.getTime() + 365 * 86_400_000);
  expect(accessOf('hal@g.example')).toMatchObject([
    { id: COURSE, by: 'grant', untilMs: next.access_until?.getTime() },
  ]);
  expect(idsOf('gil@g.example')).toEqual([]);
});

test('access that is given directly and then taken back -> one seat in use, and the code goes back', async () => {
  const { seats } = await sell({ seats: 1 });
  const to = person('ida@i.example');
  await world.carryOut(asking({ kind: 'grant', input: { to } }, seats[0]));
  expect(await seatOf(seats[0]?.id)).toMatchObject({ state: 'redeemed', code_id: null, operation_id: null });
  expect(await eventsOf(seats[0])).toEqual(['created', 'granting', 'granted']);
  expect(idsOf('ida@i.example')).toEqual([COURSE]);
  await world.carryOut(asking(REVOKE, seats[0]));
  expect(idsOf('ida@i.example')).toEqual([]);
  expect((await nextOf(seats[0])).code_id).toBe(seats[0]?.code_id);
  expect(await groupsOf(seats[0] as SeatRow)).toHaveLength(1);
});

test('an end of access that is moved -> on the platform and on the seat', async () => {
  const { seats } = await sell({ seats: 1, learners: [learner('jo@j.example')], used: 1 });
  for (const [kind, day] of [
    ['extend', '2028-12-31T23:59:59.000Z'],
    ['shorten', '2026-12-31T23:59:59.000Z'],
  ] as const) {
    const { result } = await world.carryOut(asking({ kind, input: { until: day } }, seats[0]));
    expect(result.state).toBe('done');
    expect((await seatOf(seats[0]?.id)).access_until).toEqual(new Date(day));
    expect(accessOf('jo@j.example')).toMatchObject([{ untilMs: Date.parse(day) }]);
  }
  expect(await eventsOf(seats[0])).toEqual(['created', 'asked', 'access_changed', 'asked', 'access_changed']);
  expect(world.sandbox.ti.state.users.destroyed).toEqual([]);
});

test('a lost code -> another one on the same seat, and the lost one is retired', async () => {
  const { seats } = await sell({ seats: 1, learners: [learner('kit@k.example')] });
  const reissue = (how: 'same_code' | 'new_code') => asking({ kind: 'reissue', input: { how } }, seats[0]);
  await world.carryOut(reissue('same_code'));
  expect(await seatOf(seats[0]?.id)).toMatchObject({ state: 'exposed', code_id: seats[0]?.code_id });
  await world.carryOut(reissue('new_code'));
  const seat = await seatOf(seats[0]?.id);
  expect(seat).toMatchObject({ state: 'exposed', learner_key: 'kit@k.example', operation_id: null });
  expect(seat.code_id).not.toBe(seats[0]?.code_id);
  expect(await codeOf(seats[0] as SeatRow)).toMatchObject({ state: 'retired', retired_why: 'lost' });
});

test('an answer that is lost -> the store says that the outcome is unknown, the platform is read, nothing is done twice', async () => {
  const { seats } = await sell({ seats: 1, learners: [learner('lou@l.example')], used: 1 });
  const request = asking(REVOKE, seats[0]);
  let goOn = () => {};
  const held = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const readsBefore = countOf('resetProgress');
  fault('POST', /\/resetProgress$/, { kind: 'dropAfterCommit' });
  // The learner's record, which the next attempt asks first; the attempt before has read none by its id.
  fault('GET', /\/users\/[0-9a-f-]{36}$/, { kind: 'delay', until: held });
  await world.operations.ask([request]);
  await until('the store says that it is unknown', async () => {
    const { state } = await world.operation(request.id);
    return state === 'unknown';
  });
  goOn();
  const { operation } = await world.ended(request.id);
  expect(operation).toMatchObject({ state: 'done', failure_code: null });
  expect(countOf('resetProgress') - readsBefore).toBe(1);
  expect(idsOf('lou@l.example')).toEqual([]);
});

/** Each call that changes something, and whatever may become of it or of its answer. */
const CALLS: readonly (readonly [string, RegExp])[] = [
  ['POST', /\/users$/],
  ['POST', /\/expirations$/],
  ['POST', /\/resetProgress$/],
  ['POST', /\/resetLearningPathProgress$/],
  ['PUT', /\/users\/[^/]+$/],
  ['POST', /\/redemptionCodes$/],
];
const MISHAPS: readonly object[] = [
  { kind: 'dropBefore' },
  { kind: 'dropAfterCommit' },
  { kind: 'truncate' },
  { kind: 'html', commit: true },
  { kind: 'status', status: 503, body: '' },
];

test('calls that go wrong in every way -> each change is made once all the same', async () => {
  const grants = { courses: [COURSE], learningPaths: [PATH], bundles: [], licenses: [LICENSE] };
  const until = '2029-12-31T23:59:59.000Z';
  const changes = await Promise.all(
    Array.from({ length: 12 }, async (_, index) => {
      const email = `u${index}@u.example`;
      const kind = (['grant', 'extend', 'revoke'] as const)[index % 3] ?? 'revoke';
      const learners = kind === 'grant' ? [] : [learner(email)];
      const { seats } = await sell({ seats: 1, learners, used: learners.length, group: { grants } });
      const ask: OperationAsk =
        kind === 'grant'
          ? { kind, input: { to: person(email) } }
          : kind === 'extend'
            ? { kind, input: { until } }
            : REVOKE;
      return { email, kind, seat: seats[0] as SeatRow, request: asking(ask, seats[0]) };
    }),
  );
  for (const [method, path] of CALLS) for (const mishap of MISHAPS) fault(method, path, mishap);
  await world.operations.ask(changes.map(({ request }) => request));
  for (const { email, kind, seat, request } of changes) {
    const { operation } = await world.ended(request.id);
    expect(operation).toMatchObject({ state: 'done', failure_code: null });
    expect(new Set(idsOf(email))).toEqual(new Set(kind === 'revoke' ? [] : [COURSE, PATH, LICENSE]));
    if (kind === 'extend') {
      expect(accessOf(email).map(({ untilMs }) => untilMs)).toEqual(Array(3).fill(Date.parse(until)));
    }
    expect(await ledgerFaults(world.store, seat.order_id, 1)).toEqual([]);
    const groups = await groupsOf(seat);
    const labels = new Set(groups.map(({ label }) => label));
    const made = world.sandbox.ti.state.groups.filter(({ label }) => labels.has(label));
    expect(made).toHaveLength(kind === 'revoke' ? 2 : 1);
  }
  expect(world.sandbox.faults.hits.length).toBeGreaterThanOrEqual(20);
  expect(world.sandbox.ti.state.users.destroyed).toEqual([]);
});

test('a seat that a withdrawal ends meanwhile -> refused, and it says what happened', async () => {
  const { seats } = await sell({ seats: 1 });
  const request = asking({ kind: 'grant', input: { to: person('vic@v.example') } }, seats[0]);
  const { seat } = await requestOperation(world.store, request);
  await inTransaction(world.store.db, (trx) =>
    changeSeat(trx, {
      kind: 'ended',
      actor: DEALSEAT,
      at: ASKED_AT,
      seatId: seat.id,
      version: seat.version,
      set: { state: 'ended', ended_why: 'withdrawn' },
    }),
  );
  await world.operations.startDue({ now: new Date(ASKED_AT.getTime() + 1), minAgeMs: 0 });
  const { operation } = await world.ended(request.id);
  expect(operation).toMatchObject({ state: 'refused', failure_code: 'seat.changed' });
  expect(operation.outcome).toContain('Dealseat ended the seat on 20 Nov 2026, 10:00 UTC');
  expect(idsOf('vic@v.example')).toEqual([]);
});

test('what the platform has no call for -> refused in its words, and the seat is in use as before', async () => {
  const grants = { courses: [COURSE], learningPaths: [], bundles: [BUNDLE], licenses: [] };
  const { seats } = await sell({
    seats: 1,
    learners: [learner('mia@m.example')],
    used: 1,
    group: { grants },
  });
  const { operation } = await world.carryOut(asking(REVOKE, seats[0]));
  expect(operation).toMatchObject({ state: 'refused', failure_code: 'lms.cannot_revoke' });
  expect(operation.outcome).toContain(BUNDLE);
  expect(await seatOf(seats[0]?.id)).toMatchObject({ state: 'redeemed', operation_id: null });
  expect(await eventsOf(seats[0])).toEqual(['created', 'removing', 'kept']);
  const byHand: OperationAsk = { kind: 'revoke', input: { accessEndedByHand: true } };
  expect((await world.carryOut(asking(byHand, seats[0]))).result.state).toBe('done');
});

test('a learner whom the platform refuses -> the seat is free as before, with its code', async () => {
  const { seats } = await sell({ seats: 1 });
  fault('POST', /\/users$/, { kind: 'status', status: 422, body: { errors: ['Email is invalid'] } });
  const to = person('nat@n.example');
  const { operation } = await world.carryOut(asking({ kind: 'grant', input: { to } }, seats[0]));
  expect(operation).toMatchObject({ state: 'refused', failure_code: 'lms.learner_rejected' });
  expect(operation.outcome).not.toContain('nat@n.example');
  const { code_id } = seats[0] as SeatRow;
  expect(await seatOf(seats[0]?.id)).toMatchObject({ state: 'free', code_id, learner_key: null });
});

test('a person whom the platform refuses, in the place of another one -> the seat is free, and the text says both', async () => {
  const { seats } = await sell({ seats: 1, learners: [learner('wes@w.example')], used: 1 });
  fault('POST', /\/users$/, { kind: 'status', status: 422, body: { errors: ['Email is invalid'] } });
  const to = person('xia@x.example');
  const { operation } = await world.carryOut(
    asking({ kind: 'reassign', input: { to, by: 'access' } }, seats[0]),
  );
  expect(operation).toMatchObject({ state: 'refused', failure_code: 'lms.learner_rejected' });
  expect(operation.outcome).toMatch(
    /^The seat was taken back and is free again\. The other person did not get it: /,
  );
  expect(await nextOf(seats[0])).toMatchObject({ state: 'free', learner_key: null, operation_id: null });
  expect(await ledgerFaults(world.store, seats[0]?.order_id ?? 0, 1)).toEqual([]);
});

test('a contact whom the platform refuses, in the place of another one -> the link of the other one goes all the same', async () => {
  const [old, fresh] = ['yan@y.example', 'zoe@z.example'].map((email) =>
    world.sandbox.hubspot.state.createContact({ email }),
  ) as [string, string];
  const { seats, codes } = await sell({
    seats: 1,
    learners: [learner('yan@y.example', old)],
    audience: 'learners',
  });
  const linkOf = (id: string) =>
    world.sandbox.hubspot.state.valuesOf('contacts', id).dealseat_redeem_link ?? '';
  await world.crm.writeRedeemLinks(new Map([[old, `https://learn.vendor.example/redeem/${codes[0]}`]]));
  fault('POST', /\/users$/, { kind: 'status', status: 422, body: { errors: ['Email is invalid'] } });
  const to = person('zoe@z.example', fresh);
  const { operation } = await world.carryOut(
    asking({ kind: 'reassign', input: { to, by: 'access' } }, seats[0]),
  );
  expect(operation).toMatchObject({ state: 'refused', failure_code: 'lms.learner_rejected' });
  expect([old, fresh].map(linkOf)).toEqual(['', '']);
  expect(await nextOf(seats[0])).toMatchObject({ state: 'free', learner_key: null, operation_id: null });
  expect(await ledgerFaults(world.store, seats[0]?.order_id ?? 0, 1)).toEqual([]);
});

test('a key that the platform refuses -> the operation waits, says why, and goes on when a person says so', async () => {
  const { seats } = await sell({ seats: 1, learners: [learner('ole@o.example')], used: 1 });
  const mend = fault('POST', /\/resetProgress$/, { kind: 'status', status: 401, body: '', times: Infinity });
  const request = asking(REVOKE, seats[0]);
  await world.operations.ask([request]);
  await until('the store says what it waits for', async () => {
    const { failure_code } = await world.operation(request.id);
    return failure_code === 'lms.unauthorized';
  });
  const handle = world.client.workflow.getHandle(seatOperationId(request.id));
  expect((await seatOf(seats[0]?.id)).state).toBe('removing');
  const isAlerted = () => world.alerts.some(({ deal }) => deal.operationId === request.id);
  await until('those who run Dealseat are alerted', async () => isAlerted());
  const [alert] = world.alerts.filter(({ deal }) => deal.operationId === request.id);
  expect(alert?.cause).toEqual({ code: 'lms.unauthorized', scope: null, about: null });
  const [waiting] = await readOpenOperations(world.store.db, { limit: 10, isWaiting: true });
  expect(waiting).toMatchObject({ id: request.id, failure_code: 'lms.unauthorized' });
  const [shown] = await readSeatsBeginning(world.store.db, seats[0]?.id ?? '');
  expect(shown && seatView(shown).waitsFor).toMatchObject({
    code: 'lms.unauthorized',
    cure: FAILURES['lms.unauthorized'].cure,
  });
  mend();
  await world.operations.retry(request.id);
  expect((await world.ended(request.id)).operation).toMatchObject({ state: 'done', failure_code: null });
  expect((await handle.describe()).status.name).toBe('COMPLETED');
});

test('an operation that waits with an outcome that is not known -> stays unknown, so that it is looked up first', async () => {
  const { seats } = await sell({ seats: 1, learners: [learner('una@u.example')], used: 1 });
  const request = asking(REVOKE, seats[0]);
  await requestOperation(world.store, request);
  const unknown = { state: 'unknown', outcome: 'no answer', failure_code: 'lms.outcome_unknown' } as const;
  await noteOperation(world.store, request.id, unknown);
  await noteWait(world.store, request.id, { code: 'lms.unavailable', message: 'away' });
  expect(await world.operation(request.id)).toMatchObject({
    state: 'unknown',
    failure_code: 'lms.unavailable',
  });
});

test('a code that is used while it is taken back -> that access ends too', async () => {
  const { seats, codes } = await sell({ seats: 1, learners: [learner('pam@p.example')] });
  const [code = ''] = codes;
  const request = asking(REVOKE, seats[0]);
  await requestOperation(world.store, request);
  world.sandbox.ti.state.redeem(code, 'pam@p.example');
  const used = {
    platform: 'ti',
    code,
    from: 'event' as const,
    redeemedAt: ASKED_AT.toISOString(),
    userId: world.sandbox.ti.state.users.find('pam@p.example')?.id ?? null,
    email: 'pam@p.example',
  };
  await recordRedemptions(world.store, [used], ASKED_AT);
  await world.operations.startDue({ now: new Date(ASKED_AT.getTime() + 1), minAgeMs: 0 });
  expect((await world.ended(request.id)).result.state).toBe('done');
  expect(idsOf('pam@p.example')).toEqual([]);
  expect(await eventsOf(seats[0])).toEqual(['created', 'removing', 'flagged', 'ended']);
  expect(await ledgerFaults(world.store, seats[0]?.order_id ?? 0, 1)).toEqual([]);
});

test('content of every kind -> ends by the way that the platform has for it', async () => {
  const grants = { courses: [COURSE], learningPaths: [PATH], bundles: [], licenses: [LICENSE] };
  const { seats } = await sell({
    seats: 1,
    learners: [learner('quin@q.example')],
    used: 1,
    group: { grants },
  });
  expect((await world.carryOut(asking(REVOKE, seats[0]))).result.state).toBe('done');
  expect(idsOf('quin@q.example')).toEqual([]);
  expect(world.sandbox.ti.state.users.destroyed).toEqual([]);
});

test('an order whose codes have expired -> the seat is free without a code, and gives none to another person', async () => {
  const group = { codesExpireAt: '2026-11-20T10:00:00.000Z' };
  const { seats } = await sell({
    seats: 2,
    learners: [learner('ray@r.example'), learner('sue@r.example')],
    group,
  });
  await world.carryOut(asking(REVOKE, seats[0]));
  expect(await nextOf(seats[0])).toMatchObject({ state: 'free', code_id: null });
  const to = person('tom@r.example');
  await expect(
    world.operations.ask([asking({ kind: 'reassign', input: { to, by: 'code' } }, seats[1])]),
  ).rejects.toMatchObject({ code: 'seat.codes_expired' });
});

test('all of these -> replay, and no history has a code or an address', async () => {
  const histories = await world.replayAll();
  const text = JSON.stringify(histories, (_, value) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : value,
  );
  expect(text).toContain('replaceCode');
  const found = [...secrets].filter((secret) => secret !== '' && text.includes(secret));
  expect(found).toEqual([]);
});

function countOf(action: string): number {
  return world.sandbox.ti.state.requests.filter(({ path }) => path.endsWith(`/${action}`)).length;
}
