import { describe, expect, test } from '@jest/globals';
import { MISSING_SCOPE } from '../../sandbox/hubspot/refusals.ts';
import { again, BOSS, delivered, setQuantity, setStage, toLearners } from '../support/delivered-deals.ts';
import { codesMade, hubspotEvidence } from '../support/evidence.ts';
import { openRig } from '../support/rig.ts';
import type { SandboxTenant, StartedDeal } from '../support/sandbox-tenant.ts';

const rig = openRig();

const LEE = '6002';

/** The codes that a contact's link field names, in the field's order. */
function codesWith({ sandbox }: SandboxTenant, contactId: string): string[] {
  const field = sandbox.hubspot.state.valuesOf('contacts', contactId).dealseat_redeem_link ?? '';
  return field.split('\n').flatMap((line) => line.split('/').at(-1) || []);
}

/** The codes in the mails to one address, mail by mail. */
function codesMailedTo({ sandbox }: SandboxTenant, address: string): string[][] {
  return sandbox.outbox.mails
    .filter(({ to }) => to === address)
    .map((mail) => codesMade(sandbox).filter((code) => JSON.stringify(mail).includes(code)));
}

/** Which of a deal's codes are not in its roster file. */
function givenOf({ sandbox }: SandboxTenant, deal: StartedDeal): string[] {
  const ids = new Set(
    sandbox.ti.state.groups
      .filter(({ label }) => hubspotEvidence(sandbox, deal).fields.group_label?.split(', ').includes(label))
      .map(({ id }) => id),
  );
  const spare = new Set(hubspotEvidence(sandbox, deal).rosters.flat());
  return sandbox.ti.state.codes
    .filter(({ groupId, code }) => ids.has(groupId) && !spare.has(code))
    .map(({ code }) => code)
    .sort();
}

describe('A learner of two deals', () => {
  test.concurrent('holds a link of each, and each mail has the link of its own deal', () =>
    rig.withSandbox({ catalog: toLearners }, async (tenant) => {
      const first = await delivered(tenant);
      const second = await delivered(tenant);
      const [ofFirst, ofSecond] = [givenOf(tenant, first), givenOf(tenant, second)];
      expect([ofFirst, ofSecond]).toEqual([[expect.any(String)], [expect.any(String)]]);
      expect(codesWith(tenant, LEE)).toEqual([...ofFirst, ...ofSecond]);
      expect(codesMailedTo(tenant, 'lee.park@acme.example')).toEqual([ofFirst, ofSecond]);

      setQuantity(tenant, first, 4);
      await again(tenant, first);
      expect(codesWith(tenant, LEE)).toEqual([...ofFirst, ...ofSecond]);
      expect(givenOf(tenant, first)).toEqual(ofFirst);
    }));

  test.concurrent('keeps the link of the first when the second is undone', () =>
    rig.withSandbox({ catalog: toLearners }, async (tenant) => {
      await delivered(tenant);
      const before = codesWith(tenant, LEE);
      tenant.sandbox.faults.add({
        system: 'hubspot',
        method: 'POST',
        path: /^\/files\/v3\/files$/,
        ...MISSING_SCOPE,
      });
      const second = await tenant.startHubSpot();
      await tenant.waitForStatus(second.id, 'NeedsAttention');
      expect(codesWith(tenant, LEE)).toHaveLength(2);
      await tenant.console.cancel(second.id, BOSS);
      expect((await tenant.resultOf(second.id)).status).toBe('Cancelled');
      expect(codesWith(tenant, LEE)).toEqual(before);
    }));

  test.concurrent('loses the link of the deal that is lost, and no other', () =>
    rig.withSandbox({ catalog: toLearners }, async (tenant) => {
      const first = await delivered(tenant);
      const second = await delivered(tenant);
      const ofSecond = givenOf(tenant, second);
      setStage(tenant, first, 'closedlost');
      await tenant.provision(tenant.ref('hubspot', first.dealId));
      await tenant.answer(first.id, 'withdraw', BOSS);
      expect((await tenant.resultOf(first.id)).status).toBe('Cancelled');
      expect(codesWith(tenant, LEE)).toEqual(ofSecond);
    }));
});

describe('A learner who is a learner of the deal no more', () => {
  const KIM = { email: 'kim.doe@acme.example', firstName: 'Kim', lastName: 'Doe' };

  test.concurrent('keeps the code, which goes to nobody else', () =>
    rig.withSandbox({ catalog: toLearners }, async (tenant) => {
      const deal = await delivered(tenant);
      const { state } = tenant.sandbox.hubspot;
      const [ofLee] = codesWith(tenant, LEE);
      state.associations.unlink({ object: 'deals', id: deal.dealId }, { object: 'contacts', id: LEE });
      state.addContact(deal.dealId, LEE);
      const kim = state.createContact(KIM);
      state.addContact(deal.dealId, kim, ['Learner']);
      setQuantity(tenant, deal, 4);
      expect((await again(tenant, deal)).status).toBe('Delivered');
      const [ofKim] = codesWith(tenant, kim);
      expect(codesWith(tenant, LEE)).toEqual([ofLee]);
      expect(ofKim).not.toBe(ofLee);
      expect(codesMailedTo(tenant, KIM.email)).toEqual([[ofKim]]);
      expect(givenOf(tenant, deal)).toEqual([ofKim, ofLee].sort());
    }));

  test.concurrent('is told of when no other code is free, and taking the link away frees none', () =>
    rig.withSandbox({ catalog: toLearners }, async (tenant) => {
      const deal = await delivered(tenant, {
        lineItems: [
          { name: 'Leadership Essentials', sku: 'LEAD-101', quantity: 1 },
          { name: 'Manager Track', sku: 'TRACK-MGR', quantity: 1 },
        ],
      });
      const { state } = tenant.sandbox.hubspot;
      const kim = state.createContact(KIM);
      state.associations.unlink({ object: 'deals', id: deal.dealId }, { object: 'contacts', id: LEE });
      state.addContact(deal.dealId, LEE);
      state.addContact(deal.dealId, kim, ['Learner']);
      setQuantity(tenant, deal, 2);
      await tenant.provision(tenant.ref('hubspot', deal.dealId));
      const { problems, question } = await tenant.waitForStatus(deal.id, 'NeedsAttention');
      expect(problems).toMatchObject([{ code: 'deal.too_few_seats' }]);
      expect(problems[0]?.message).toContain(LEE);
      const ofLee = codesWith(tenant, LEE);
      expect(ofLee).toHaveLength(2);
      for (const code of ofLee) expect(problems[0]?.message).not.toContain(code);
      state.edit('contacts', LEE, { dealseat_redeem_link: '' });
      await tenant.answer(deal.id, 'retry', BOSS);
      await tenant.waitForProgress(
        deal.id,
        (progress) =>
          progress.problems[0]?.code === 'deal.too_few_seats' && progress.question?.id !== question?.id,
      );
      expect(codesWith(tenant, kim)).toEqual([]);
      setQuantity(tenant, deal, 2, 2);
      await tenant.answer(deal.id, 'retry', BOSS);
      expect((await tenant.resultOf(deal.id)).status).toBe('Delivered');
      expect(codesWith(tenant, kim)).toHaveLength(2);
      expect(codesWith(tenant, kim).filter((code) => ofLee.includes(code))).toEqual([]);
    }));
});
