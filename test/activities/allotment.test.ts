import { afterEach, describe, expect, test } from '@jest/globals';
import type { HandOverInput, SendMessagesInput } from '../../src/contracts/activities.ts';
import { deliveredLedger } from '../../src/domain/planning/ledger-after.ts';
import { codesMade } from '../support/evidence.ts';
import { withdrawalOfOneSeat } from '../support/withdrawal.ts';
import { codesInFile, seenDeal } from './seen-deal.ts';
import { clearingLinks, DEALS, failureOf, forLearners, openWorld, type World } from './world.ts';

/** One code goes to one person, whatever happens to deal, people and catalog between two hand-overs. */
let world: World;
afterEach(() => world.close());

const LEE = '6002';
const deal = () => seenDeal(world.sandbox, 'hubspot');

function setSeats(quantity: number): void {
  const { state } = world.sandbox.hubspot;
  const [line] = state.associations.linked({ object: 'deals', id: DEALS.hubspot.dealId }, 'line_items');
  state.edit('line_items', line?.id ?? '', { quantity });
}

/** A learner who comes to the deal later. */
function addLearner(firstName = 'Kim'): string {
  const { state } = world.sandbox.hubspot;
  const id = state.createContact({ email: `${firstName}@acme.example`, firstName, lastName: 'Doe' });
  state.addContact(DEALS.hubspot.dealId, id, ['Learner']);
  return id;
}

/** The codes in the links that a contact carries. */
function codesWith(contactId: string): string[] {
  const field = deal().links().get(contactId) ?? '';
  return codesMade(world.sandbox).filter((code) => field.includes(code));
}

function mailed(): string {
  return JSON.stringify(world.sandbox.outbox.mails);
}

/** What was ever brought to the buyer in a roster or a mail. */
function codesOut(): string[] {
  return codesMade(world.sandbox).filter(
    (code) =>
      mailed().includes(code) ||
      deal()
        .files()
        .some((file) => codesInFile(file).includes(code)),
  );
}

/** A deal of three seats that is delivered to Lee, with two codes for the buyer. */
async function delivered(): Promise<SendMessagesInput> {
  world = await openWorld({ catalog: forLearners });
  setSeats(3);
  const input = await world.prepareMessages('hubspot');
  await world.run('sendMessages', input);
  await mark(input);
  return input;
}

async function mark({ deal: ref, hold, plan, groups, roster }: SendMessagesInput): Promise<void> {
  const ledger = deliveredLedger(plan, groups, roster);
  const write = { what: 'mark', status: 'Delivered', detail: '', facts: null, ledger } as const;
  await world.run('writeRecord', { deal: ref, hold, write });
}

describe('a learner who comes after the delivery', () => {
  test('gets a code of the seats that were added, none that the buyer was ever brought', async () => {
    await delivered();
    const [before, ofLee] = [codesOut(), codesWith(LEE)];
    const kim = addLearner();
    setSeats(4);
    const amended = await world.prepare('hubspot');
    expect(amended.plan).toMatchObject({ isAmendment: true, addedSeats: 1 });
    await world.prepareToSend(amended);
    const [ofKim] = codesWith(kim);
    expect(ofKim).toBeDefined();
    expect(before).not.toContain(ofKim);
    expect(codesWith(LEE)).toEqual(ofLee);
    expect(codesInFile(deal().files()[0])).toHaveLength(2);
  });

  test('is told of when too few seats were added, and gets nobody’s code', async () => {
    await delivered();
    const [kim, jo] = [addLearner(), addLearner('Jo')];
    setSeats(4);
    const amended = await world.prepare('hubspot');
    const failure = await failureOf(world.run('attachRoster', amended));
    expect(failure).toMatchObject({ code: 'deal.too_few_seats', nonRetryable: true });
    expect(failure.message).toContain('1 code that no one was given, for 2 learners');
    for (const code of codesMade(world.sandbox)) expect(failure.message).not.toContain(code);
    expect([codesWith(kim), codesWith(jo)]).toEqual([[], []]);
  });
});

describe('a changed template of the links', () => {
  test('takes no code from who has it, and gives it to nobody else', async () => {
    await delivered();
    const ofLee = deal().links().get(LEE);
    world.setCatalog((catalog) => ({
      ...catalog,
      redeemUrl: 'https://learn.vendor.example/welcome?code={code}',
    }));
    const kim = addLearner();
    setSeats(4);
    await world.prepareToSend(await world.prepare('hubspot'));
    // The link was mailed as it is, and works.
    expect(deal().links().get(LEE)).toBe(ofLee);
    expect(deal().links().get(kim)).toContain('/welcome?code=');
    expect(codesWith(kim)).toHaveLength(1);
    expect(codesWith(kim)).not.toEqual(codesWith(LEE));
    const spare = codesInFile(deal().files()[0]);
    expect([...spare, ...codesWith(LEE), ...codesWith(kim)].sort()).toEqual(codesMade(world.sandbox));
  });

  test('does not keep the undo from finding the old links', async () => {
    world = await openWorld({ catalog: forLearners });
    const { plan, groups, ...under } = await world.prepare('hubspot');
    await world.run('attachRoster', { plan, groups, ...under });
    const redeemUrl = 'https://learn.vendor.example/welcome?code={code}';
    await world.run('clearRedeemLinks', {
      ...under,
      contactIds: plan.carriers.present,
      groups: groups.map((group) => ({ ...group, redeemUrl })),
    });
    expect(deal().links().size).toBe(0);
  });
});

describe('a learner with a code whom the CRM does not show for a moment', () => {
  const hideLee = () => {
    const { faults } = world.sandbox;
    const leftOut = { status: 'COMPLETE', results: [], startedAt: STARTED, completedAt: STARTED };
    faults.add({
      system: 'hubspot',
      path: /contacts\/batch\/read$/,
      kind: 'status',
      status: 200,
      body: leftOut,
      times: 100,
    });
    faults.add({ system: 'hubspot', path: /contacts\/6002$/, kind: 'status', status: 403, times: 100 });
    return () => faults.clear();
  };
  const STARTED = '2026-11-20T09:00:00.000Z';

  test('keeps it, and nobody is given one before she is seen again', async () => {
    await delivered();
    const ofLee = codesWith(LEE);
    const kim = addLearner();
    setSeats(4);
    const amended = await world.prepare('hubspot');
    const show = hideLee();
    expect(await failureOf(world.prepareToSend(amended))).toMatchObject({ code: 'crm.forbidden' });
    expect(codesWith(kim)).toEqual([]);
    show();
    await world.prepareToSend(amended);
    expect(codesWith(LEE)).toEqual(ofLee);
    expect(codesWith(kim)).toHaveLength(1);
  });

  test('does not lose it to a withdrawal of other seats', async () => {
    world = await openWorld({ catalog: forLearners });
    setSeats(3);
    const { plan, groups, ...under } = await world.prepareMessages('hubspot');
    const ofLee = codesWith(LEE);
    const withdrawal = withdrawalOfOneSeat(plan, groups);
    const show = hideLee();
    expect(await failureOf(world.run('withdrawSeats', { ...under, withdrawal }))).toMatchObject({
      code: 'crm.forbidden',
    });
    show();
    await world.run('withdrawSeats', { ...under, withdrawal });
    expect(codesWith(LEE)).toEqual(ofLee);
  });

  test('keeps an undo from saying that her link was taken back', async () => {
    world = await openWorld({ catalog: forLearners });
    const prepared = await world.prepare('hubspot');
    await world.run('attachRoster', prepared);
    const show = hideLee();
    expect(await failureOf(world.run('clearRedeemLinks', clearingLinks(prepared)))).toMatchObject({
      code: 'crm.forbidden',
    });
    show();
    await world.run('clearRedeemLinks', clearingLinks(prepared));
    expect(deal().links().size).toBe(0);
  });
});

test('who was delivered to stays the audience when the catalog names another one', async () => {
  world = await openWorld();
  setSeats(3);
  const input = await world.prepareMessages('hubspot');
  await world.run('sendMessages', input);
  await mark(input);
  world.setCatalog(forLearners);
  setSeats(4);
  const { plan } = await world.readMore(DEALS.hubspot);
  expect(plan).toMatchObject({ audience: 'buyer', learnerContactIds: [] });
});

describe('a hand-over that another run began', () => {
  /** Its messages may be out, and it was ended before it could say so. A learner comes before the next run. */
  async function resumed(seats: number): Promise<{ readonly handOver: HandOverInput; readonly kim: string }> {
    world = await openWorld({ catalog: forLearners });
    setSeats(seats);
    await world.run('sendMessages', await world.prepareMessages('hubspot'));
    const kim = addLearner();
    const handOver = await world.prepare('hubspot');
    expect(handOver.plan.groups).toMatchObject([{ existing: { isNew: true } }]);
    return { handOver: { ...handOver, isRosterOut: true }, kim };
  }

  test('gives each learner the same code again', async () => {
    world = await openWorld({ catalog: forLearners });
    setSeats(3);
    await world.run('sendMessages', await world.prepareMessages('hubspot'));
    const [ofLee, roster] = [codesWith(LEE), deal().files()];
    await world.prepareToSend({ ...(await world.prepare('hubspot')), isRosterOut: true });
    expect(codesWith(LEE)).toEqual(ofLee);
    expect(deal().files()).toEqual(roster);
  });

  test.each([
    ['is on the deal', () => undefined],
    ['is gone', () => deal().removeFiles()],
    ['is no table any more', () => deal().files()[0]?.fill('"')],
    ['was saved with other separators', () => semicolons(deal().files()[0])],
  ])(
    'gives a newcomer no code of its roster, which may be with the buyer, when that %s',
    async (_, change) => {
      const { handOver, kim } = await resumed(3);
      change();
      const failure = await failureOf(world.run('attachRoster', handOver));
      expect(failure).toMatchObject({ code: 'deal.too_few_seats' });
      expect(codesWith(kim)).toEqual([]);
    },
  );

  test('gives a newcomer a code of the seats that were added since', async () => {
    const { kim } = await resumed(3);
    const before = codesOut();
    setSeats(4);
    const handOver = { ...(await world.prepare('hubspot')), isRosterOut: true };
    await world.prepareToSend(handOver);
    expect(codesWith(kim)).toHaveLength(1);
    expect(before).not.toContain(codesWith(kim)[0]);
  });

  test('may give its spare codes to newcomers while no message was tried', async () => {
    world = await openWorld({ catalog: forLearners });
    setSeats(3);
    await world.prepareMessages('hubspot');
    const kim = addLearner();
    const handOver = await world.prepare('hubspot');
    await world.prepareToSend(handOver);
    expect(codesWith(kim)).toHaveLength(1);
    expect(codesInFile(deal().files()[0])).toHaveLength(1);
  });
});

/** As a spreadsheet of another country saves a table. */
function semicolons(file: Buffer | undefined): void {
  for (const [index, byte] of (file ?? Buffer.alloc(0)).entries()) {
    if (byte === ','.charCodeAt(0)) file?.write(';', index);
  }
}
