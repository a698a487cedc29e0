import { afterEach, describe, expect, test } from '@jest/globals';
import { MISSING_SCOPE } from '../../sandbox/hubspot/refusals.ts';
import type { Catalog } from '../../src/domain/deal/catalog.ts';
import type { Deal, DealContact, UnseenContact } from '../../src/domain/deal/deal.ts';
import { deliveredLedger, notedLedger } from '../../src/domain/planning/ledger-after.ts';
import type { Reading } from '../../src/domain/planning/reading.ts';
import { writeLinksOnly } from '../activities/steps.ts';
import {
  DEALS,
  failureOf,
  forLearners,
  openWorld,
  type World,
  type WorldOptions,
} from '../activities/world.ts';
import { rows, startStubOrg } from '../clients/salesforce-stub.ts';
import {
  again,
  BOSS,
  delivered,
  handingOver,
  ledgerOf,
  setQuantity,
  untilAsked,
} from '../support/delivered-deals.ts';
import { codesMade, hubspotEvidence, salesforceEvidence, writeCount } from '../support/evidence.ts';
import { openRig } from '../support/rig.ts';
import type { SandboxTenant, StartedDeal } from '../support/sandbox-tenant.ts';
import {
  BUYER,
  carriedOut,
  contact,
  deal,
  EXAMPLE,
  FOR_LEARNERS,
  LEARNERS,
  planOf,
  platformGroups,
  readingOf,
  sealerOf,
  writtenBy,
} from '../unit/example-deals.ts';

const rig = openRig();

let world: World | null = null;

afterEach(async () => {
  await world?.close();
  world = null;
});

async function open(options: WorldOptions = {}): Promise<World> {
  world = await openWorld(options);
  return world;
}

function problemsOf(reading: Reading) {
  if (reading.kind !== 'blocked') throw new Error(`expected problems, found ${reading.kind}`);
  return reading.problems;
}

/** In Salesforce: the buyer's role is "Economic Buyer". */
function inSalesforce(
  contacts: readonly DealContact[],
  unseen: readonly Partial<UnseenContact>[] = [],
): Deal {
  const unseenContacts = unseen.map((each, index) => ({
    id: `003unseen${index}`,
    why: 'hidden' as const,
    roles: [],
    isPrimary: false,
    ...each,
  }));
  return deal({ crm: 'salesforce', contacts, unseenContacts });
}

const CONSULTANT = contact('0032', { email: 'consultant@other.example', roles: ['Influencer'] });
const NAMELESS = contact('0033');

function requiring(catalog: Catalog): Catalog {
  return { ...catalog, buyer: { ...catalog.buyer, isRequired: true } };
}

/** Deleted in HubSpot, while the deal still names it. */
function remove({ sandbox }: World, object: 'contacts' | 'companies', id: string): void {
  const { state } = sandbox.hubspot;
  state.listsDeletedAssociations = true;
  state.records.archive(state.records.getLive(object, id), 'CRM_UI');
}

/** Records below another one in an answer to a query. */
function childRows(...records: readonly object[]) {
  return { totalSize: records.length, done: true, records };
}

function addContacts(
  { sandbox }: World,
  contacts: readonly { lastName: string; role: string; isPrimary?: boolean }[],
) {
  const { state } = sandbox.salesforce;
  const dealId = state.createOpportunity({
    name: 'Initech leadership',
    stageName: 'Closed Won',
    closeDate: new Date().toISOString().slice(0, 10),
    account: { name: 'Initech' },
    lineItems: [{ productCode: 'LEAD-101', name: 'Leadership Essentials', quantity: 25 }],
  });
  const ids = contacts.map((each) =>
    state.addContact(dealId, { ...each, email: `${each.lastName.toLowerCase()}@initech.example` }),
  );
  return { ref: { ...DEALS.salesforce, dealId }, ids };
}

describe('When Dealseat may not see the buyer', () => {
  test('the contact with the buyer role is hidden in Salesforce and a consultant is visible -> no one gets the codes, and the problem names the contact', async () => {
    const opened = await open();
    const { ref, ids } = addContacts(opened, [
      { lastName: 'Vale', role: 'Economic Buyer', isPrimary: true },
      { lastName: 'Sultant', role: 'Influencer' },
    ]);
    const [hidden = ''] = ids;
    opened.sandbox.salesforce.state.hide(hidden);
    const [problem, ...more] = problemsOf(await opened.read(ref));
    expect(problem).toMatchObject({ code: 'crm.forbidden' });
    expect(problem?.message).toContain(`Contact ${hidden} of the deal has the contact role "Economic Buyer"`);
    expect(problem?.message).toContain('hidden from the integration user');
    expect(more).toEqual([]);
  });

  test('Salesforce answers with the primary Economic Buyer as null and an Influencer in full -> no one gets the codes, whatever else is visible', async () => {
    const org = await startStubOrg();
    try {
      const role = (contactId: string, changes: object) => ({
        Id: `00K${contactId}`,
        ContactId: contactId,
        LastModifiedDate: '2026-11-19T09:00:00.000+0000',
        ...changes,
      });
      const consultant = {
        Id: '0032',
        Email: 'consultant@other.example',
        FirstName: 'Con',
        LastName: 'Sultant',
      };
      const lineItem = {
        Id: '00k1',
        Quantity: 25,
        ServiceDate: null,
        Product2Id: '01t1',
        ProductCode: 'LEAD-101',
        LastModifiedDate: '2026-11-19T09:00:00.000+0000',
      };
      const buyer = { Role: 'Economic Buyer', IsPrimary: true, Contact: null };
      const opportunity = {
        Id: '0065Y00001Suvw6QAB',
        Name: 'Leadership',
        IsWon: true,
        StageName: 'Closed Won',
        MasterLabel: 'Closed Won',
        ApiName: 'Closed Won',
        CloseDate: '2026-11-20',
        SystemModstamp: '2026-11-20T09:00:00.000+0000',
        LastModifiedDate: '2026-11-20T09:00:00.000+0000',
        LastModifiedById: '0055Y00000AbCdEQAV',
        OwnerId: null,
        AccountId: null,
        OpportunityLineItems: childRows(lineItem),
      };
      const read = async (...roles: readonly object[]) => {
        const answer = { ...opportunity, OpportunityContactRoles: childRows(...roles) };
        org.answers.clear();
        org.answers.set(/GET .*query/, rows(answer));
        return readingOf(await org.crm.readDeal(opportunity.Id));
      };
      const influencer = role('0032', { Role: 'Influencer', IsPrimary: false, Contact: consultant });
      const [problem, ...more] = problemsOf(await read(role('0031', buyer), influencer));
      expect(problem).toMatchObject({ code: 'crm.forbidden' });
      expect(problem?.message).toContain('Contact 0031');
      expect(more).toEqual([]);
      // The role alone, being primary alone, and neither where nobody else has a role.
      for (const [hidden, code] of [
        [{ ...buyer, IsPrimary: false }, 'crm.forbidden'],
        [{ ...buyer, Role: null }, 'deal.buyer_missing'],
        [{ ...buyer, Role: null, IsPrimary: false }, 'deal.buyer_missing'],
      ] as const) {
        expect(problemsOf(await read(role('0031', hidden), influencer))).toMatchObject([{ code }]);
      }
      const nameless = role('0032', { Role: null, IsPrimary: false, Contact: consultant });
      expect(problemsOf(await read(role('0031', { ...buyer, Role: null }), nameless))).toMatchObject([
        { code: 'crm.forbidden' },
      ]);
    } finally {
      await org.close();
    }
  });

  test('the contact is made visible again -> the deal is planned for that buyer', async () => {
    const opened = await open();
    const { ref, ids } = addContacts(opened, [{ lastName: 'Vale', role: 'Economic Buyer' }]);
    const [buyer = ''] = ids;
    opened.sandbox.salesforce.state.hide(buyer);
    expect(problemsOf(await opened.read(ref))).toMatchObject([{ code: 'crm.forbidden' }]);
    opened.sandbox.salesforce.state.show(buyer);
    expect((await opened.readMore(ref)).plan.buyerContactId).toBe(buyer);
  });

  test('HubSpot refuses to show the contact with the buyer label -> no one gets the codes, and the problem names the contact', async () => {
    const opened = await open();
    remove(opened, 'contacts', '6001');
    opened.fail({
      system: 'hubspot',
      method: 'GET',
      path: /\/objects\/(0-1|contacts)\/6001/,
      ...MISSING_SCOPE,
    });
    const [problem] = problemsOf(await opened.read(DEALS.hubspot));
    expect(problem).toMatchObject({ code: 'crm.forbidden' });
    expect(problem?.message).toContain('Contact 6001 of the deal has the association label "Buyer"');
  });

  test('the primary contact is hidden and no contact has a role -> no one gets the codes', () => {
    const [problem] = problemsOf(readingOf(inSalesforce([NAMELESS], [{ isPrimary: true }])));
    expect(problem).toMatchObject({ code: 'crm.forbidden' });
    expect(problem?.message).toContain('003unseen0');
  });

  test('one contact is visible, one is hidden, and neither is primary -> a person is asked who the buyer is', () => {
    const [problem] = problemsOf(readingOf(inSalesforce([NAMELESS], [{}])));
    expect(problem).toMatchObject({ code: 'deal.buyer_missing' });
    expect(problem?.message).toContain('1 of them is hidden from Dealseat: contact 003unseen0');
  });

  test('the only contact of the deal is hidden -> no one gets the codes', () => {
    expect(problemsOf(readingOf(inSalesforce([], [{}])))).toMatchObject([{ code: 'crm.forbidden' }]);
  });

  test('a contact with another role is hidden and the buyer is visible -> the buyer gets the codes', () => {
    const buyer = contact('0031', { roles: ['Economic Buyer'] });
    const plan = planOf(inSalesforce([buyer], [{ roles: ['Evaluator'], isPrimary: true }]));
    expect(plan.buyerContactId).toBe('0031');
  });

  test('a visible primary buyer and a hidden second buyer -> the primary one gets the codes', () => {
    const buyer = contact('0031', { roles: ['Economic Buyer'], isPrimary: true });
    expect(planOf(inSalesforce([buyer], [{ roles: ['Economic Buyer'] }])).buyerContactId).toBe('0031');
  });

  test('a learner is hidden -> no learner is left out in silence: the problem names the contact', () => {
    const hidden = { id: '6009', why: 'hidden', roles: ['Learner'], isPrimary: false } as const;
    const problems = problemsOf(readingOf(deal({ unseenContacts: [hidden] }), FOR_LEARNERS));
    expect(problems).toMatchObject([{ code: 'crm.forbidden' }]);
    expect(problems[0]?.message).toContain('Contact 6009 of the deal has the association label "Learner"');
  });

  test('a learner is hidden and all codes go to the buyer -> the buyer gets the codes', () => {
    const hidden = { id: '6009', why: 'hidden', roles: ['Learner'], isPrimary: false } as const;
    expect(planOf(deal({ unseenContacts: [hidden] })).buyerContactId).toBe(BUYER.id);
  });
});

describe('When the buyer role has another name', () => {
  test('the role is translated and an agency is the primary contact -> the agency gets nothing, and a person is asked', () => {
    const contacts = [
      contact('1', { roles: ['Wirtschaftlicher Käufer'] }),
      contact('2', { roles: ['Evaluator'], isPrimary: true }),
    ];
    const [problem] = problemsOf(readingOf(inSalesforce(contacts)));
    expect(problem).toMatchObject({ code: 'deal.buyer_missing' });
    expect(problem?.message).toContain('"Evaluator" and "Wirtschaftlicher Käufer"');
    expect(problem?.message).toContain(
      'Give exactly one contact of the deal the contact role "Economic Buyer"',
    );
  });

  test('the only contact has another role than the buyer role -> a person is asked', () => {
    expect(problemsOf(readingOf(inSalesforce([CONSULTANT])))).toMatchObject([{ code: 'deal.buyer_missing' }]);
  });

  test('the only contact has no role -> that contact is the buyer', () => {
    expect(planOf(inSalesforce([NAMELESS])).buyerContactId).toBe('0033');
  });

  test('the only contact is a learner -> that contact is the buyer, because the catalog knows the role', () => {
    const [learner] = LEARNERS;
    if (learner === undefined) throw new Error('no learner');
    expect(planOf(deal({ contacts: [learner] })).buyerContactId).toBe(learner.id);
  });

  test('the catalog requires the role and the only contact has none -> a person is asked', () => {
    const catalog = requiring(EXAMPLE);
    const [problem] = problemsOf(readingOf(inSalesforce([NAMELESS]), catalog));
    expect(problem).toMatchObject({ code: 'deal.buyer_missing' });
    expect(planOf(inSalesforce([contact('1', { roles: ['economic buyer'] })]), catalog).buyerContactId).toBe(
      '1',
    );
  });

  test('the catalog requires the role and names none for this CRM -> a person is asked, and pointed to the catalog', () => {
    const catalog = { ...EXAMPLE, buyer: { roles: { hubspot: 'Buyer' }, isRequired: true } };
    const [problem] = problemsOf(readingOf(inSalesforce([NAMELESS]), catalog));
    expect(problem?.message).toContain('how the buyer is marked in this CRM');
  });
});

describe('When Dealseat may not see the company', () => {
  const partner = { label: 'globex', client: 'client-1', redeemUrl: null };
  const hidden = deal({ company: null, unseenCompany: { id: '5001', why: 'hidden' } });

  test('a partner of the catalog is known by its name -> nothing is made for the wrong customer, and the problem names the company', () => {
    const catalog: Catalog = { ...EXAMPLE, partners: [{ ...partner, match: { company: 'Globex Inc' } }] };
    const [problem] = problemsOf(readingOf(hidden, catalog));
    expect(problem).toMatchObject({ code: 'deal.company_hidden' });
    expect(problem?.message).toContain('The company of the deal (id 5001)');
  });

  test('the partner is known by the id of the company -> the codes are made for that partner', () => {
    const match = { crm: 'hubspot', companyId: '5001' };
    const byDomain = { ...partner, label: 'other', match: { domain: 'other.example' } };
    const catalog: Catalog = { ...EXAMPLE, partners: [{ ...partner, match }, byDomain] };
    expect(planOf(hidden, catalog).groups[0]?.client).toBe('client-1');
    const behind: Catalog = { ...catalog, partners: [byDomain, { ...partner, match }] };
    expect(problemsOf(readingOf(hidden, behind))).toMatchObject([{ code: 'deal.company_hidden' }]);
  });

  test('the catalog has no partners -> the codes are made', () => {
    expect(planOf(hidden, { ...EXAMPLE, partners: [] }).groups).toHaveLength(1);
  });

  test('the account of an opportunity is hidden in Salesforce -> its id is known, and nothing else', async () => {
    const opened = await open({
      catalog: (catalog) => ({
        ...catalog,
        partners: [{ ...partner, match: { company: 'Globex Inc' } }],
      }),
    });
    const { state } = opened.sandbox.salesforce;
    const accountId = String(state.opportunity(DEALS.salesforce.dealId).AccountId);
    expect((await opened.plan('salesforce')).groups[0]?.client).toBe('client-1');
    state.hide(accountId);
    const [problem] = problemsOf(await opened.read(DEALS.salesforce));
    expect(problem).toMatchObject({ code: 'deal.company_hidden' });
    expect(problem?.message).toContain(accountId);
  });
});

describe('When a contact or company was deleted or merged', () => {
  test('a contact without a role was deleted in HubSpot and the deal still names it -> the deal is delivered without it', async () => {
    const opened = await open();
    const { state } = opened.sandbox.hubspot;
    const kim = state.createContact({ email: 'kim@acme.example' });
    state.addContact('9001', kim);
    remove(opened, 'contacts', kim);
    const plan = await opened.plan('hubspot');
    expect(plan.buyerContactId).toBe('6001');
    expect(plan.carriers.present).not.toContain(kim);
  });

  test('no contact has a role, and HubSpot does not find one of two contacts -> the other one is not taken for the buyer, and a person is asked', async () => {
    const opened = await open();
    const { state } = opened.sandbox.hubspot;
    const [alex, kim] = ['alex@agency.example', 'kim@acme.example'].map((email) =>
      state.createContact({ email }),
    );
    const dealId = state.createDeal({
      lineItems: [{ sku: 'LEAD-101', quantity: 2 }],
      contacts: [{ id: alex ?? '' }, { id: kim ?? '' }],
    });
    remove(opened, 'contacts', kim ?? '');
    const [problem] = problemsOf(await opened.read({ ...DEALS.hubspot, dealId }));
    expect(problem).toMatchObject({ code: 'deal.buyer_missing' });
    expect(problem?.message).toContain(`1 of them was deleted (contact ${kim})`);
  });

  test('the buyer was deleted in HubSpot and the deal still names it -> no other contact gets the codes, and the problem says so at once', async () => {
    const opened = await open();
    remove(opened, 'contacts', '6001');
    const [problem] = problemsOf(await opened.read(DEALS.hubspot));
    expect(problem).toMatchObject({ code: 'deal.contact_gone' });
    expect(problem?.message).toContain(
      'A contact of the deal has the association label "Buyer" and was deleted (id 6001)',
    );
  });

  test('a learner was deleted in HubSpot and the deal still names it -> the problem says so at once', async () => {
    const opened = await open({ catalog: forLearners });
    remove(opened, 'contacts', '6002');
    expect(problemsOf(await opened.read(DEALS.hubspot))).toMatchObject([{ code: 'deal.contact_gone' }]);
  });

  test('the buyer was merged into another contact and the deal still names the old one -> the surviving contact is the buyer', async () => {
    const opened = await open();
    const { state } = opened.sandbox.hubspot;
    const survivor = state.createContact({ email: 'dana@acme.example', firstName: 'Dana' });
    state.merge('contacts', survivor, '6001');
    const plan = await opened.plan('hubspot');
    expect(plan.buyerContactId).toBe(survivor);
    expect(plan.carriers.present).toEqual([survivor, '6002']);
  });

  test('a learner was merged into another learner of the deal -> they are one learner, who gets one code', async () => {
    const opened = await open({ catalog: forLearners });
    const { state } = opened.sandbox.hubspot;
    const twin = state.createContact({ email: 'lee@acme.example' });
    state.addContact('9001', twin, ['Learner']);
    state.merge('contacts', '6002', twin);
    expect((await opened.plan('hubspot')).learnerContactIds).toEqual(['6002']);
  });

  test('the company was deleted in HubSpot and no partner is known by a name -> the deal is delivered', async () => {
    const opened = await open({ catalog: (catalog) => ({ ...catalog, partners: [] }) });
    remove(opened, 'companies', '5001');
    expect((await opened.plan('hubspot')).companyName).toBeNull();
  });

  test('the company was merged into another one -> the surviving company counts', async () => {
    const opened = await open();
    const { state } = opened.sandbox.hubspot;
    const survivor = state.create('companies', { name: 'Acme Holding', domain: 'holding.example' });
    state.merge('companies', survivor, '5001');
    expect((await opened.plan('hubspot')).companyName).toBe('Acme Holding');
  });
});

const KEEPING_SPARE: Catalog = {
  ...FOR_LEARNERS,
  handOver: { ...FOR_LEARNERS.handOver, leftOver: 'laterLearners' },
};
const keepingSpare = handingOver({ to: 'learners', leftOver: 'laterLearners' });
const LEE = '6002';

function fiveSeats(quantity = 5) {
  return { lineItems: [{ name: 'Leadership Essentials', sku: 'LEAD-101', quantity }] };
}

function addLearner({ sandbox }: SandboxTenant, { dealId }: StartedDeal, firstName: string): string {
  const { state } = sandbox.hubspot;
  const id = state.createContact({ email: `${firstName}@acme.example`, firstName, lastName: 'Doe' });
  state.addContact(dealId, id, ['Learner']);
  return id;
}

/** A deal of five seats whose run was begun by an event while it had three learners. */
async function threeOfFive(tenant: SandboxTenant) {
  const { state } = tenant.sandbox.hubspot;
  const learners = ['l0', 'l1', 'l2'].map((name) => state.createContact({ email: `${name}@acme.example` }));
  const dealId = state.createDeal({
    ...fiveSeats(),
    ownerId: '8001',
    contacts: [{ id: '6001', labels: ['Buyer'] }, ...learners.map((id) => ({ id, labels: ['Learner'] }))],
  });
  const id = await tenant.report(tenant.ref('hubspot', dealId));
  await tenant.waitForProgress(id, ({ groups }) => groups.length > 0);
  return { id, dealId, learners };
}

function removeLearner({ sandbox }: SandboxTenant, { dealId }: StartedDeal, id: string): void {
  sandbox.hubspot.state.associations.unlink({ object: 'deals', id: dealId }, { object: 'contacts', id });
}

/** The codes in the link field of a contact. */
function codesWith({ sandbox }: SandboxTenant, id: string): string[] {
  const field = sandbox.hubspot.state.valuesOf('contacts', id).dealseat_redeem_link ?? '';
  return codesMade(sandbox).filter((code) => field.includes(code));
}

/** A delivered deal of three seats and one learner, and the beginning of a hand-over to whoever came since. */
async function handingOverToOneMore() {
  const opened = await open({ catalog: keepingSpare });
  const { state } = opened.sandbox.hubspot;
  const [line] = state.associations.linked({ object: 'deals', id: '9001' }, 'line_items');
  state.edit('line_items', line?.id ?? '', { quantity: 3 });
  const first = await opened.prepareMessages('hubspot');
  await opened.run('sendMessages', first);
  const { deal: ref, hold, plan, groups, roster } = first;
  const ledger = deliveredLedger(plan, groups, roster);
  const mark = { what: 'mark', status: 'Delivered', detail: '', facts: null, ledger } as const;
  await opened.run('writeRecord', { deal: ref, hold, write: mark });
  return {
    opened,
    addTo(name: string): string {
      const id = state.createContact({ email: `${name}@acme.example` });
      state.addContact('9001', id, ['Learner']);
      return id;
    },
    /** Up to the links: the roster cannot be uploaded. */
    async begin(): Promise<void> {
      const begun = await opened.prepare('hubspot');
      const noted = notedLedger(begun.plan, begun.groups);
      const note = { what: 'note', status: 'AwaitingCodes', detail: '', ledger: noted } as const;
      await opened.run('writeRecord', { deal: ref, hold: begun.hold, write: note });
      await writeLinksOnly(opened, begun);
    },
  };
}

describe('When learners come to a deal after it was delivered', () => {
  test('the catalog was switched from commas to semicolons before they came -> each gets a code that was left, and the roster has the new form', () =>
    rig.withSandbox({ catalog: keepingSpare }, async (tenant) => {
      const deal = await delivered(tenant, fiveSeats());
      const left = hubspotEvidence(tenant.sandbox, deal).rosters[0] ?? [];
      tenant.setCatalog((catalog) => ({
        ...catalog,
        handOver: { ...catalog.handOver, csvSeparator: 'semicolon' },
      }));
      const newcomer = addLearner(tenant, deal, 'mo');
      expect(await again(tenant, deal)).toMatchObject({ status: 'Delivered', seatCount: 5 });
      const [code = '', ...more] = codesWith(tenant, newcomer);
      expect(more).toEqual([]);
      const [roster = []] = hubspotEvidence(tenant.sandbox, deal).rosters;
      expect(roster).toEqual(left.filter((other) => other !== code));
      expect(roster).toHaveLength(left.length - 1);
      const [file] = tenant.sandbox.hubspot.state.attachmentsOf({ object: 'deals', id: deal.dealId });
      expect(file?.bytes.toString('utf8')).toMatch(/^\ufeffcode;redeem_url;/);
    }));

  test('two more learners are associated and two seats are left -> each gets a code and a mail, and the others are not written to again', () =>
    rig.withSandbox({ catalog: keepingSpare }, async (tenant) => {
      const deal = await delivered(tenant, fiveSeats(3));
      const ofLee = codesWith(tenant, LEE);
      const [kim, jo] = [addLearner(tenant, deal, 'kim'), addLearner(tenant, deal, 'jo')];
      expect(await again(tenant, deal)).toMatchObject({ status: 'Delivered', seatCount: 3 });
      const codes = [...ofLee, ...codesWith(tenant, kim), ...codesWith(tenant, jo)];
      expect(codes.sort()).toEqual(codesMade(tenant.sandbox));
      expect(tenant.sandbox.ti.state.groups).toHaveLength(1);
      const seen = hubspotEvidence(tenant.sandbox, deal);
      expect([...seen.mailedTo].sort()).toEqual([
        'jo@acme.example',
        'kim@acme.example',
        'lee.park@acme.example',
      ]);
      expect(seen.rosters.flat()).toEqual([]);
      expect(seen.fields.status).toBe('Delivered');
      expect(ledgerOf(tenant, deal)).not.toHaveProperty('pending');
    }));

  test('five seats are sold, three learners are on the deal and two more follow two seconds later -> each of the five has a code, and no one has two', () =>
    rig.withSandbox({ catalog: keepingSpare }, async (tenant) => {
      const deal = await threeOfFive(tenant);
      // While the run is at work, and once more when it is over.
      const l3 = addLearner(tenant, deal, 'l3');
      await tenant.resultOf(deal.id);
      const l4 = addLearner(tenant, deal, 'l4');
      await again(tenant, deal);
      await again(tenant, deal);
      const learners = [...deal.learners, l3, l4];
      expect(learners.map((id) => codesWith(tenant, id).length)).toEqual([1, 1, 1, 1, 1]);
      expect(learners.flatMap((id) => codesWith(tenant, id)).sort()).toEqual(codesMade(tenant.sandbox));
      const { mailedTo, rosters } = hubspotEvidence(tenant.sandbox, deal);
      expect([...mailedTo].sort()).toEqual(['l0', 'l1', 'l2', 'l3', 'l4'].map((l) => `${l}@acme.example`));
      expect(rosters.flat()).toEqual([]);
    }));

  test('the same, and codes that are left over go to the buyer -> the two who follow are named, and no code of the buyer is given twice', () =>
    rig.withSandbox({ catalog: handingOver({ to: 'learners' }) }, async (tenant) => {
      const deal = await threeOfFive(tenant);
      await tenant.resultOf(deal.id);
      const late = [addLearner(tenant, deal, 'l3'), addLearner(tenant, deal, 'l4')];
      await tenant.provision(tenant.ref('hubspot', deal.dealId));
      const { problems } = await tenant.waitForStatus(deal.id, 'NeedsAttention');
      expect(problems).toMatchObject([{ code: 'deal.too_few_seats' }]);
      for (const id of late) expect(problems[0]?.message).toContain(id);
      expect(late.flatMap((id) => codesWith(tenant, id))).toEqual([]);
      // Two more seats are what helps.
      setQuantity(tenant, deal, 7);
      await tenant.answer(deal.id, 'retry', BOSS);
      expect((await tenant.resultOf(deal.id)).status).toBe('Delivered');
      const given = [...deal.learners, ...late].flatMap((id) => codesWith(tenant, id));
      const { rosters } = hubspotEvidence(tenant.sandbox, deal);
      expect([...given, ...rosters.flat()].sort()).toEqual(codesMade(tenant.sandbox));
      expect(given).toHaveLength(5);
    }));

  test('a learner has more roles than one, or is the buyer too, and comes later -> one code', () =>
    rig.withSandbox({ catalog: keepingSpare }, async (tenant) => {
      const deal = await threeOfFive(tenant);
      await tenant.resultOf(deal.id);
      const { state } = tenant.sandbox.hubspot;
      state.addContact(deal.dealId, '6001', ['Learner']);
      const twice = state.createContact({ email: 'twice@acme.example' });
      state.addContact(deal.dealId, twice, ['Learner', 'Champion']);
      await again(tenant, deal);
      await again(tenant, deal);
      expect([twice, '6001'].map((id) => codesWith(tenant, id).length)).toEqual([1, 1]);
    }));

  test('a deal is delivered with seats for learners who come later -> the deal and the task of its owner say how many are kept', () =>
    rig.withSandbox({ catalog: keepingSpare }, async (tenant) => {
      const deal = await delivered(tenant, fiveSeats(3));
      const kept = '2 codes in the roster are kept for learners who come later';
      const { fields, taskTexts } = hubspotEvidence(tenant.sandbox, deal);
      expect(fields.detail).toContain(kept);
      expect(taskTexts.join()).toContain(kept);
    }));

  test('a learner is added to a delivered Salesforce opportunity of two products -> the learner gets a link of each', () =>
    rig.withSandbox({ catalog: keepingSpare }, async (tenant) => {
      const { state } = tenant.sandbox.salesforce;
      const { id, dealId } = await tenant.startSalesforce({
        lineItems: [
          { productCode: 'LEAD-101', name: 'Leadership Essentials', quantity: 2 },
          { productCode: 'TRACK-MGR', name: 'Manager Track', quantity: 3 },
        ],
      });
      expect((await tenant.resultOf(id)).status).toBe('Delivered');
      const linksOf = (contactId: string) =>
        String(state.rows('Contact').find((row) => row.Id === contactId)?.Dealseat_Redeem_Link__c ?? '');
      const kim = state.addContact(dealId, { lastName: 'Doe', email: 'kim@globex.example', role: 'Learner' });
      await tenant.resultOf(await tenant.provision(tenant.ref('salesforce', dealId)));
      expect(linksOf(kim).split('\n')).toHaveLength(2);
      expect(salesforceEvidence(tenant.sandbox, { id, dealId }).rosters.flat()).toHaveLength(1);

      const jo = state.addContact(dealId, { lastName: 'Roe', email: 'jo@globex.example', role: 'Learner' });
      await tenant.provision(tenant.ref('salesforce', dealId));
      const { problems } = await tenant.waitForStatus(id, 'NeedsAttention');
      expect(problems).toMatchObject([{ code: 'deal.too_few_seats' }]);
      expect(linksOf(jo)).toBe('');
      const role = state.rows('OpportunityContactRole').find(({ ContactId }) => ContactId === jo);
      state.records.remove('OpportunityContactRole', String(role?.Id));
      await tenant.answer(id, 'retry', BOSS);
      expect((await tenant.resultOf(id)).status).toBe('Delivered');
      expect(salesforceEvidence(tenant.sandbox, { id, dealId }).rosters.flat()).toHaveLength(1);
    }));

  test('nothing has changed since the last learner came -> nothing is written, and the platform is not asked', () =>
    rig.withSandbox({ catalog: keepingSpare }, async (tenant) => {
      const deal = await delivered(tenant, fiveSeats());
      addLearner(tenant, deal, 'kim');
      await again(tenant, deal);
      const asked = () => tenant.sandbox.exchanges.filter(({ system }) => system === 'ti').length;
      const before = [writeCount(tenant.sandbox), asked()];
      expect((await again(tenant, deal)).detail).toContain('nothing was done');
      expect([writeCount(tenant.sandbox), asked()]).toEqual(before);
    }));

  test('one learner is exchanged for another and a seat is left -> the new one gets another code, and the old one keeps the first', () =>
    rig.withSandbox({ catalog: keepingSpare }, async (tenant) => {
      const deal = await delivered(tenant, fiveSeats(2));
      const ofLee = codesWith(tenant, LEE);
      removeLearner(tenant, deal, LEE);
      const kim = addLearner(tenant, deal, 'kim');
      expect((await again(tenant, deal)).status).toBe('Delivered');
      expect(codesWith(tenant, LEE)).toEqual(ofLee);
      expect(codesWith(tenant, kim)).toHaveLength(1);
      expect(codesWith(tenant, kim)).not.toEqual(ofLee);
    }));

  test('one learner is exchanged for another and no seat is left -> the new one is named, gets nothing, and is helped by one more seat', () =>
    rig.withSandbox({ catalog: keepingSpare }, async (tenant) => {
      const deal = await delivered(tenant, fiveSeats(1));
      const ofLee = codesWith(tenant, LEE);
      removeLearner(tenant, deal, LEE);
      const kim = addLearner(tenant, deal, 'kim');
      await tenant.provision(tenant.ref('hubspot', deal.dealId));
      const { problems } = await tenant.waitForStatus(deal.id, 'NeedsAttention');
      expect(problems).toMatchObject([{ code: 'deal.too_few_seats' }]);
      expect(problems[0]?.message).toContain(kim);
      expect(ledgerOf(tenant, deal)).not.toHaveProperty('pending');
      setQuantity(tenant, deal, 2);
      await tenant.answer(deal.id, 'retry', BOSS);
      expect((await tenant.resultOf(deal.id)).status).toBe('Delivered');
      expect(codesWith(tenant, LEE)).toEqual(ofLee);
      expect(codesWith(tenant, kim)).toHaveLength(1);
      expect(hubspotEvidence(tenant.sandbox, deal).rosters.flat()).toEqual([]);
    }));

  test('the codes that were left over went to the buyer -> a later learner gets none of them, and is named', () =>
    rig.withSandbox({ catalog: handingOver({ to: 'learners' }) }, async (tenant) => {
      const deal = await delivered(tenant, fiveSeats());
      const kim = addLearner(tenant, deal, 'kim');
      await tenant.provision(tenant.ref('hubspot', deal.dealId));
      const { problems } = await tenant.waitForStatus(deal.id, 'NeedsAttention');
      expect(problems[0]?.message).toContain('went to the buyer');
      expect(problems[0]?.message).toContain(kim);
      removeLearner(tenant, deal, kim);
      await tenant.answer(deal.id, 'retry', BOSS);
      expect((await tenant.resultOf(deal.id)).status).toBe('Delivered');
    }));

  test('a code that was left over is redeemed already -> a later learner gets another one', () =>
    rig.withSandbox({ catalog: keepingSpare }, async (tenant) => {
      const deal = await delivered(tenant, fiveSeats(3));
      const [used = ''] = hubspotEvidence(tenant.sandbox, deal).rosters.flat();
      const code = tenant.sandbox.ti.state.codes.find((each) => each.code === used);
      if (code === undefined) throw new Error('no such code');
      tenant.sandbox.ti.state.redeem(used);
      const kim = addLearner(tenant, deal, 'kim');
      expect((await again(tenant, deal)).status).toBe('Delivered');
      expect(codesWith(tenant, kim)).toHaveLength(1);
      expect(codesWith(tenant, kim)).not.toContain(used);
    }));

  test('someone empties the link field of a learner who has a code -> no second code is given, and no message is sent', () =>
    rig.withSandbox({ catalog: keepingSpare }, async (tenant) => {
      const deal = await delivered(tenant, fiveSeats());
      const [ofLee = ''] = codesWith(tenant, LEE);
      tenant.sandbox.hubspot.state.edit('contacts', LEE, { dealseat_redeem_link: '' });
      expect((await again(tenant, deal)).detail).toContain('nothing was done');
      const kim = addLearner(tenant, deal, 'kim');
      await again(tenant, deal);
      expect(codesWith(tenant, LEE)).toEqual([]);
      expect(codesWith(tenant, kim)).toHaveLength(1);
      expect(codesWith(tenant, kim)).not.toContain(ofLee);
      expect(hubspotEvidence(tenant.sandbox, deal).rosters.flat()).not.toContain(ofLee);
    }));

  test('someone copies the link of a learner to a later learner -> the later one gets a code of their own', () =>
    rig.withSandbox({ catalog: keepingSpare }, async (tenant) => {
      const deal = await delivered(tenant, fiveSeats());
      const { state } = tenant.sandbox.hubspot;
      const kim = addLearner(tenant, deal, 'kim');
      const link = state.valuesOf('contacts', LEE).dealseat_redeem_link ?? '';
      state.edit('contacts', kim, { dealseat_redeem_link: link });
      expect((await again(tenant, deal)).status).toBe('Delivered');
      expect(codesWith(tenant, kim)).toHaveLength(1);
      expect(codesWith(tenant, kim)).not.toEqual(codesWith(tenant, LEE));
    }));

  test('a learner is merged into another contact, who takes the place -> no second code is given', () =>
    rig.withSandbox({ catalog: keepingSpare }, async (tenant) => {
      const deal = await delivered(tenant, fiveSeats());
      const { state } = tenant.sandbox.hubspot;
      const survivor = addLearner(tenant, deal, 'lee2');
      state.merge('contacts', survivor, LEE);
      expect((await again(tenant, deal)).detail).toContain('nothing was done');
      expect(tenant.sandbox.outbox.mails).toHaveLength(1);
    }));

  test('a learner leaves the deal and more seats are sold -> the code of the one who left is not in the roster', () =>
    rig.withSandbox({ catalog: handingOver({ to: 'learners' }) }, async (tenant) => {
      const deal = await delivered(tenant, fiveSeats(3));
      const [ofLee = ''] = codesWith(tenant, LEE);
      removeLearner(tenant, deal, LEE);
      const kim = addLearner(tenant, deal, 'kim');
      setQuantity(tenant, deal, 4);
      expect((await again(tenant, deal)).status).toBe('Delivered');
      expect(codesWith(tenant, LEE)).toEqual([ofLee]);
      const roster = hubspotEvidence(tenant.sandbox, deal).rosters.flat();
      expect(roster).not.toContain(ofLee);
      expect([...roster, ofLee, ...codesWith(tenant, kim)].sort()).toEqual(codesMade(tenant.sandbox));
    }));

  test('an event or the sweep looks at the deal, and no person -> the later learner gets a code all the same', () => {
    const sale = deal({ contacts: [BUYER, ...LEARNERS] });
    const written = writtenBy(carriedOut(planOf(sale, KEEPING_SPARE)), sale);
    const later = { ...sale, written, contacts: [...sale.contacts, contact('6009', { roles: ['Learner'] })] };
    for (const source of ['event', 'sweep'] as const) {
      expect(planOf(later, KEEPING_SPARE, { source })).toMatchObject({
        addedSeats: 0,
        learnerContactIds: ['6009'],
        messages: [{ contactId: '6009', audience: 'learner' }],
      });
    }
    expect(readingOf({ ...sale, written }, KEEPING_SPARE).kind).toBe('same');
  });

  test('a person stopped the deal -> a later learner gets nothing until a person starts it', () => {
    const sale = deal({ contacts: [BUYER, ...LEARNERS] });
    const ledger = carriedOut(planOf(sale, KEEPING_SPARE));
    const stopped = { ...ledger, stopped: { by: 'boss', wonAt: ledger.wonAt } };
    const contacts = [...sale.contacts, contact('6009', { roles: ['Learner'] })];
    const later = { ...sale, contacts, written: writtenBy(stopped, sale) };
    expect(readingOf(later, KEEPING_SPARE).kind).toBe('same');
    expect(readingOf(later, KEEPING_SPARE, { source: 'person' }).kind).toBe('more');
  });

  test('someone edits the ledger so that its seal does not hold -> no code that was left over goes to a later learner', () => {
    const sale = deal({ contacts: [BUYER, ...LEARNERS] });
    const written = writtenBy(carriedOut(planOf(sale, KEEPING_SPARE)), sale, sealerOf(9));
    const later = { ...sale, written, contacts: [...sale.contacts, contact('6009', { roles: ['Learner'] })] };
    const groups = platformGroups(carriedOut(planOf(sale, KEEPING_SPARE)));
    expect(problemsOf(readingOf(later, KEEPING_SPARE, { groups }))).toMatchObject([
      { code: 'deal.too_few_seats' },
    ]);
  });

  test('a later learner gets a link and leaves before the rest is handed over -> the code goes to no one else', async () => {
    const { opened, addTo, begin } = await handingOverToOneMore();
    const { state } = opened.sandbox.hubspot;
    const linkOf = (id: string) => state.valuesOf('contacts', id).dealseat_redeem_link ?? '';
    const kim = addTo('kim');
    await begin();
    const ofKim = linkOf(kim);
    expect(ofKim).not.toBe('');
    state.associations.unlink({ object: 'deals', id: '9001' }, { object: 'contacts', id: kim });
    const jo = addTo('jo');
    const resumed = { ...(await opened.prepare('hubspot')), isRosterOut: true };
    expect(resumed.plan.learnerContactIds).toEqual([jo]);
    await opened.prepareToSend(resumed);
    expect(linkOf(kim)).toBe(ofKim);
    expect(linkOf(jo)).not.toBe('');
    expect(linkOf(jo)).not.toBe(ofKim);
    const files = state.attachmentsOf({ object: 'deals', id: '9001' });
    expect(files.map(({ bytes }) => bytes.toString('utf8')).join()).not.toContain(ofKim.split('/').at(-1));
  });

  test('a later learner gets a link, leaves the deal and is deleted before the rest is handed over -> no one new gets a code that this learner may have', async () => {
    const { opened, addTo, begin } = await handingOverToOneMore();
    const { state } = opened.sandbox.hubspot;
    const kim = addTo('kim');
    await begin();
    state.associations.unlink({ object: 'deals', id: '9001' }, { object: 'contacts', id: kim });
    state.records.archive(state.records.getLive('contacts', kim), 'CRM_UI');
    addTo('jo');
    const resumed = { ...(await opened.prepare('hubspot')), isRosterOut: true };
    const failure = await failureOf(opened.run('attachRoster', resumed));
    expect(failure.code).toBe('deal.too_few_seats');
  });

  test('a product is added, its code is linked to a learner, who leaves and is deleted before the rest is handed over -> no one new gets a code that this learner may have', async () => {
    const { opened, addTo, begin } = await handingOverToOneMore();
    const { state } = opened.sandbox.hubspot;
    state.addLineItem('9001', { name: 'Manager Track', sku: 'TRACK-MGR', quantity: 2 });
    await begin();
    state.associations.unlink({ object: 'deals', id: '9001' }, { object: 'contacts', id: LEE });
    state.records.archive(state.records.getLive('contacts', LEE), 'CRM_UI');
    addTo('jo');
    const resumed = { ...(await opened.prepare('hubspot')), isRosterOut: true };
    const failure = await failureOf(opened.run('attachRoster', resumed));
    expect(failure.code).toBe('deal.too_few_seats');
  });

  test('a learner comes while the delivery waits for help with a message -> the learner gets a code that is left', async () => {
    const opened = await open({ catalog: keepingSpare });
    const { state } = opened.sandbox.hubspot;
    const first = await opened.prepareMessages('hubspot');
    await opened.run('sendMessages', first);
    const ofLee = state.valuesOf('contacts', LEE).dealseat_redeem_link ?? '';
    const jo = state.createContact({ email: 'jo@acme.example' });
    state.addContact('9001', jo, ['Learner']);
    const resumed = { ...(await opened.prepare('hubspot')), isRosterOut: true };
    await opened.run('attachRoster', resumed);
    const ofJo = state.valuesOf('contacts', jo).dealseat_redeem_link ?? '';
    expect(ofJo).not.toBe('');
    expect(ofJo).not.toBe(ofLee);
    const roster = await opened.run('attachRoster', resumed);
    expect(roster.codeCount).toBe(23);
  });

  test('a delivered deal is merged into another delivered one, and the hand-over of both is interrupted -> the codes that were left over of both stay in the roster', async () => {
    const opened = await open({ catalog: keepingSpare });
    const { state } = opened.sandbox.hubspot;
    const other = state.createDeal({
      name: 'Acme second rollout',
      ownerId: '8001',
      stage: 'closedwon',
      lineItems: [{ name: 'Leadership Essentials', sku: 'LEAD-101', quantity: 3 }],
    });
    const kim = state.createContact({ email: 'kim@acme.example', firstName: 'Kim', lastName: 'Doe' });
    state.addContact(other, kim, ['Learner', 'Buyer']);
    const second = { ...DEALS.hubspot, dealId: other };
    for (const ref of [DEALS.hubspot, second]) {
      const first = await opened.prepareToSend(await opened.prepareDeal(ref));
      const { hold, plan, groups, roster } = first;
      const ledger = deliveredLedger(plan, groups, roster);
      const mark = { what: 'mark', status: 'Delivered', detail: '', facts: null, ledger } as const;
      await opened.run('writeRecord', { deal: ref, hold, write: mark });
    }
    state.merge('deals', '9001', other);
    state.addLineItem('9001', { sku: 'LEAD-101', quantity: 3 });
    state.associations.unlink({ object: 'deals', id: '9001' }, { object: 'contacts', id: kim });
    state.addContact('9001', kim, ['Learner']);
    const begun = await opened.prepare('hubspot');
    const noted = notedLedger(begun.plan, begun.groups);
    const note = { what: 'note', status: 'AwaitingCodes', detail: '', ledger: noted } as const;
    await opened.run('writeRecord', { deal: DEALS.hubspot, hold: begun.hold, write: note });
    await writeLinksOnly(opened, begun);
    const resumed = { ...(await opened.prepare('hubspot')), isRosterOut: true };
    await opened.run('attachRoster', resumed);
    expect((await opened.run('attachRoster', resumed)).codeCount).toBe(24 + 2);
    // Perhaps the other deal's buyer has codes that were left over there, so they are for no later learner.
    expect(resumed.plan.isSpareKept).toBe(false);
    expect(resumed.plan.messages.map(({ audience }) => audience)).toEqual(['learner', 'learner', 'buyer']);
  });

  test('seats are withdrawn while the roster is gone, and a learner was deleted -> no later learner gets a code that this one may have', () =>
    rig.withSandbox({ catalog: keepingSpare }, async (tenant) => {
      const { state } = tenant.sandbox.hubspot;
      const started = await tenant.startHubSpot(fiveSeats(4));
      await tenant.resultOf(started.id);
      const kim = addLearner(tenant, started, 'kim');
      await again(tenant, started);
      removeLearner(tenant, started, kim);
      state.records.archive(state.records.getLive('contacts', kim), 'CRM_UI');
      const files = state.attachmentsOf({ object: 'deals', id: started.dealId });
      for (const { id } of files) state.files.remove(id);
      setQuantity(tenant, started, 3);
      await untilAsked(tenant, started);
      await tenant.answer(started.id, 'withdraw', BOSS);
      expect((await tenant.resultOf(started.id)).detail).not.toContain('kept for learners');
      const jo = addLearner(tenant, started, 'jo');
      await tenant.provision(tenant.ref('hubspot', started.dealId));
      const { problems } = await tenant.waitForStatus(started.id, 'NeedsAttention');
      expect(problems).toMatchObject([{ code: 'deal.too_few_seats' }]);
      expect(codesWith(tenant, jo)).toEqual([]);
      removeLearner(tenant, started, jo);
      await tenant.answer(started.id, 'retry', BOSS);
      await tenant.resultOf(started.id);
    }));

  test('a later learner may not be seen -> the deal is asked about, and the others keep what they have', () => {
    const [lee] = LEARNERS;
    if (lee === undefined) throw new Error('no learner');
    const sale = deal({ contacts: [BUYER, lee] });
    const plan = planOf(sale, FOR_LEARNERS);
    const written = writtenBy(carriedOut(plan), sale);
    const hidden = { id: '6009', why: 'hidden', roles: ['Learner'], isPrimary: false } as const;
    const later = { ...sale, written, unseenContacts: [hidden] };
    expect(problemsOf(readingOf(later, FOR_LEARNERS))).toMatchObject([{ code: 'crm.forbidden' }]);
    expect(readingOf({ ...later, isWon: false }, FOR_LEARNERS).kind).toBe('fewer');
    const leeHidden = { ...sale, written, contacts: [BUYER], unseenContacts: [{ ...hidden, id: lee.id }] };
    expect(readingOf(leeHidden, FOR_LEARNERS).kind).toBe('same');
  });
});
