import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { again, delivered, handingOver } from '../support/delivered-deals.ts';
import { drive } from '../support/drive-operation.ts';
import { codesMade, hubspotEvidence } from '../support/evidence.ts';
import { openRig } from '../support/rig.ts';
import { openSeatStore, seatsIn, type TestSeatStore } from '../support/seat-store.ts';

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
