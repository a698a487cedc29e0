import { afterEach, describe, expect, test } from '@jest/globals';
import type { Catalog } from '../../src/domain/deal/catalog.ts';
import type { Deal, DealContact, UnseenContact } from '../../src/domain/deal/deal.ts';
import type { Reading } from '../../src/domain/planning/reading.ts';
import { DEALS, forLearners, openWorld, type World, type WorldOptions } from '../activities/world.ts';
import {
  BUYER,
  contact,
  deal,
  EXAMPLE,
  FOR_LEARNERS,
  LEARNERS,
  planOf,
  readingOf,
} from '../unit/example-deals.ts';

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
  test('the contact with the buyer role is hidden in Salesforce and a consultant is visible -> nobody gets the codes, and the problem names the contact', async () => {
    const opened = await open();
    const { ref, ids } = addContacts(opened, [
      { lastName: 'Vale', role: 'Economic Buyer', isPrimary: true },
      { lastName: 'Sultant', role: 'Influencer' },
    ]);
    const [hidden = ''] = ids;
    opened.sandbox.salesforce.state.hide(hidden);
    const [problem, ...more] = problemsOf(await opened.read(ref));
    expect(problem).toMatchObject({ code: 'crm.forbidden' });
    expect(problem?.message).toContain(
      `Contact ${hidden} of deal ${ref.dealId} has the role "Economic Buyer"`,
    );
    expect(problem?.message).toContain('hidden from the integration user');
    expect(more).toEqual([]);
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

  test('HubSpot refuses to show the contact with the buyer label -> nobody gets the codes, and the problem names the contact', async () => {
    const opened = await open();
    remove(opened, 'contacts', '6001');
    opened.fail({
      system: 'hubspot',
      method: 'GET',
      path: /\/objects\/(0-1|contacts)\/6001/,
      kind: 'status',
      status: 403,
      body: { status: 'error', category: 'MISSING_SCOPES', message: 'missing scopes' },
    });
    const [problem] = problemsOf(await opened.read(DEALS.hubspot));
    expect(problem).toMatchObject({ code: 'crm.forbidden' });
    expect(problem?.message).toContain('Contact 6001 of deal 9001 has the role "Buyer"');
  });

  test('the primary contact is hidden and no contact has a role -> nobody gets the codes', () => {
    const [problem] = problemsOf(readingOf(inSalesforce([NAMELESS], [{ isPrimary: true }])));
    expect(problem).toMatchObject({ code: 'crm.forbidden' });
    expect(problem?.message).toContain('003unseen0');
  });

  test('one contact is visible, one is hidden, and neither is primary -> a person is asked who the buyer is', () => {
    const [problem] = problemsOf(readingOf(inSalesforce([NAMELESS], [{}])));
    expect(problem).toMatchObject({ code: 'deal.buyer_missing' });
    expect(problem?.message).toContain('"003unseen0" hidden from the integration user');
  });

  test('the only contact of the deal is hidden -> nobody gets the codes', () => {
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
    expect(problems[0]?.message).toContain('Contact 6009 of deal 9001 has the role "Learner"');
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
    expect(problem?.message).toContain('"Evaluator", "Wirtschaftlicher Käufer"');
    expect(problem?.message).toContain('expected one contact with the role "Economic Buyer"');
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

  test('the catalog requires the role and names none for this CRM -> a person is asked, and told of the catalog', () => {
    const catalog = { ...EXAMPLE, buyer: { roles: { hubspot: 'Buyer' }, isRequired: true } };
    const [problem] = problemsOf(readingOf(inSalesforce([NAMELESS]), catalog));
    expect(problem?.message).toContain('buyer.required is true');
  });
});

describe('When Dealseat may not see the company', () => {
  const partner = { label: 'globex', client: 'client-1', redeemUrl: null };
  const hidden = deal({ company: null, unseenCompany: { id: '5001', why: 'hidden' } });

  test('a partner of the catalog is known by its name -> nothing is made for the wrong customer, and the problem names the company', () => {
    const catalog: Catalog = { ...EXAMPLE, partners: [{ ...partner, match: { company: 'Globex Inc' } }] };
    const [problem] = problemsOf(readingOf(hidden, catalog));
    expect(problem).toMatchObject({ code: 'crm.forbidden' });
    expect(problem?.message).toContain('Company 5001 of deal 9001');
  });

  test('the partner is known by the id of the company -> the codes are made for that partner', () => {
    const match = { crm: 'hubspot', companyId: '5001' };
    const byDomain = { ...partner, label: 'other', match: { domain: 'other.example' } };
    const catalog: Catalog = { ...EXAMPLE, partners: [{ ...partner, match }, byDomain] };
    expect(planOf(hidden, catalog).groups[0]?.client).toBe('client-1');
    const behind: Catalog = { ...catalog, partners: [byDomain, { ...partner, match }] };
    expect(problemsOf(readingOf(hidden, behind))).toMatchObject([{ code: 'crm.forbidden' }]);
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
    expect(problem).toMatchObject({ code: 'crm.forbidden' });
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
    expect(plan.contactIds).not.toContain(kim);
  });

  test('the buyer was deleted in HubSpot and the deal still names it -> no other contact gets the codes, and the problem says so at once', async () => {
    const opened = await open();
    remove(opened, 'contacts', '6001');
    const [problem] = problemsOf(await opened.read(DEALS.hubspot));
    expect(problem).toMatchObject({ code: 'crm.not_found' });
    expect(problem?.message).toContain('Contact 6001 of deal 9001 has the role "Buyer" and was deleted');
  });

  test('a learner was deleted in HubSpot and the deal still names it -> the problem says so at once', async () => {
    const opened = await open({ catalog: forLearners });
    remove(opened, 'contacts', '6002');
    expect(problemsOf(await opened.read(DEALS.hubspot))).toMatchObject([{ code: 'crm.not_found' }]);
  });

  test('the buyer was merged into another contact and the deal still names the old one -> the surviving contact is the buyer', async () => {
    const opened = await open();
    const { state } = opened.sandbox.hubspot;
    const survivor = state.createContact({ email: 'dana@acme.example', firstName: 'Dana' });
    state.merge('contacts', survivor, '6001');
    const plan = await opened.plan('hubspot');
    expect(plan.buyerContactId).toBe(survivor);
    expect(plan.contactIds).toEqual([survivor, '6002']);
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
