import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Catalog } from '../../src/domain/deal/catalog.ts';
import { DealseatError } from '../../src/domain/failure.ts';
import { deliveredLedger } from '../../src/domain/planning/ledger-after.ts';
import { rebuildDeal } from '../../src/runs/rebuild-seats.ts';
import { codesMade } from '../support/evidence.ts';
import { openSeatStore, seatsIn, type TestSeatStore } from '../support/seat-store.ts';
import { withdrawalOfOneSeat } from '../support/withdrawal.ts';
import { codesInFile, seenDeal } from './seen-deal.ts';
import { DEALS, failureOf, forLearners, openWorld, type World } from './world.ts';

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

/** A deal of so many seats that is delivered to Lee. */
async function delivered(seats = 3, catalog = keepingSpare) {
  world = await openWorld({ seats: store, catalog });
  setSeats(seats);
  const input = await world.prepareMessages('hubspot');
  await world.run('sendMessages', input);
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

describe('the seat store after a hand-over', () => {
  test('to the buyer has every code as handed out, and a second attempt changes nothing', async () => {
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

describe('who has which code is decided in the store', () => {
  test('a link that is copied into the field of another learner goes from it, and gives no seat', async () => {
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

  test('a link that a contact who is no learner was given by hand goes from it', async () => {
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

  test('a learner who comes later gets a free seat without a look at the roster', async () => {
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

  test('contacts that are merged keep one seat under the one that lives on', async () => {
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

  test('who was made anew under the same address keeps the seat', async () => {
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

describe('a learner who comes to a delivered deal in the place of another', () => {
  const takeOff = (contactId: string) => {
    const { state } = world.sandbox.hubspot;
    state.associations.unlink(
      { object: 'deals', id: DEALS.hubspot.dealId },
      { object: 'contacts', id: contactId },
    );
  };

  test('gets a code of their own, and the code of the one who left is retired', async () => {
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
    expect(await world.read(DEALS.hubspot)).toMatchObject({ kind: 'same' });
  });

  test('is asked about when the one who left uses the seat already', async () => {
    await delivered(1);
    await store.db.updateTable('seats').set({ state: 'redeemed' }).where('contact_id', '=', LEE).execute();
    takeOff(LEE);
    addLearner();
    expect(await world.read(DEALS.hubspot)).toMatchObject({
      kind: 'blocked',
      problems: [{ code: 'deal.seat_in_use', message: expect.stringContaining(`contact ${LEE}`) }],
    });
  });
});

test('a group whose making is undone has no seats any more, and has them again when a run uses it after all', async () => {
  world = await openWorld({ seats: store, catalog: keepingSpare });
  setSeats(3);
  const handOver = await world.prepare('hubspot');
  await world.run('attachRoster', handOver);
  const { deal: ref, hold, plan } = handOver;
  const [group] = plan.groups;
  const undo = { deal: ref, hold, ownerId: null, groupId: null, lookUpMs: 0, lookUpIntervalMs: 20 };
  await world.run('quarantineCodeGroup', { ...undo, group: group ?? { token: '', label: '', platform: '' } });
  expect(new Set((await seatsIn(store)).map(({ ended_why: why }) => why))).toEqual(new Set(['cancelled']));
  await world.run('attachRoster', handOver);
  expect((await seatsIn(store)).filter(({ state }) => state !== 'ended')).toHaveLength(3);
});

describe('a database that was lost', () => {
  const rebuild = () =>
    rebuildDeal({ ...world.deps, seats: store }, DEALS.hubspot, new AbortController().signal);
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

  test('knows again which codes were redeemed', async () => {
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

  test('is not rebuilt from a ledger that somebody has edited', async () => {
    await delivered();
    await store.clear();
    deal().set('ledger', (deal().field('ledger') ?? '').replace('"active":3', '"active":2'));
    expect(await rebuild()).toMatchObject({ is: 'unbelievable', seats: 0 });
    expect(await seatsIn(store)).toEqual([]);
  });
});

test('a withdrawn seat ends in the store before anything is taken from people', async () => {
  world = await openWorld({ seats: store, catalog: keepingSpare });
  setSeats(3);
  const { plan, groups, ...under } = await world.prepareMessages('hubspot');
  const withdrawal = withdrawalOfOneSeat(plan, groups);
  world.fail({ system: 'hubspot', method: 'POST', path: /^\/files/, kind: 'status', status: 500, times: 9 });
  await failureOf(world.run('withdrawSeats', { ...under, withdrawal }));
  const ended = (await seatsIn(store)).filter(({ state }) => state === 'ended');
  expect(ended).toMatchObject([{ ended_why: 'withdrawn', code_state: 'retired', contact_id: null }]);
  world.sandbox.faults.clear();
  const before = await events();
  await world.run('withdrawSeats', { ...under, withdrawal });
  expect(await events()).toEqual(before);
  expect(codesInFile(deal().files()[0])).not.toContain(ended[0]?.code);
});

test('while the store is away nothing is handed out', async () => {
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
