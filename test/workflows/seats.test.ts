import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { again, BOSS, delivered, handingOver, setStage, untilAsked } from '../support/delivered-deals.ts';
import { drive } from '../support/drive-operation.ts';
import { codesMade, hubspotEvidence } from '../support/evidence.ts';
import { openRig } from '../support/rig.ts';
import { openSeatStore, seatsIn, type TestSeatStore } from '../support/seat-store.ts';
import { until } from '../support/until.ts';

const rig = openRig();
const LEE = '6002';
const ONE_SEAT = { lineItems: [{ name: 'Leadership Essentials', sku: 'LEAD-101', quantity: 1 }] };

let seats: TestSeatStore;
beforeAll(async () => {
  seats = await openSeatStore();
});
afterAll(() => seats.close());

test('a learner who takes the place of another gets a mail with a new code, and the deal keeps its number of seats', () =>
  rig.withSandbox(
    { catalog: handingOver({ to: 'learners', leftOver: 'laterLearners' }), seats },
    async (tenant) => {
      const deal = await delivered(tenant, ONE_SEAT);
      const { state } = tenant.sandbox.hubspot;
      const [ofLee] = codesMade(tenant.sandbox);
      state.associations.unlink({ object: 'deals', id: deal.dealId }, { object: 'contacts', id: LEE });
      const kim = state.createContact({ email: 'kim@acme.example', firstName: 'Kim', lastName: 'Doe' });
      state.addContact(deal.dealId, kim, ['Learner']);
      expect(await again(tenant, deal)).toMatchObject({ status: 'Delivered', seatCount: 1 });
      const [ofKim] = codesMade(tenant.sandbox).filter((code) => code !== ofLee);
      const mails = tenant.sandbox.outbox.mails.filter(({ to }) => to === 'kim@acme.example');
      expect(mails.map((mail) => JSON.stringify(mail).includes(ofKim ?? '-'))).toEqual([true]);
      expect(state.valuesOf('contacts', LEE).dealseat_redeem_link ?? '').toBe('');
      expect(hubspotEvidence(tenant.sandbox, deal).fields.seats).toBe('1');
      const known = (await seatsIn(seats)).map(({ code, state: its, contact_id: id }) => [code, its, id]);
      expect(known.sort()).toEqual(
        [
          [ofLee, 'ended', LEE],
          [ofKim, 'exposed', kim],
        ].sort(),
      );
      expect((await again(tenant, deal)).status).toBe('Delivered');
      expect(codesMade(tenant.sandbox)).toHaveLength(2);
    },
  ));

/** Lee uses the only seat and was taken off the deal, and Kim came: the run that waits for a decision. */
async function inUse(tenant: Parameters<Parameters<typeof rig.withSandbox>[1]>[0]) {
  await seats.clear();
  const deal = await delivered(tenant, ONE_SEAT);
  const { state } = tenant.sandbox.hubspot;
  await seats.db.updateTable('seats').set({ state: 'redeemed' }).where('contact_id', '=', LEE).execute();
  state.associations.unlink({ object: 'deals', id: deal.dealId }, { object: 'contacts', id: LEE });
  const kim = state.createContact({ email: 'kim@acme.example', firstName: 'Kim', lastName: 'Doe' });
  state.addContact(deal.dealId, kim, ['Learner']);
  const id = await tenant.report(tenant.ref('hubspot', deal.dealId));
  return { deal, kim, id };
}

const KEEPING = { catalog: handingOver({ to: 'learners', leftOver: 'laterLearners' }) } as const;
const detailOf = (...args: Parameters<typeof hubspotEvidence>) => hubspotEvidence(...args).fields.detail;

test('a seat in use is approved for the newcomer: it is taken back once, and the newcomer gets a mail with a new code', () =>
  rig.withSandbox({ ...KEEPING, seats }, async (tenant) => {
    const { kim, id } = await inUse(tenant);
    await tenant.answer(id, 'approve', { by: 'ana', reason: 'Lee left' });
    const asked = () => seats.db.selectFrom('operations').selectAll().execute();
    let operations = await asked();
    while (operations.length === 0) {
      await pause(20);
      operations = await asked();
    }
    for (const operation of operations) await drive(seats, operation, { answer: 'done', at: new Date() });
    expect(await tenant.resultOf(id)).toMatchObject({ status: 'Delivered', seatCount: 1 });
    expect(await asked()).toMatchObject([
      { kind: 'reassign', actor_name: 'ana', reason: 'Lee left', state: 'done' },
    ]);
    const live = (await seatsIn(seats)).filter(({ state }) => state !== 'ended');
    expect(live).toMatchObject([{ contact_id: kim, state: 'exposed' }]);
    const mails = tenant.sandbox.outbox.mails.filter(({ to }) => to === 'kim@acme.example');
    expect(mails.map((mail) => JSON.stringify(mail).includes(live[0]?.code ?? '-'))).toEqual([true]);
  }));

test('a seat in use is left to who left the deal: the deal says so, and asks nothing the next time', () =>
  rig.withSandbox({ ...KEEPING, seats }, async (tenant) => {
    const { deal, id } = await inUse(tenant);
    await tenant.answer(id, 'reject', { by: 'ana', reason: 'Lee goes on' });
    await tenant.resultOf(id);
    expect(detailOf(tenant.sandbox, deal)).toMatch(
      /No seat for Kim Doe.*: Lee Park.* keeps the seat\..*Rejected by ana/s,
    );
    const next = await tenant.report(tenant.ref('hubspot', deal.dealId));
    expect(await tenant.resultOf(next)).toMatchObject({ status: 'Delivered' });
    expect(await seats.db.selectFrom('operations').selectAll().execute()).toEqual([]);
  }));

test('swapInUse keeps the seat without asking anyone', () =>
  rig.withSandbox(
    { catalog: (example) => ({ ...KEEPING.catalog(example), swapInUse: 'keep' }), seats },
    async (tenant) => {
      const { deal, id } = await inUse(tenant);
      await tenant.resultOf(id);
      expect(detailOf(tenant.sandbox, deal)).toMatch(/keeps the seat\./);
    },
  ));

test('the platform refuses the swap: the run looks again by itself with one act and one task, and a retry makes another act', () =>
  rig.withSandbox({ ...KEEPING, seats, policy: { lookAgainMs: 200 } }, async (tenant) => {
    const { deal, id } = await inUse(tenant);
    await tenant.answer(id, 'approve', { by: 'ana', reason: 'Lee left' });
    const asked = () => seats.db.selectFrom('operations').selectAll().orderBy('asked_at').execute();
    const drivenTo = async (answer: 'done' | 'refused', count: number) => {
      await until('the operation is asked for', async () => (await asked()).length === count);
      const operation = (await asked()).at(-1);
      if (operation !== undefined) await drive(seats, operation, { answer, at: new Date() });
    };
    const tries = async () =>
      (await tenant.historyOf(id)).events?.filter(
        ({ activityTaskScheduledEventAttributes: scheduled }) =>
          scheduled?.activityType?.name === 'swapSeats',
      ).length ?? 0;
    await drivenTo('refused', 1);
    await tenant.waitForProgress(id, ({ problems }) => problems[0]?.code === 'seat.swap_refused');
    const helpTasks = () =>
      hubspotEvidence(tenant.sandbox, deal).tasks.filter((subject) => subject.includes('needs your help'));
    await until('the run has tried twice more by itself', async () => (await tries()) >= 3);
    expect(await asked()).toHaveLength(1);
    expect(helpTasks()).toHaveLength(1);
    await tenant.answer(id, 'retry');
    await drivenTo('done', 2);
    expect(await tenant.resultOf(id)).toMatchObject({ status: 'Delivered' });
  }));

test('a deal is lost while a learner uses a seat: the deal says that access may be left', () =>
  rig.withSandbox({ ...KEEPING, seats }, async (tenant) => {
    await seats.clear();
    const deal = await delivered(tenant, ONE_SEAT);
    await seats.db.updateTable('seats').set({ state: 'redeemed' }).execute();
    setStage(tenant, deal, 'closedlost');
    await untilAsked(tenant, deal);
    await tenant.answer(deal.id, 'withdraw', BOSS);
    expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Cancelled', seatCount: 0 });
    expect(detailOf(tenant.sandbox, deal)).toMatch(
      /1 seat withdrawn by boss.*\n1 learner of ended seats may still have access\. A task for the owner will ask/s,
    );
  }));
