import { describe, expect, test } from '@jest/globals';
import type { Catalog, CatalogPartner } from '../../src/domain/deal/catalog.ts';
import type { Company, CrmName, DealContact } from '../../src/domain/deal/deal.ts';
import { factsNeeded } from '../../src/domain/planning/facts.ts';
import {
  BUYER,
  carriedOut,
  comparisonOf,
  contact,
  deal,
  EXAMPLE,
  FOR_LEARNERS,
  LEARNERS,
  line,
  mailingBy,
  planOf,
  readingOf,
  TOOLS,
  writtenBy,
} from './example-deals.ts';

const plain = contact('1');
const other = contact('2');
const primary = contact('3', { isPrimary: true });
const withRole = contact('4', { roles: ['buyer'] });
const withBoth = contact('5', { roles: ['Buyer'], isPrimary: true });

describe('the buyer', () => {
  test.each<[string, readonly DealContact[], string | null]>([
    ['the only contact', [plain], '1'],
    ['the contact with the role, in whatever case it is written', [plain, primary, withRole], '4'],
    ['the primary contact when none has the role', [plain, primary, other], '3'],
    ['the primary one of several with the role', [withRole, withBoth], '5'],
    ['nobody, when none has the role and none is primary', [plain, other], null],
    [
      'nobody, when several have the role and none is primary',
      [withRole, contact('6', { roles: ['Buyer'] })],
      null,
    ],
    ['nobody, when there are no contacts', [], null],
  ])('is %s', (_, contacts, expected) => {
    const reading = readingOf(deal({ contacts }));
    expect(reading.kind === 'more' ? reading.plan.buyerContactId : null).toBe(expected);
  });

  test('is found by the role of the CRM that the deal comes from', () => {
    const contacts = [contact('1', { roles: ['Buyer'] }), contact('2', { roles: ['Economic Buyer'] })];
    const buyerIn = (crm: CrmName) => planOf(deal({ crm, contacts })).buyerContactId;
    expect([buyerIn('hubspot'), buyerIn('salesforce')]).toEqual(['1', '2']);
  });

  test('is the primary or only contact where the catalog names no role', () => {
    const catalog: Catalog = { ...EXAMPLE, buyer: { roles: {}, isRequired: false } };
    expect(planOf(deal({ contacts: [withRole, primary] }), catalog).buyerContactId).toBe('3');
  });
});

describe('the learners', () => {
  test('who came later and are hidden have no link field that could be read', () => {
    const sale = deal({ contacts: [BUYER, ...LEARNERS] });
    const written = writtenBy(carriedOut(planOf(sale, FOR_LEARNERS)), sale);
    const hidden = { id: 'of role 00K1', why: 'hidden', roles: ['Learner'], isPrimary: false } as const;
    const contacts = [...sale.contacts, contact('6009', { roles: ['Learner'] })];
    const later = comparisonOf({ ...sale, written, contacts, unseenContacts: [hidden] }, FOR_LEARNERS);
    expect(factsNeeded(later, { isRosterThere: true, isPreview: false }).linksOf).toEqual(['6009']);
  });

  test('are the contacts with the role, by id, and nobody when codes go to the buyer', () => {
    const contacts = [contact('9', { roles: ['learner'] }), BUYER, ...LEARNERS];
    expect(planOf(deal({ contacts }), FOR_LEARNERS).learnerContactIds).toEqual(['6002', '6003', '9']);
    expect(planOf(deal({ contacts })).learnerContactIds).toEqual([]);
  });
});

describe('who is written to', () => {
  const messages = (crm: CrmName, tool: string, to: 'buyer' | 'learners', seats = 25) => {
    const sale = deal({ crm, lineItems: [line('LEAD-101', seats)] });
    const planned = planOf(sale, mailingBy({ [crm]: tool }, to));
    return planned.messages.map(({ contactId, audience }) => `${audience} ${contactId}`);
  };

  test.each(['singleSend', 'sequence', 'list'] as const)(
    'by %s, the buyer alone when codes go to the buyer',
    (via) => {
      expect(messages('hubspot', TOOLS[via], 'buyer')).toEqual(['buyer 6001']);
    },
  );

  test.each(['hubspot', 'salesforce'])('nobody, when the catalog wants no mail of %s', (crm) => {
    expect(messages(crm, TOOLS.none, 'buyer')).toEqual([]);
    expect(messages(crm, TOOLS.none, 'learners')).toEqual([]);
  });

  test('by single send, every learner, and the buyer only when codes are left over', () => {
    const { singleSend } = TOOLS;
    expect(messages('hubspot', singleSend, 'learners')).toEqual([
      'learner 6002',
      'learner 6003',
      'buyer 6001',
    ]);
    expect(messages('hubspot', singleSend, 'learners', 2)).toEqual(['learner 6002', 'learner 6003']);
  });

  test('the buyer, of two products, only when one of them has more codes than there are learners', () => {
    const buyerHears = (...seats: readonly [number, number]) =>
      planOf(
        deal({ lineItems: [line('LEAD-101', seats[0]), line('NEGO-201', seats[1], { id: '2' })] }),
        FOR_LEARNERS,
      ).messages.some(({ audience }) => audience === 'buyer');
    expect([buyerHears(2, 2), buyerHears(2, 3), buyerHears(3, 2)]).toEqual([false, true, true]);
  });

  test('by sequence and list, the learners and nobody else, because the buyer has no link to merge', () => {
    for (const tool of [TOOLS.sequence, TOOLS.list]) {
      expect(messages('hubspot', tool, 'learners')).toEqual(['learner 6002', 'learner 6003']);
    }
  });

  test('in Salesforce the learners are left to the flow, and the buyer hears of the codes left over', () => {
    expect(messages('salesforce', '{ via: emailSimple }', 'learners')).toEqual(['buyer 6001']);
    expect(messages('salesforce', '{ via: emailSimple }', 'learners', 2)).toEqual([]);
  });

  test('a message keeps its key in every run, and each contact has another one', () => {
    const keys = () => planOf(deal(), FOR_LEARNERS).messages.map(({ sendKey }) => sendKey);
    expect(keys()).toEqual(keys());
    expect(new Set(keys()).size).toBe(3);
  });
});

describe('the partner', () => {
  const label = 'acme-partner';
  const redeemUrl = 'https://learn.vendor.example/acme/{code}';
  const rule = (match: CatalogPartner['match']): Catalog => ({
    ...EXAMPLE,
    partners: [{ match, label, client: 'client-1', redeemUrl }],
  });
  const company: Company = { id: '5001', name: ' ACME corp ', domain: 'acme.example' };
  const salesforceCompany: Company = { id: '0015Y00002abcdEQAQ', name: 'Acme', domain: null };

  test.each<[string, CrmName, Company | null, Catalog, boolean]>([
    ['its name, without case and outer blanks', 'hubspot', company, rule({ company: 'Acme Corp' }), true],
    ['its domain', 'salesforce', company, rule({ domain: 'acme.example' }), true],
    ['its HubSpot id', 'hubspot', company, rule({ crm: 'hubspot', companyId: '5001' }), true],
    [
      'its Salesforce id',
      'salesforce',
      salesforceCompany,
      rule({ crm: 'salesforce', companyId: salesforceCompany.id }),
      true,
    ],
    [
      'not by a HubSpot id in Salesforce',
      'salesforce',
      company,
      rule({ crm: 'hubspot', companyId: '5001' }),
      false,
    ],
    ['not by a part of its name', 'hubspot', company, rule({ company: 'Acme' }), false],
    ['not when it has no domain', 'salesforce', salesforceCompany, rule({ domain: 'acme.example' }), false],
    ['not when the deal has no company', 'hubspot', null, rule({ company: 'Acme Corp' }), false],
  ])('is known by %s', (_, crm, of, catalog, isPartner) => {
    const [group] = planOf(deal({ crm, company: of }), catalog).groups;
    expect(group?.client).toBe(isPartner ? 'client-1' : null);
    expect(group?.redeemUrl).toBe(isPartner ? redeemUrl : EXAMPLE.redeemUrl);
    expect(group?.label.startsWith(`${label}-`)).toBe(isPartner);
  });

  test('where none is known, the company names the label, and without a company the deal does', () => {
    const labelFor = (of: Company | null) => planOf(deal({ company: of })).groups[0]?.label ?? '';
    expect(labelFor({ id: '1', name: 'Globex Inc', domain: null })).toMatch(/^globex-inc-leadership/);
    expect(labelFor(null)).toMatch(/^acme-leadership-rollout-leadership/);
  });
});

describe('a product', () => {
  test('is found by its id only in the CRM that the id belongs to', () => {
    const [example] = EXAMPLE.products;
    if (example === undefined) throw new Error('the example catalog has no product');
    const catalog: Catalog = {
      ...EXAMPLE,
      products: [{ ...example, match: { crm: 'hubspot', productId: '7001' } }],
    };
    const lineItems = [line('LEAD-101', 3, { productId: '7001' })];
    expect(readingOf(deal({ lineItems }), catalog).kind).toBe('more');
    expect(readingOf(deal({ lineItems, crm: 'salesforce' }), catalog).kind).toBe('blocked');
  });

  test('is found by its SKU in any spelling, and by no part of it', () => {
    expect(readingOf(deal({ lineItems: [line(' lead\u2011101', 3)] })).kind).toBe('more');
    expect(readingOf(deal({ lineItems: [line('LEAD-10', 3)] })).kind).toBe('blocked');
  });
});
