import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createActivities } from '../../activities/index.ts';
import type { Catalog } from '../../src/domain/deal/catalog.ts';
import { replacementLabel } from '../../src/domain/deal/label.ts';
import { DealseatError } from '../../src/domain/failure.ts';
import { deliveredLedger } from '../../src/domain/planning/ledger-after.ts';
import type { RedemptionCode } from '../../src/domain/seats/code-group.ts';
import { DEALSEAT } from '../../src/domain/seats/seat-state.ts';
import { auditSeats } from '../../src/runs/audit/audit-seats.ts';
import { rebuildDeal } from '../../src/runs/rebuild/rebuild-seats.ts';
import { changeSeat } from '../../src/store/change-seat.ts';
import { readOpenFindings } from '../../src/store/read-findings.ts';
import { recordRedemptions } from '../../src/store/record-redemptions.ts';
import { requestOperation } from '../../src/store/request-operation.ts';
import { codesInFile, seenDeal } from '../activities/seen-deal.ts';
import { DEALS, failureOf, forLearners, HOLD, openWorld, type World } from '../activities/world.ts';
import { fillOrder } from '../store/filled-order.ts';
import { drive } from '../support/drive-operation.ts';
import { codesMade } from '../support/evidence.ts';
import { HUBSPOT_DEAL } from '../support/sandbox-tenant.ts';
import { openSeatStore, seatsIn, type TestSeatStore } from '../support/seat-store.ts';
import { until } from '../support/until.ts';
import { withdrawalOfOneSeat } from '../support/withdrawal.ts';

let world: World;
let store: TestSeatStore;
beforeAll(async () => {
  store = await openSeatStore();
});
afterAll(() => store.close());
afterEach(async () => {
  await world.close();
  await store.clear();
});

const LEE = '6002';
const deal = () => seenDeal(world.sandbox, 'hubspot');

function setSeats(quantity: number): void {
  const { state } = world.sandbox.hubspot;
  const [line] = state.associations.linked({ object: 'deals', id: DEALS.hubspot.dealId }, 'line_items');
  state.edit('line_items', line?.id ?? '', { quantity });
}

function addLearner(firstName = 'Kim'): string {
  const { state } = world.sandbox.hubspot;
  const id = state.createContact({ email: `${firstName}@acme.example`, firstName, lastName: 'Doe' });
  state.addContact(DEALS.hubspot.dealId, id, ['Learner']);
  return id;
}

function codesWith(contactId: string): string[] {
  const field = world.sandbox.hubspot.state.valuesOf('contacts', contactId).dealseat_redeem_link ?? '';
  return codesMade(world.sandbox).filter((code) => field.includes(code));
}

const keepingSpare = (example: Catalog): Catalog => {
  const given = forLearners(example);
  return { ...given, handOver: { ...given.handOver, leftOver: 'laterLearners' } };
};

/** A deal of so many seats that is handed over to Lee, with its run still at work. */
async function handedOver(seats = 3, catalog = keepingSpare) {
  world = await openWorld({ seats: store, catalog });
  setSeats(seats);
  const input = await world.prepareMessages('hubspot');
  await world.run('sendMessages', input);
  return input;
}

/** A deal of so many seats that is delivered to Lee. */
async function delivered(seats = 3, catalog = keepingSpare) {
  const input = await handedOver(seats, catalog);
  await mark(input);
  return input;
}

async function mark({
  deal: ref,
  hold,
  plan,
  groups,
  roster,
}: Awaited<ReturnType<World['prepareMessages']>>) {
  const ledger = deliveredLedger(plan, groups, roster);
  const write = { what: 'mark', status: 'Delivered', detail: '', facts: null, ledger } as const;
  await world.run('writeRecord', { deal: ref, hold, write });
}

const events = () => store.db.selectFrom('seat_events').selectAll().orderBy('seq').execute();

/** The learner of the seat lost the code. */
async function askNewCode(seatId: string, at: Date) {
  const { operation } = await requestOperation(store, {
    id: 'lost-code',
    kind: 'reissue',
    seatId,
    input: { how: 'new_code' },
    actor: { kind: 'person', name: 'Kim' },
    reason: 'lost',
    at,
  });
  return operation;
}

describe('Which seats Dealseat knows after a hand-over', () => {
  test('a hand-over to the buyer is repeated -> every seat counts as handed out once, and the repeat changes nothing', async () => {
    world = await openWorld({ seats: store });
    const handOver = await world.prepare('hubspot');
    await world.run('attachRoster', handOver);
    const filled = await seatsIn(store);
    expect(filled.map(({ code }) => code)).toEqual(codesMade(world.sandbox));
    expect(new Set(filled.map(({ state }) => state))).toEqual(new Set(['exposed']));
    const before = await events();
    await world.run('attachRoster', handOver, { attempt: 2 });
    expect(await events()).toEqual(before);
  });

  test.each([
    ['kept for later learners', keepingSpare, 'free'],
    ['the buyer’s', forLearners, 'exposed'],
  ] as const)(
    'to learners knows whose each is, and the codes left over are %s',
    async (_, catalog, state) => {
      await delivered(3, catalog);
      const [ofLee] = codesWith(LEE);
      for (const seat of await seatsIn(store)) {
        expect(seat).toMatchObject(
          seat.code === ofLee
            ? {
                state: 'exposed',
                contact_id: LEE,
                learner_email: 'lee.park@acme.example',
                learner_name: 'Lee Park',
              }
            : { state, contact_id: null, learner_email: null },
        );
      }
    },
  );
});

describe('Who has which code', () => {
  test('someone copies the link of a learner into the field of another -> the field is set right, and the other learner gets a code of their own', async () => {
    await delivered();
    const [ofLee] = codesWith(LEE);
    const kim = addLearner();
    deal().setLink(kim, deal().links().get(LEE) ?? '');
    deal().setLink(LEE, '');
    await world.prepareToSend(await world.prepare('hubspot'));
    expect(codesWith(kim)).toHaveLength(1);
    expect(codesWith(kim)).not.toContain(ofLee);
    const holders = (await seatsIn(store)).filter(({ contact_id: id }) => id !== null);
    expect(holders.map(({ code, contact_id: id }) => [id, code]).sort()).toEqual(
      [
        [LEE, ofLee],
        [kim, codesWith(kim)[0]],
      ].sort(),
    );
  });

  test('someone copies the link of a learner to a contact without the learner role -> the copy goes with the next hand-over', async () => {
    await delivered();
    const { state } = world.sandbox.hubspot;
    const jo = state.createContact({ email: 'jo@acme.example' });
    state.addContact(DEALS.hubspot.dealId, jo, []);
    deal().setLink(jo, deal().links().get(LEE) ?? '');
    addLearner();
    await world.prepareToSend(await world.prepare('hubspot'));
    expect(codesWith(jo)).toEqual([]);
    expect(codesWith(LEE)).toHaveLength(1);
  });

  test('a learner comes to a delivered deal whose roster was deleted -> the learner gets a free seat, and the roster is written anew', async () => {
    await delivered();
    deal().removeFiles();
    const kim = addLearner();
    await world.prepareToSend(await world.prepare('hubspot'));
    const [ofKim] = codesWith(kim);
    expect((await seatsIn(store)).find(({ code }) => code === ofKim)).toMatchObject({
      state: 'exposed',
      contact_id: kim,
    });
    expect(codesInFile(deal().files()[0])).toHaveLength(1);
  });

  test('a learner is merged into another contact -> the contact that lives on keeps the one seat', async () => {
    await delivered();
    const [ofLee] = codesWith(LEE);
    const { state } = world.sandbox.hubspot;
    const twin = state.createContact({ email: 'lee@other.example', firstName: 'Lee', lastName: 'Park' });
    state.addContact(DEALS.hubspot.dealId, twin, ['Learner']);
    state.merge('contacts', twin, LEE);
    addLearner();
    await world.prepareToSend(await world.prepare('hubspot'));
    const seat = (await seatsIn(store)).find(({ code }) => code === ofLee);
    expect(seat).toMatchObject({ state: 'exposed', contact_id: twin });
    expect((await seatsIn(store)).filter(({ contact_id: id }) => id === twin)).toHaveLength(1);
  });

  test('a learner is deleted and made anew with the same address -> the new contact keeps the seat and its code', async () => {
    await delivered();
    const [ofLee] = codesWith(LEE);
    const { state } = world.sandbox.hubspot;
    state.records.archive(state.records.getLive('contacts', LEE), 'CRM_UI');
    const lee = state.createContact({ email: ' LEE.Park@acme.example', firstName: 'Lee', lastName: 'Park' });
    state.addContact(DEALS.hubspot.dealId, lee, ['Learner']);
    await world.prepareToSend(await world.prepare('hubspot'));
    expect(codesWith(lee)).toEqual([ofLee]);
    expect((await seatsIn(store)).filter(({ state: its }) => its === 'exposed')).toMatchObject([
      { contact_id: lee, code: ofLee },
    ]);
  });
});

describe('A seat that was taken back', () => {
  const PERSON = { kind: 'person', name: 'Kim' } as const;

  async function asked(id: string, contactId: string) {
    const seat = (await seatsIn(store)).find((one) => one.contact_id === contactId && one.state !== 'ended');
    const { operation } = await requestOperation(store, {
      id,
      kind: 'revoke',
      seatId: seat?.id ?? '',
      input: {},
      actor: PERSON,
      reason: 'left the company',
      at: new Date(),
    });
    return operation;
  }

  const finish = (operation: Awaited<ReturnType<typeof asked>>) =>
    drive(store, operation, { answer: 'done', at: new Date() });

  async function revoked(contactId: string) {
    await finish(await asked(`revoke-${contactId}`, contactId));
    deal().setLink(contactId, '');
  }

  test('the only free seat was taken back from a learner -> the next learner gets it with its new code, once, also when the step is repeated', async () => {
    await delivered(1);
    const [ofLee] = codesWith(LEE);
    await revoked(LEE);
    const [free] = (await seatsIn(store)).filter(({ state }) => state === 'free');
    const kim = addLearner();
    const handOver = await world.prepare('hubspot');
    expect(handOver.plan).toMatchObject({ addedSeats: 0, learnerContactIds: [kim] });
    const input = await world.prepareToSend(handOver);
    const before = await events();
    await world.run('attachRoster', handOver, { attempt: 2 });
    expect(await events()).toEqual(before);
    await world.run('sendMessages', input);
    await mark(input);
    expect(free?.code).not.toBe(ofLee);
    expect(deal().links().get(kim)).toContain(free?.code);
    expect(deal().links().get(LEE) ?? '').toBe('');
    expect(
      world.sandbox.outbox.mails.filter((mail) => JSON.stringify(mail).includes(free?.code ?? '-')),
    ).toHaveLength(1);
    const live = (await seatsIn(store)).filter(({ state }) => state !== 'ended');
    expect(live).toMatchObject([
      { code: free?.code, state: 'exposed', contact_id: kim, code_state: 'handed_out' },
    ]);
    expect(await world.read(DEALS.hubspot)).toMatchObject({ kind: 'same' });
  });

  test('two seats were taken back and two learners come -> each gets one of them', async () => {
    await delivered(2);
    const kim = addLearner();
    await mark(await world.prepareMessages('hubspot'));
    for (const learner of [LEE, kim]) await revoked(learner);
    const comers = [addLearner('Ana'), addLearner('Bo')];
    await mark(await world.prepareMessages('hubspot'));
    const live = (await seatsIn(store)).filter(({ state }) => state !== 'ended');
    expect(live.map(({ contact_id: id }) => id).sort()).toEqual([...comers].sort());
    for (const { code, contact_id: id } of live)
      expect(
        deal()
          .links()
          .get(id ?? ''),
      ).toContain(code);
  });

  test('a learner is given access directly, by the only seat, which was taken back from another -> the learner needs no code and is sent none, and the code stays unseen', async () => {
    await delivered(1);
    await revoked(LEE);
    const kim = addLearner();
    const [free] = (await seatsIn(store)).filter(({ state }) => state === 'free');
    const orders = await store.db.selectFrom('seats').select(['order_id', 'product_key']).execute();
    const { operation } = await requestOperation(store, {
      id: 'grant-kim',
      kind: 'grant',
      freeOf: { orderId: orders[0]?.order_id ?? 0, productKey: orders[0]?.product_key ?? '' },
      input: { to: { email: 'kim@acme.example', firstName: 'Kim', lastName: 'Doe', contactId: null } },
      actor: PERSON,
      reason: 'signed up by phone',
      at: new Date(),
    });
    await finish(operation);
    const input = await world.prepareMessages('hubspot');
    expect(input.plan).toMatchObject({ learnerContactIds: [kim], messages: [] });
    await mark(input);
    expect(deal().links().get(kim) ?? '').toBe('');
    const live = (await seatsIn(store)).filter(({ state }) => state !== 'ended');
    expect(live).toMatchObject([{ state: 'redeemed', contact_id: kim, code: null }]);
    const codes = await store.db.selectFrom('codes').select(['code_enc', 'state']).execute();
    const unseen = codes
      .filter(({ state }) => state === 'sealed')
      .map(({ code_enc: enc }) => store.vault.open(enc));
    expect(unseen).toContain(free?.code);
    expect(await world.read(DEALS.hubspot)).toMatchObject({ kind: 'same' });
  });

  test('codes that were left over went to the buyer, and a seat is taken back -> the next learner gets that seat', async () => {
    await delivered(2, forLearners);
    await revoked(LEE);
    const kim = addLearner();
    await mark(await world.prepareMessages('hubspot'));
    const ofKim = (await seatsIn(store)).find(({ contact_id: id }) => id === kim);
    expect(deal().links().get(kim)).toContain(ofKim?.code);
    expect(codesInFile(deal().files()[0])).not.toContain(ofKim?.code);
  });

  test('the seat is still being taken back -> the deal says that the learner waits, and the learner gets it when it has its code', async () => {
    await delivered(1);
    const operation = await asked('slow', LEE);
    const kim = addLearner();
    expect(await world.read(DEALS.hubspot)).toMatchObject({
      kind: 'blocked',
      problems: [
        { code: 'deal.seat_coming', message: expect.stringContaining('1 learner of the deal waits') },
      ],
    });
    await finish(operation);
    deal().setLink(LEE, '');
    await mark(await world.prepareMessages('hubspot'));
    expect((await seatsIn(store)).find(({ state }) => state === 'exposed')).toMatchObject({
      contact_id: kim,
    });
  });
});

describe('A learner who takes the place of another', () => {
  const takeOff = (contactId: string) => {
    const { state } = world.sandbox.hubspot;
    state.associations.unlink(
      { object: 'deals', id: DEALS.hubspot.dealId },
      { object: 'contacts', id: contactId },
    );
  };

  test('one learner is taken off a delivered deal and another put on -> the newcomer gets a new code, and the code of the other is retired', async () => {
    await delivered(1);
    const [ofLee] = codesWith(LEE);
    takeOff(LEE);
    const kim = addLearner();
    const handOver = await world.prepare('hubspot');
    expect(handOver.plan).toMatchObject({ leaving: [LEE], addedSeats: 1, seatCount: 1 });
    const input = await world.prepareToSend(handOver);
    const before = await events();
    await world.run('attachRoster', handOver, { attempt: 2 });
    expect(await events()).toEqual(before);
    await world.run('sendMessages', input);
    await mark(input);
    const [ofKim] = codesWith(kim);
    expect([codesWith(LEE), codesWith(kim)]).toEqual([[], [expect.any(String)]]);
    expect(ofKim).not.toBe(ofLee);
    const seats = await seatsIn(store);
    expect(seats.find(({ code }) => code === ofLee)).toMatchObject({
      state: 'ended',
      ended_why: 'reassigned',
      code_state: 'retired',
      contact_id: LEE,
    });
    expect(seats.find(({ code }) => code === ofKim)).toMatchObject({ state: 'exposed', contact_id: kim });
    const { next_seat_id: next } = await store.db
      .selectFrom('seats')
      .select('next_seat_id')
      .where('contact_id', '=', LEE)
      .executeTakeFirstOrThrow();
    expect(next).toBe(seats.find(({ code }) => code === ofKim)?.id);
    expect(await world.read(DEALS.hubspot)).toMatchObject({ kind: 'same' });
  });

  test('a learner is replaced, another one comes, and one more seat is sold, all at once -> both get a code of their own, and the code of who left is retired', async () => {
    await delivered(1);
    const [ofLee] = codesWith(LEE);
    takeOff(LEE);
    const comers = [addLearner('Kim'), addLearner('Bo')];
    setSeats(2);
    const handOver = await world.prepare('hubspot');
    expect(handOver.plan).toMatchObject({ leaving: [LEE], addedSeats: 2, seatCount: 2 });
    const input = await world.prepareToSend(handOver);
    const before = await events();
    await world.run('attachRoster', handOver, { attempt: 2 });
    expect(await events()).toEqual(before);
    await world.run('sendMessages', input);
    await mark(input);
    const given = comers.map((id) => codesWith(id));
    expect(given.map(({ length }) => length)).toEqual([1, 1]);
    expect(new Set([...given.flat(), ofLee]).size).toBe(3);
    expect(codesWith(LEE)).toEqual([]);
    const seats = await seatsIn(store);
    expect(seats.find(({ code }) => code === ofLee)).toMatchObject({
      state: 'ended',
      ended_why: 'reassigned',
    });
    expect(seats.filter(({ state }) => state !== 'ended')).toHaveLength(2);
    expect(await world.read(DEALS.hubspot)).toMatchObject({ kind: 'same' });
  });

  /** Lee uses the seat, was taken off the deal, and Kim came. */
  async function inUse(catalog = keepingSpare) {
    await delivered(1, catalog);
    await store.db.updateTable('seats').set({ state: 'redeemed' }).where('contact_id', '=', LEE).execute();
    takeOff(LEE);
    return addLearner();
  }

  async function swapping() {
    const reading = await world.read(DEALS.hubspot);
    if (reading.kind !== 'swapping') throw new Error(`expected a question, found ${JSON.stringify(reading)}`);
    return reading;
  }

  const byRule = (swapInUse: Catalog['swapInUse']) => (example: Catalog) => ({
    ...keepingSpare(example),
    swapInUse,
  });

  test('the learner who was taken off uses the seat already -> people are asked to approve or reject that the newcomer gets it', async () => {
    const kim = await inUse();
    const { swap, question } = await swapping();
    expect(swap).toMatchObject({ rule: 'ask', pairs: [{ from: LEE, to: kim }] });
    expect(question).toMatchObject({ kind: 'approval', problems: [{ code: 'deal.seat_in_use' }] });
    expect((await swapping()).question.id).toBe(question.id);
  });

  test.each(['keep', 'replace'] as const)(
    'swapInUse of the catalog is %s, so that nobody is asked',
    async (rule) => {
      await inUse(byRule(rule));
      expect((await swapping()).swap.rule).toBe(rule);
    },
  );

  test('the newcomer is to have none -> the same two are not asked about again, and another one who comes is', async () => {
    const kim = await inUse();
    const { question } = await swapping();
    const ledger = question.ifLeft;
    if (ledger === null) throw new Error('expected a ledger');
    const { deal: read } = await swapping();
    const write = { what: 'mark', status: 'Delivered', detail: '', facts: null, ledger } as const;
    await world.run('writeRecord', { deal: DEALS.hubspot, hold: { ...HOLD, seen: read.hold }, write });
    expect(ledger.declined).toEqual({ [kim]: [LEE] });
    expect(await world.read(DEALS.hubspot)).toMatchObject({ kind: 'same' });
    expect(await world.read(DEALS.hubspot, 'person')).toMatchObject({ kind: 'swapping' });
    const ana = addLearner('Ana');
    expect((await swapping()).swap.pairs).toMatchObject([{ from: LEE, to: ana }]);
  });

  test('the newcomer is to have the seat -> it is taken back and given on once, and the newcomer gets a message with the new code', async () => {
    const kim = await inUse();
    const { swap } = await swapping();
    const input = {
      deal: DEALS.hubspot,
      pairs: swap.pairs,
      questionId: 'q1',
      by: 'Ana Approver',
      reason: 'Lee left',
      askedAt: 1,
      isAskedAnew: false,
    };
    for (const attempt of [1, 2]) {
      expect((await failureOf(world.run('swapSeats', input, { attempt }))).code).toBe('seat.under_way');
    }
    expect(await world.read(DEALS.hubspot)).toMatchObject({ problems: [{ code: 'deal.seat_coming' }] });
    const operations = await store.db.selectFrom('operations').selectAll().execute();
    expect(operations).toMatchObject([{ kind: 'reassign', actor_name: 'Ana Approver', reason: 'Lee left' }]);
    await drive(store, operations[0] as (typeof operations)[number], { answer: 'done', at: new Date() });
    await world.run('swapSeats', input, { attempt: 3 });
    deal().setLink(LEE, '');
    const message = await world.prepareMessages('hubspot');
    expect(message.plan).toMatchObject({ leaving: [LEE], learnerContactIds: [kim] });
    await world.run('sendMessages', message);
    await mark(message);
    const live = (await seatsIn(store)).filter(({ state }) => state !== 'ended');
    expect(live).toMatchObject([{ contact_id: kim, state: 'exposed' }]);
    const [mail] = world.sandbox.outbox.mails.filter(({ to }) => to === 'Kim@acme.example');
    expect(JSON.stringify(mail)).toContain(live[0]?.code);
    expect(await world.read(DEALS.hubspot)).toMatchObject({ kind: 'same' });
  });

  test('the platform refuses to take the seat back -> the run says why with one act, and tries again when a person asks or the seat has changed', async () => {
    await inUse();
    const { swap } = await swapping();
    const swapSeats = (askedAt: number, isAskedAnew = false) =>
      failureOf(
        world.run('swapSeats', {
          deal: DEALS.hubspot,
          pairs: swap.pairs,
          questionId: 'q1',
          by: 'Ana',
          reason: 'x',
          askedAt,
          isAskedAnew,
        }),
      );
    const operations = () => store.db.selectFrom('operations').selectAll().orderBy('asked_at').execute();
    const refuse = async () => {
      const operation = (await operations()).at(-1);
      if (operation === undefined) throw new Error('expected an operation');
      await drive(store, operation, { answer: 'refused', at: new Date() });
      return await operations();
    };
    expect((await swapSeats(1)).code).toBe('seat.under_way');
    await refuse();
    const first = await swapSeats(1);
    expect(first).toMatchObject({ code: 'seat.swap_refused' });
    // An hour later, and a day.
    for (const askedAt of [2, 3]) {
      expect(await swapSeats(askedAt)).toMatchObject({ code: 'seat.swap_refused', message: first.message });
    }
    expect(await operations()).toHaveLength(1);

    // The same attempt may be repeated.
    for (const _ of [1, 2]) expect((await swapSeats(4, true)).code).toBe('seat.under_way');
    expect(await refuse()).toHaveLength(2);

    const [seat] = (await seatsIn(store)).filter(({ contact_id: id }) => id === LEE);
    await store.db.transaction().execute(async (trx) => {
      const { id: seatId, version } = await trx
        .selectFrom('seats')
        .selectAll()
        .where('id', '=', seat?.id ?? '')
        .executeTakeFirstOrThrow();
      const set = { used_by_other: true };
      await changeSeat(trx, { kind: 'flagged', actor: DEALSEAT, at: new Date(), seatId, version, set });
    });
    expect((await swapSeats(5)).code).toBe('seat.under_way');
    expect(await operations()).toHaveLength(3);
  });
});

describe('A run that is undone', () => {
  test('a run is undone, and another one uses its code group after all -> its seats end, and there are seats again', async () => {
    world = await openWorld({ seats: store, catalog: keepingSpare });
    setSeats(3);
    const handOver = await world.prepare('hubspot');
    await world.run('attachRoster', handOver);
    const { deal: ref, hold, plan } = handOver;
    const [group] = plan.groups;
    const undo = { deal: ref, hold, ownerId: null, groupId: null, lookUpMs: 0, lookUpIntervalMs: 20 };
    await world.run('quarantineCodeGroup', {
      ...undo,
      group: group ?? { token: '', label: '', platform: '' },
    });
    expect(new Set((await seatsIn(store)).map(({ ended_why: why }) => why))).toEqual(new Set(['cancelled']));
    await world.run('attachRoster', handOver);
    expect((await seatsIn(store)).filter(({ state }) => state !== 'ended')).toHaveLength(3);
  });
});

describe('A database of seats that was lost', () => {
  const rebuild = () =>
    rebuildDeal({ ...world.deps, seats: store }, DEALS.hubspot, new AbortController().signal);
  const rebuildWithoutReplacements = async () => {
    const blind = Object.fromEntries(
      Object.entries(world.deps.platforms).map(([name, lms]) => [
        name,
        { ...lms, findGroupsNaming: async () => [] },
      ]),
    );
    const deps = { ...world.deps, platforms: blind, seats: store };
    expect(await rebuildDeal(deps, DEALS.hubspot, new AbortController().signal)).toMatchObject({ seats: 2 });
  };
  const known = async () =>
    (await seatsIn(store))
      .filter(({ state }) => state !== 'ended')
      .map(({ code, state, code_state, contact_id, learner_email }) => [
        code,
        state,
        code_state,
        contact_id,
        learner_email,
      ]);

  test.each([
    ['learners, with codes kept', keepingSpare],
    ['learners, and the buyer for the rest', forLearners],
    ['the buyer', (example: Catalog) => example],
  ])('is rebuilt from deal, platform and contacts: seats of %s', async (_, catalog) => {
    await delivered(3, catalog);
    const before = await known();
    await store.clear();
    expect(await rebuild()).toMatchObject({ is: 'rebuilt', seats: before.length });
    expect(await known()).toEqual(before);
    const written = await events();
    expect(await rebuild()).toMatchObject({ is: 'there', seats: 0 });
    expect(await events()).toEqual(written);
  });

  test('learners used codes before the database was lost -> a rebuild knows it again', async () => {
    await delivered();
    const [code] = codesWith(LEE);
    world.sandbox.ti.state.redeem(code ?? '');
    await store.clear();
    await rebuild();
    expect((await seatsIn(store)).find((seat) => seat.code === code)).toMatchObject({
      state: 'redeemed',
      code_state: 'redeemed',
      contact_id: LEE,
    });
  });

  /** Lee lost the code and carries another one. Somebody used the lost one. */
  async function replacedCode() {
    await delivered(2);
    const [ofLee = ''] = codesWith(LEE);
    const lee = (await seatsIn(store)).find(({ contact_id: id }) => id === LEE);
    const at = new Date();
    const operation = await askNewCode(lee?.id ?? '', at);
    const make = async (_: string, seatCount: number) => {
      const [lms] = Object.values(world.deps.platforms);
      if (lms === undefined) throw new Error('there is no platform');
      const sold = await store.db.selectFrom('code_groups').selectAll().executeTakeFirstOrThrow();
      const token = 'd00000000000abcd';
      const label = replacementLabel(sold, token);
      const terms = { client: null, codesExpireAt: null, accessDays: null, accessUntil: null };
      const made = await lms.createGroup({
        ...terms,
        label,
        seatCount,
        codeLength: ofLee.length,
        grants: sold.grants,
      });
      const codes: RedemptionCode[] = [];
      await until('the codes are listed', async () => {
        codes.length = 0;
        for await (const page of lms.listCodes(made.id)) codes.push(...page);
        return codes.length === seatCount;
      });
      return { token, groupId: made.id, label, codes };
    };
    await drive(store, operation, { answer: 'done', at, make });
    const code = (await seatsIn(store)).find(({ contact_id: id }) => id === LEE)?.code ?? '';
    expect(code).not.toBe(ofLee);
    deal().setLink(LEE, (deal().links().get(LEE) ?? '').replace(ofLee, code));
    const { platform, issued } = await store.db
      .selectFrom('code_groups')
      .select(['platform', 'issued'])
      .where('purpose', '=', 'replacement')
      .executeTakeFirstOrThrow();
    world.sandbox.ti.state.redeem(ofLee);
    return { ofLee, code, platform, issued, at };
  }

  test.each([
    ['the database was lost', false],
    ['the database was lost and filled again with what was sold', true],
  ])(
    'a code was lost and replaced, then %s -> the new code is the seat again, the old one stays retired, and no other new code is used',
    async (_, isFilledAgain) => {
      const { ofLee, code, platform, issued, at } = await replacedCode();
      await store.clear();
      if (isFilledAgain) await rebuildWithoutReplacements();
      expect(await rebuild()).toMatchObject({
        is: 'rebuilt',
        seats: isFilledAgain ? 1 : 2,
        unsure: issued - 1,
      });
      const live = (await seatsIn(store)).filter(({ state }) => state !== 'ended');
      expect(live.map(({ contact_id: id }) => id).sort()).toEqual([LEE, null].sort());
      expect(live.find(({ contact_id: id }) => id === LEE)).toMatchObject({ code, state: 'exposed' });
      const old = await store.db
        .selectFrom('codes')
        .select(['state', 'retired_why'])
        .where('code_mac', 'in', store.vault.macsOf(ofLee))
        .execute();
      expect(old).toEqual([{ state: 'retired', retired_why: 'taken_back' }]);
      // It was used before the database was lost, so that is nothing new.
      const heard = { platform, code: ofLee, redeemedAt: null, userId: null, email: null };
      await recordRedemptions(store, [{ ...heard, from: 'list' }], at);
      expect(await readOpenFindings(store.db, { limit: 10 })).toEqual([]);
      expect(await rebuild()).toMatchObject({ is: 'there', seats: 0 });
      expect(await world.read(DEALS.hubspot)).toMatchObject({ kind: 'same' });
    },
  );

  test('the service begins anew with an empty database, and a learner comes to the deal -> the seats are there before anything is decided', async () => {
    const { code } = await replacedCode();
    await store.clear();
    const kim = addLearner();
    const deps = { ...world.deps, seats: store };
    const { planDeal } = createActivities({
      ...deps,
      rebuild: (ref, signal) => rebuildDeal(deps, ref, signal),
    });
    const reading = await new MockActivityEnvironment().run(planDeal, {
      deal: DEALS.hubspot,
      source: 'event' as const,
    });
    expect(reading).toMatchObject({ kind: 'more', plan: { learnerContactIds: [kim] } });
    const live = (await seatsIn(store)).filter(({ state }) => state !== 'ended');
    expect(live.map(({ contact_id: id, state }) => [id, state])).toEqual(
      expect.arrayContaining([
        [LEE, 'exposed'],
        [null, 'free'],
      ]),
    );
    expect(live.find(({ contact_id: id }) => id === LEE)?.code).toBe(code);
  });

  test('the learning platform no longer has the code group of a deal -> a rebuild says so, the deal is not held up, and the audit names its seats', async () => {
    await delivered();
    const { platform_group_id: groupId } = await store.db
      .selectFrom('code_groups')
      .select('platform_group_id')
      .executeTakeFirstOrThrow();
    await store.clear();
    world.sandbox.ti.state.removeGroup(groupId);
    const deps = { ...world.deps, seats: store };
    const done: unknown[] = [];
    const { planDeal } = createActivities({
      ...deps,
      rebuild: async (ref, signal) => done.push(await rebuildDeal(deps, ref, signal)),
    });
    for (const _ of ['the first reading', 'a later one']) {
      const read = { deal: DEALS.hubspot, source: 'event' as const };
      expect(await new MockActivityEnvironment().run(planDeal, read)).toMatchObject({ kind: 'same' });
    }
    expect(done).toEqual([expect.objectContaining({ is: 'rebuilt', seats: 0, unlisted: 3 })]);
    const audited = await auditSeats(deps, {
      limit: 10,
      maxRequests: 100,
      signal: new AbortController().signal,
    });
    expect(audited.findings.map(({ kind }) => kind)).toEqual(['audit.group_unknown', 'audit.seats_differ']);
  });

  test('someone edited the ledger on the deal -> no seats are rebuilt from it', async () => {
    await delivered();
    await store.clear();
    deal().set('ledger', (deal().field('ledger') ?? '').replace('"active":3', '"active":2'));
    expect(await rebuild()).toMatchObject({ is: 'unbelievable', seats: 0 });
    expect(await seatsIn(store)).toEqual([]);
  });
});

describe('The nightly audit of seats', () => {
  const audit = async (aheadMs = 0) => {
    const bounds = { limit: 10, maxRequests: 100, signal: new AbortController().signal };
    const now = () => world.deps.now() + aheadMs;
    const { findings } = await auditSeats({ ...world.deps, seats: store, now }, bounds);
    return findings.map(({ kind }) => kind);
  };
  const open = async () => (await readOpenFindings(store.db, { limit: 10 })).map(({ kind }) => kind).sort();

  test('deal, learning platform and database agree -> the audit finds nothing', async () => {
    await delivered();
    expect(await audit()).toEqual([]);
  });

  test('seats are missing from the database -> the audit says so once, with a cure, until it is put right', async () => {
    await delivered();
    await store.db.deleteFrom('seat_events').execute();
    await store.db.deleteFrom('seats').where('contact_id', 'is', null).execute();
    world.sandbox.ti.state.redeem(codesWith(LEE)[0] ?? '');
    const dayLater = 25 * 60 * 60_000;
    expect(await audit(dayLater)).toEqual(['audit.seats_differ', 'audit.redemption_missed']);
    expect(await audit(dayLater)).toEqual(['audit.seats_differ', 'audit.redemption_missed']);
    expect(await open()).toEqual(['audit.redemption_missed', 'audit.seats_differ']);
    const [finding] = await readOpenFindings(store.db, { limit: 1 });
    expect(finding).toMatchObject({ text: expect.any(String), cure: expect.any(String) });
    await store.db.updateTable('codes').set({ state: 'redeemed' }).execute();
    await audit();
    expect(await open()).toEqual(['audit.seats_differ']);
  });

  test('a code was used since the sync looked last -> the audit speaks of it only if the sync looks again and does not find it', async () => {
    await delivered();
    world.sandbox.ti.state.redeem(codesWith(LEE)[0] ?? '');
    expect(await audit()).toEqual([]);
    await store.db
      .updateTable('code_groups')
      .set({ redeemed_seen: 1, counted_at: new Date(world.deps.now()) })
      .execute();
    expect(await audit()).toEqual(['audit.redemption_missed']);
  });

  test('a deal is merged into another one -> its seats become those of the deal that lives on', async () => {
    await delivered();
    const { state } = world.sandbox.hubspot;
    const merged = state.createDeal(HUBSPOT_DEAL);
    await fillOrder(store, {
      deal: { ...DEALS.hubspot, dealId: merged },
      codes: [{ code: 'a-merged-code' }],
    });
    state.merge('deals', DEALS.hubspot.dealId, merged);
    expect(await audit()).toEqual([]);
    const orders = await store.db.selectFrom('orders').select(['id', 'deal_id', 'merged_into']).execute();
    const survivor = orders.find(({ deal_id: id }) => id === DEALS.hubspot.dealId);
    expect(orders.find(({ deal_id: id }) => id === merged)).toMatchObject({ merged_into: survivor?.id });
    const seats = await store.db.selectFrom('seats').select('order_id').execute();
    expect(seats.map(({ order_id: id }) => id)).toEqual(Array(4).fill(survivor?.id));
  });

  test('the ledger is emptied, and then the deal deleted -> the audit says what to do about each', async () => {
    await delivered();
    deal().set('ledger', '');
    expect(await audit()).toEqual(['audit.ledger_gone']);
    const { state } = world.sandbox.hubspot;
    state.records.archive(state.records.getLive('deals', DEALS.hubspot.dealId), 'CRM_UI');
    expect(await audit()).toEqual(['audit.deal_gone']);
    expect(await open()).toEqual(['audit.deal_gone']);
  });
});

describe('Seats whose codes were replaced', () => {
  /** Lee lost the code and was given a new one, of a small group that was made for that. */
  async function replaced() {
    const input = await handedOver();
    const ofLee = (await seatsIn(store)).find(({ contact_id: id }) => id === LEE);
    const at = new Date();
    const operation = await askNewCode(ofLee?.id ?? '', at);
    await drive(store, operation, { answer: 'done', at });
    const code = (await seatsIn(store)).find(({ contact_id: id }) => id === LEE)?.code ?? '';
    expect(code).not.toBe(ofLee?.code);
    deal().setLink(LEE, (deal().links().get(LEE) ?? '').replace(ofLee?.code ?? '', code));
    return { ...input, code };
  }

  test('all seats of the deal are withdrawn -> replaced seats end as well, their link goes, and their codes stand in the file of withdrawn codes', async () => {
    const { plan, groups, deal: ref, hold, code } = await replaced();
    const one = withdrawalOfOneSeat(plan, groups);
    const withdrawal = { ...one, groups: one.groups.map((group) => ({ ...group, seatCount: 0 })) };
    world.fail({
      system: 'hubspot',
      method: 'POST',
      path: /^\/files/,
      kind: 'status',
      status: 500,
      times: 9,
    });
    await failureOf(world.run('withdrawSeats', { deal: ref, hold, withdrawal }));
    world.sandbox.faults.clear();
    await world.run('withdrawSeats', { deal: ref, hold, withdrawal }, { attempt: 2 });
    expect((await seatsIn(store)).filter(({ state }) => state !== 'ended')).toEqual([]);
    const codes = await store.db.selectFrom('codes').select(['code_enc', 'state', 'retired_why']).execute();
    expect(codes.filter(({ state }) => state !== 'retired')).toEqual([]);
    expect(deal().links().get(LEE) ?? '').toBe('');
    const all = codes.map(({ code_enc: enc }) => store.vault.open(enc)).sort();
    expect(all).toContain(code);
    expect(codesInFile(deal().files()[0])).toEqual(all);
  });

  test('some seats of the deal are withdrawn -> free seats go first, and the replaced one stays', async () => {
    const { plan, groups, deal: ref, hold, code } = await replaced();
    const one = withdrawalOfOneSeat(plan, groups);
    const withdrawal = { ...one, groups: one.groups.map((group) => ({ ...group, seatCount: 1 })) };
    await world.run('withdrawSeats', { deal: ref, hold, withdrawal });
    const live = (await seatsIn(store)).filter(({ state }) => state !== 'ended');
    expect(live).toMatchObject([{ contact_id: LEE, code }]);
    expect(deal().links().get(LEE)).toContain(code);
  });
});

describe('Steps that are interrupted', () => {
  test('a withdrawal fails in the CRM -> the seat has ended in the database by then, and a repeat goes on', async () => {
    world = await openWorld({ seats: store, catalog: keepingSpare });
    setSeats(3);
    const { plan, groups, ...under } = await world.prepareMessages('hubspot');
    const withdrawal = withdrawalOfOneSeat(plan, groups);
    world.fail({
      system: 'hubspot',
      method: 'POST',
      path: /^\/files/,
      kind: 'status',
      status: 500,
      times: 9,
    });
    await failureOf(world.run('withdrawSeats', { ...under, withdrawal }));
    const ended = (await seatsIn(store)).filter(({ state }) => state === 'ended');
    expect(ended).toMatchObject([{ ended_why: 'withdrawn', code_state: 'retired', contact_id: null }]);
    world.sandbox.faults.clear();
    const before = await events();
    await world.run('withdrawSeats', { ...under, withdrawal });
    expect(await events()).toEqual(before);
    expect(codesInFile(deal().files()[0])).not.toContain(ended[0]?.code);
  });

  test('the database of seats is away -> nothing is handed out before it is back', async () => {
    const away = () => {
      throw new DealseatError({
        code: 'store.unavailable',
        message: 'The database of seats cannot be reached',
      });
    };
    const db = new Proxy(store.db, { get: () => away });
    world = await openWorld({ seats: { ...store, db }, catalog: forLearners });
    setSeats(3);
    const failure = await failureOf(world.run('attachRoster', await world.prepare('hubspot')));
    expect(failure).toMatchObject({ code: 'store.unavailable', nonRetryable: false });
    expect([deal().files(), deal().links().size]).toEqual([[], 0]);
  });
});
