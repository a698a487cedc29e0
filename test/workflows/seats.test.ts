import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { again, delivered, handingOver } from '../support/delivered-deals.ts';
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
