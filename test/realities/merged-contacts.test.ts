import { afterEach, describe, expect, test } from '@jest/globals';
import type { DealRef } from '../../src/domain/deal/deal.ts';
import { deliveredLedger, notedLedger } from '../../src/domain/planning/ledger-after.ts';
import { writeLinksOnly } from '../activities/steps.ts';
import { DEALS, failureOf, openWorld, type World } from '../activities/world.ts';
import { handingOver } from '../support/delivered-deals.ts';
import { codesMade, salesforceEvidence } from '../support/evidence.ts';
import { openRig } from '../support/rig.ts';
import type { SandboxTenant, StartedDeal } from '../support/sandbox-tenant.ts';

const rig = openRig();
const keepingSpare = handingOver({ to: 'learners', leftOver: 'laterLearners' });

let world: World | null = null;

afterEach(async () => {
  await world?.close();
  world = null;
});

async function deliveredInSalesforce(tenant: SandboxTenant): Promise<StartedDeal & { jo: string }> {
  const started = await tenant.startSalesforce();
  expect((await tenant.resultOf(started.id)).status).toBe('Delivered');
  const jo = tenant.sandbox.salesforce.state
    .rows('OpportunityContactRole')
    .find((role) => role.OpportunityId === started.dealId && role.Role === 'Learner');
  return { ...started, jo: String(jo?.ContactId) };
}

function againInSalesforce(tenant: SandboxTenant, { dealId }: StartedDeal) {
  return tenant.provision(tenant.ref('salesforce', dealId)).then(tenant.resultOf);
}

function addLearner({ sandbox }: SandboxTenant, { dealId }: StartedDeal, name: string): string {
  const email = `${name}@globex.example`;
  return sandbox.salesforce.state.addContact(dealId, { lastName: name, email, role: 'Learner' });
}

function takeOff({ sandbox }: SandboxTenant, contactId: string): void {
  const { state } = sandbox.salesforce;
  for (const { Id, ContactId } of state.rows('OpportunityContactRole')) {
    if (ContactId === contactId) state.records.remove('OpportunityContactRole', String(Id));
  }
}

function codesWith({ sandbox }: SandboxTenant, id: string): string[] {
  const contact = sandbox.salesforce.state.rows('Contact').find((row) => row.Id === id);
  return codesMade(sandbox).filter((code) => String(contact?.Dealseat_Redeem_Link__c ?? '').includes(code));
}

/** How often Salesforce was asked for contacts in its recycle bin. */
function askedForMerges({ sandbox }: SandboxTenant): number {
  return sandbox.exchanges.filter(({ path }) => path.endsWith('/queryAll')).length;
}

describe('When Salesforce merges contacts', () => {
  test('a learner of a delivered opportunity is merged into another contact, who takes the role -> no second code is given, and no message is sent', () =>
    rig.withSandbox({ catalog: keepingSpare }, async (tenant) => {
      const deal = await deliveredInSalesforce(tenant);
      const survivor = addLearner(tenant, deal, 'lind');
      const { mailedTo } = salesforceEvidence(tenant.sandbox, deal);
      tenant.sandbox.salesforce.state.mergeContacts(survivor, deal.jo);
      expect((await againInSalesforce(tenant, deal)).detail).toContain('nothing was done');
      expect(askedForMerges(tenant)).toBeGreaterThan(0);
      expect(codesWith(tenant, survivor)).toEqual([]);
      expect(salesforceEvidence(tenant.sandbox, deal).mailedTo).toEqual(mailedTo);
    }));

  test('the surviving contact is merged once more -> the last one has the code, and a learner who really came gets another one', () =>
    rig.withSandbox({ catalog: keepingSpare }, async (tenant) => {
      const { state } = tenant.sandbox.salesforce;
      const deal = await deliveredInSalesforce(tenant);
      const [second, third] = [addLearner(tenant, deal, 'lind'), addLearner(tenant, deal, 'lynd')];
      state.mergeContacts(second, deal.jo);
      state.mergeContacts(third, second);
      const kim = addLearner(tenant, deal, 'kim');
      expect((await againInSalesforce(tenant, deal)).status).toBe('Delivered');
      expect(codesWith(tenant, kim)).toHaveLength(1);
      expect(codesWith(tenant, third)).toEqual([]);
      // The ledger names the survivor now, so nobody is looked for any more.
      const asked = askedForMerges(tenant);
      expect((await againInSalesforce(tenant, deal)).detail).toContain('nothing was done');
      expect(askedForMerges(tenant)).toBe(asked);
    }));

  test('a learner leaves and another one comes, without any merge -> the new one gets a code, and Salesforce is asked for merges only then', () =>
    rig.withSandbox({ catalog: keepingSpare }, async (tenant) => {
      const deal = await deliveredInSalesforce(tenant);
      takeOff(tenant, deal.jo);
      await againInSalesforce(tenant, deal);
      expect(askedForMerges(tenant)).toBe(0);
      const kim = addLearner(tenant, deal, 'kim');
      expect((await againInSalesforce(tenant, deal)).status).toBe('Delivered');
      expect(askedForMerges(tenant)).toBeGreaterThan(0);
      expect(codesWith(tenant, kim)).toHaveLength(1);
      expect(codesWith(tenant, kim)).not.toEqual(codesWith(tenant, deal.jo));
    }));

  test('the recycle bin was emptied since the merge -> no trace of it is left, and the surviving contact is one who came later', () =>
    rig.withSandbox({ catalog: keepingSpare }, async (tenant) => {
      const { state } = tenant.sandbox.salesforce;
      const deal = await deliveredInSalesforce(tenant);
      const survivor = addLearner(tenant, deal, 'lind');
      state.mergeContacts(survivor, deal.jo);
      state.store.emptyBin();
      await againInSalesforce(tenant, deal);
      expect(codesWith(tenant, survivor)).toHaveLength(1);
    }));

  test('the buyer is merged into another contact before the delivery -> the surviving contact is the buyer and gets one mail', () =>
    rig.withSandbox(async (tenant) => {
      const { state } = tenant.sandbox.salesforce;
      const dealId = state.createOpportunity({
        name: 'Globex academy',
        stageName: 'Closed Won',
        closeDate: new Date().toISOString().slice(0, 10),
        lineItems: [{ productCode: 'LEAD-101', name: 'Leadership Essentials', quantity: 3 }],
        contacts: [{ lastName: 'Vale', email: 'vale@globex.example', role: 'Economic Buyer' }],
      });
      const [role] = state.rows('OpportunityContactRole').slice(-1);
      const survivor = state.records.insert('Contact', { LastName: 'Vale', Email: 'robin@globex.example' });
      state.mergeContacts(survivor, String(role?.ContactId));
      const id = await tenant.provision(tenant.ref('salesforce', dealId));
      expect((await tenant.resultOf(id)).status).toBe('Delivered');
      expect(salesforceEvidence(tenant.sandbox, { id, dealId }).mailedTo).toEqual(['robin@globex.example']);
    }));

  test('two learners who both have a code are merged into one -> that one keeps what it carries, and no one else gets the other code', () =>
    rig.withSandbox({ catalog: keepingSpare }, async (tenant) => {
      const deal = await deliveredInSalesforce(tenant);
      const kim = addLearner(tenant, deal, 'kim');
      await againInSalesforce(tenant, deal);
      const [ofJo, ofKim] = [codesWith(tenant, deal.jo), codesWith(tenant, kim)];
      tenant.sandbox.salesforce.state.mergeContacts(kim, deal.jo);
      const pat = addLearner(tenant, deal, 'pat');
      expect((await againInSalesforce(tenant, deal)).status).toBe('Delivered');
      expect(codesWith(tenant, kim)).toEqual(ofKim);
      expect(codesWith(tenant, pat)).toHaveLength(1);
      expect([...ofJo, ...ofKim]).not.toContain(codesWith(tenant, pat)[0]);
    }));
});

/** A deal of three seats that was delivered to one learner, in the CRM that a test asks about. */
interface HandOver {
  readonly opened: World;
  readonly ref: DealRef;
  /** A learner who comes to the deal; the id of the contact. */
  add(name: string): string;
  linkOf(contactId: string): string;
  /** As somebody or another deal wrote it. */
  setLink(contactId: string, link: string): void;
  merge(survivingId: string, mergedId: string): void;
}

async function openHandOver(of: (opened: World) => Omit<HandOver, 'opened'>): Promise<HandOver> {
  const opened = await openWorld({ catalog: keepingSpare });
  world = opened;
  const made = of(opened);
  const { ref } = made;
  const { hold, plan, groups, roster } = await opened.prepareToSend(await opened.prepareDeal(ref));
  const ledger = deliveredLedger(plan, groups, roster);
  const mark = { what: 'mark', status: 'Delivered', detail: '', facts: null, ledger } as const;
  await opened.run('writeRecord', { deal: ref, hold, write: mark });
  return { opened, ...made };
}

const inHubSpot = () =>
  openHandOver(({ sandbox }) => {
    const { state } = sandbox.hubspot;
    const [line] = state.associations.linked({ object: 'deals', id: '9001' }, 'line_items');
    state.edit('line_items', line?.id ?? '', { quantity: 3 });
    return {
      ref: DEALS.hubspot,
      add(name) {
        const id = state.createContact({ email: `${name}@acme.example` });
        state.addContact('9001', id, ['Learner']);
        return id;
      },
      linkOf: (id) => state.valuesOf('contacts', id).dealseat_redeem_link ?? '',
      setLink: (id, link) => state.edit('contacts', id, { dealseat_redeem_link: link }),
      merge: (survivingId, mergedId) => state.merge('contacts', survivingId, mergedId),
    };
  });

const inSalesforce = () =>
  openHandOver(({ sandbox }) => {
    const { state } = sandbox.salesforce;
    const dealId = state.createOpportunity({
      name: 'Initech leadership',
      stageName: 'Closed Won',
      closeDate: new Date().toISOString().slice(0, 10),
      lineItems: [{ productCode: 'LEAD-101', name: 'Leadership Essentials', quantity: 3 }],
      contacts: [
        { lastName: 'Vale', email: 'vale@initech.example', role: 'Economic Buyer' },
        { lastName: 'Lind', email: 'lind@initech.example', role: 'Learner' },
      ],
    });
    return {
      ref: { ...DEALS.salesforce, dealId },
      add: (name) =>
        state.addContact(dealId, { lastName: name, email: `${name}@initech.example`, role: 'Learner' }),
      linkOf: (id) =>
        String(state.rows('Contact').find((row) => row.Id === id)?.Dealseat_Redeem_Link__c ?? ''),
      setLink: (id, link) => state.records.update('Contact', id, { Dealseat_Redeem_Link__c: link }),
      merge: (survivingId, mergedId) => state.mergeContacts(survivingId, mergedId),
    };
  });

/** A later learner was given a link, and the run stopped before its message was out. */
async function interrupted({ opened, ref, add, linkOf }: HandOver) {
  const kim = add('kim');
  const begun = await opened.prepareDeal(ref);
  const ledger = notedLedger(begun.plan, begun.groups);
  const note = { what: 'note', status: 'AwaitingCodes', detail: '', ledger } as const;
  await opened.run('writeRecord', { deal: ref, hold: begun.hold, write: note });
  await writeLinksOnly(opened, begun);
  expect(linkOf(kim)).not.toBe('');
  return { kim, ofKim: linkOf(kim) };
}

async function resumed({ opened, ref }: HandOver) {
  return { ...(await opened.prepareDeal(ref)), isRosterOut: true };
}

const OTHER_LINK = 'https://learn.vendor.example/redeem/OTHERDEAL1';

async function mergedWithOtherLink(deal: HandOver): Promise<void> {
  const { kim, ofKim } = await interrupted(deal);
  const survivor = deal.add('kimberly');
  deal.setLink(survivor, OTHER_LINK);
  deal.merge(survivor, kim);
  const jo = deal.add('jo');
  const failure = await failureOf(deal.opened.run('attachRoster', await resumed(deal)));
  expect(failure.code).toBe('deal.too_few_seats');
  for (const id of [survivor, jo]) expect(failure.message).toContain(id);
  expect(deal.linkOf(jo)).not.toContain(ofKim);
  expect(deal.linkOf(survivor)).toBe(OTHER_LINK);
}

async function mergedWithItsLink(deal: HandOver): Promise<void> {
  const { kim, ofKim } = await interrupted(deal);
  const survivor = deal.add('kimberly');
  deal.merge(survivor, kim);
  deal.setLink(survivor, `${OTHER_LINK}\n${ofKim}`);
  const jo = deal.add('jo');
  await deal.opened.run('attachRoster', await resumed(deal));
  expect(deal.linkOf(survivor)).toBe(`${OTHER_LINK}\n${ofKim}`);
  expect(deal.linkOf(jo)).not.toBe('');
  expect(deal.linkOf(jo)).not.toBe(ofKim);
}

describe('When a learner is merged into another contact while the hand-over is unfinished', () => {
  test('the merge keeps the link of another deal in HubSpot, so that no one knows who has the code -> it goes to no one new, and the learners without a code are named', async () => {
    await mergedWithOtherLink(await inHubSpot());
  });

  test('the same in Salesforce -> the code goes to no one new either, and the learners without a code are named', async () => {
    await mergedWithOtherLink(await inSalesforce());
  });

  test('the merge keeps the link of the learner in HubSpot -> the surviving contact has that code, and the next learner gets another one', async () => {
    await mergedWithItsLink(await inHubSpot());
  });

  test('the merge keeps the link of the learner in Salesforce -> the surviving contact has that code, and the next learner gets another one', async () => {
    await mergedWithItsLink(await inSalesforce());
  });

  test('the learner is merged into one who has a code of the deal, and one of the two links is lost -> the lost code goes to no one new', async () => {
    const deal = await inHubSpot();
    const { kim, ofKim } = await interrupted(deal);
    const ofLee = deal.linkOf('6002');
    deal.merge('6002', kim);
    const jo = deal.add('jo');
    const failure = await failureOf(deal.opened.run('attachRoster', await resumed(deal)));
    expect(failure.code).toBe('deal.too_few_seats');
    expect(failure.message).toContain(jo);
    expect(deal.linkOf('6002')).toBe(ofLee);
    expect(deal.linkOf(jo)).not.toContain(ofKim);
  });
});
