import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { groupToken, rosterToken } from '../../src/domain/deal/ids.ts';
import { again, delivered, ledgerOf, setQuantity, toLearners } from '../support/delivered-deals.ts';
import { codesMade, hubspotEvidence } from '../support/evidence.ts';
import { openRig } from '../support/rig.ts';
import { HUBSPOT_DEAL, type SandboxTenant, type StartedDeal } from '../support/sandbox-tenant.ts';

const rig = openRig();

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const OPEN_STAGE = 'appointmentscheduled';

/** What a salesperson could write into the ledger field of a deal of his own. */
function writeLedger({ sandbox }: SandboxTenant, dealId: string, ledger: object): void {
  sandbox.hubspot.state.edit('deals', dealId, { dealseat_ledger: JSON.stringify(ledger) });
}

/** A deal that is not won yet, with a buyer of its own. */
function attackersDeal({ sandbox }: SandboxTenant): string {
  return sandbox.hubspot.state.createDeal({
    ...HUBSPOT_DEAL,
    name: 'Mine',
    stage: OPEN_STAGE,
    contacts: [{ id: '6666', email: 'mallory@evil.example', firstName: 'Mallory', labels: ['Buyer'] }],
  });
}

function ownGroup(tenant: SandboxTenant, dealId: string, group: string) {
  const { account } = tenant.ref('hubspot', dealId);
  const ref = { crm: 'hubspot', account, dealId };
  const token = groupToken(ref, { platform: 'ti', productKey: 'sku:lead-101', part: 1 }, sha256);
  const counts = { issued: 3, active: 3 };
  return { token, product: 'sku:lead-101', part: 1, platform: 'ti', group, link: 0, ...counts };
}

async function winAndRun(tenant: SandboxTenant, dealId: string) {
  const { state } = tenant.sandbox.hubspot;
  state.edit('deals', dealId, { dealstage: state.pipelines.wonStage('default').id });
  const id = await tenant.provision(tenant.ref('hubspot', dealId));
  const progress = await tenant.waitForStatus(id, 'NeedsAttention');
  await tenant.console.cancel(id, { by: 'test', reason: 'seen' });
  await tenant.resultOf(id);
  return progress;
}

function codesMailedTo({ sandbox }: SandboxTenant, address: string): string[] {
  const mails = JSON.stringify(sandbox.outbox.mails.filter(({ to }) => to === address));
  return codesMade(sandbox).filter((code) => mails.includes(code));
}

describe('A ledger that a salesperson wrote on his own deal', () => {
  test.concurrent('gives him no codes of another customer, whose group id it names', () =>
    rig.withSandbox(async (tenant) => {
      const victim = await delivered(tenant);
      const mine = attackersDeal(tenant);
      const groupId = ledgerOf(tenant, victim).groups[0]?.group ?? '';
      writeLedger(tenant, mine, {
        wonAt: null,
        audience: 'buyer',
        roster: null,
        groups: [{ ...ownGroup(tenant, mine, groupId), new: true }],
        links: ['https://learn.vendor.example/redeem/{code}'],
        pending: true,
      });
      const { problems } = await winAndRun(tenant, mine);
      expect(problems.map(({ code }) => code)).toEqual(['deal.mark_foreign']);
      expect(codesMailedTo(tenant, 'mallory@evil.example')).toEqual([]);
      expect(hubspotEvidence(tenant.sandbox, { id: '', dealId: mine }).rosters).toEqual([]);
      expect(hubspotEvidence(tenant.sandbox, victim).rosters).toEqual([codesMade(tenant.sandbox)]);
    }));

  test.concurrent('neither overwrites nor deletes the roster of another deal, whose file it names', () =>
    rig.withSandbox(async (tenant) => {
      const victim = await delivered(tenant);
      const mine = attackersDeal(tenant);
      writeLedger(tenant, mine, {
        wonAt: null,
        audience: 'buyer',
        roster: ledgerOf(tenant, victim).roster,
        groups: [],
        links: [],
      });
      const { problems } = await winAndRun(tenant, mine);
      expect(problems.map(({ code }) => code)).toEqual(['deal.mark_foreign']);
      expect(hubspotEvidence(tenant.sandbox, victim).rosters).toEqual([codesMade(tenant.sandbox)]);
    }));

  test.concurrent('of a copied deal gives the copy nothing of the original', () =>
    rig.withSandbox(async (tenant) => {
      const original = await delivered(tenant);
      const copy = attackersDeal(tenant);
      writeLedger(tenant, copy, ledgerOf(tenant, original));
      const { problems } = await winAndRun(tenant, copy);
      expect(problems.map(({ code }) => code)).toEqual(['deal.mark_foreign']);
    }));
});

describe('A ledger whose seal is gone', () => {
  test.concurrent('still serves its own deal, by the label of its group and the name of its file', () =>
    rig.withSandbox(async (tenant) => {
      const deal = await delivered(tenant);
      const { mac: _, ...unsealed } = ledgerOf(tenant, deal) as object as { mac: string };
      writeLedger(tenant, deal.dealId, unsealed);
      setQuantity(tenant, deal, 5);
      expect((await again(tenant, deal)).status).toBe('Delivered');
      expect(hubspotEvidence(tenant.sandbox, deal).rosters).toEqual([codesMade(tenant.sandbox)]);
      expect(codesMade(tenant.sandbox)).toHaveLength(5);
      const token = rosterToken(tenant.ref('hubspot', deal.dealId), sha256);
      expect(ledgerOf(tenant, deal).roster?.file).toContain(token);
    }));
});

describe('A code that one person was given', () => {
  const KIM = { email: 'kim.new@acme.example', firstName: 'Kim', lastName: 'New' };

  function addLearner({ sandbox }: SandboxTenant, deal: StartedDeal): string {
    const { state } = sandbox.hubspot;
    const id = state.createContact(KIM);
    state.addContact(deal.dealId, id, ['Learner']);
    return id;
  }

  function codesOn({ sandbox }: SandboxTenant, contactId: string): string[] {
    const field = sandbox.hubspot.state.valuesOf('contacts', contactId).dealseat_redeem_link ?? '';
    return codesMade(sandbox).filter((code) => field.includes(code));
  }

  test.concurrent('is not given to a learner who comes later, though the buyer never handed it on', () =>
    rig.withSandbox({ catalog: toLearners }, async (tenant) => {
      const deal = await delivered(tenant);
      const spare = hubspotEvidence(tenant.sandbox, deal).rosters.flat();
      expect(spare).toHaveLength(2);
      const kim = addLearner(tenant, deal);
      setQuantity(tenant, deal, 4);
      expect((await again(tenant, deal)).status).toBe('Delivered');
      const given = codesOn(tenant, kim);
      expect(given).toHaveLength(1);
      expect(spare).not.toContain(given[0]);
      expect(hubspotEvidence(tenant.sandbox, deal).rosters.flat().sort()).toEqual(spare.sort());
    }));

  test.concurrent('is recognised by the code when links are made with another template', () =>
    rig.withSandbox({ catalog: toLearners }, async (tenant) => {
      const deal = await delivered(tenant);
      const before = codesOn(tenant, '6002');
      tenant.setCatalog((catalog) => ({ ...catalog, redeemUrl: 'https://new.vendor.example/in/{code}/go' }));
      const kim = addLearner(tenant, deal);
      setQuantity(tenant, deal, 4);
      expect((await again(tenant, deal)).status).toBe('Delivered');
      expect(codesOn(tenant, '6002')).toEqual(before);
      expect(codesOn(tenant, kim)).toHaveLength(1);
      expect(codesOn(tenant, kim)).not.toEqual(before);
      expect(hubspotEvidence(tenant.sandbox, deal).rosters.flat()).not.toContain(before[0]);
    }));

  test.concurrent('stays with the buyer when later deals are handed to learners', () =>
    rig.withSandbox(async (tenant) => {
      const deal = await delivered(tenant);
      const withBuyer = hubspotEvidence(tenant.sandbox, deal).rosters.flat();
      tenant.setCatalog(toLearners);
      setQuantity(tenant, deal, 4);
      expect((await again(tenant, deal)).status).toBe('Delivered');
      expect(codesOn(tenant, '6002')).toEqual([]);
      expect(codesMailedTo(tenant, 'lee.park@acme.example')).toEqual([]);
      expect(hubspotEvidence(tenant.sandbox, deal).rosters.flat()).toEqual(expect.arrayContaining(withBuyer));
    }));
});
