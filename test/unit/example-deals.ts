import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { parseCatalog } from '../../src/config/load-catalog.ts';
import type { Catalog } from '../../src/domain/deal/catalog.ts';
import type { Deal, DealContact, LineItem } from '../../src/domain/deal/deal.ts';
import { buildPlan } from '../../src/domain/planning/build-plan.ts';
import type { Plan, PlanOutcome } from '../../src/domain/planning/plan.ts';

export const TODAY = '2026-11-20';
export const LEARNER_URL = 'https://learn.vendor.example';
export const EXAMPLE_YAML = readFileSync(new URL('../../catalog.example.yaml', import.meta.url), 'utf8');
export const EXAMPLE = parseCatalog(EXAMPLE_YAML, { learnerUrl: LEARNER_URL });
/** The example, with one code for each learner of the deal. */
export const FOR_LEARNERS: Catalog = { ...EXAMPLE, handOver: { ...EXAMPLE.handOver, to: 'learners' } };

export function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

export function planOf(deal: Deal, catalog = EXAMPLE, today = TODAY): PlanOutcome {
  return buildPlan(deal, catalog, { sha256, today });
}

/** The plan of a deal that has one. */
export function readyPlan(deal: Deal, catalog = EXAMPLE): Plan {
  const outcome = planOf(deal, catalog);
  if (outcome.kind !== 'ready') throw new Error(`expected a plan, found ${JSON.stringify(outcome)}`);
  return outcome.plan;
}

export function line(sku: string | null, quantity: number | null, changes: Partial<LineItem> = {}): LineItem {
  return { id: '1', name: `Line ${sku}`, quantity, sku, productId: null, ...changes };
}

export function contact(id: string, changes: Partial<DealContact> = {}): DealContact {
  return {
    id,
    email: `contact-${id}@acme.example`,
    firstName: 'Contact',
    lastName: id,
    roles: [],
    isPrimary: false,
    ...changes,
  };
}

export const BUYER = contact('6001', { roles: ['Buyer', 'Economic Buyer'] });
export const LEARNERS = [contact('6002', { roles: ['Learner'] }), contact('6003', { roles: ['Learner'] })];

export function deal(changes: Partial<Deal> = {}): Deal {
  return {
    crm: 'hubspot',
    account: '62515',
    dealId: '9001',
    name: 'Acme leadership rollout',
    url: 'https://app.hubspot.com/contacts/62515/record/0-3/9001',
    isWon: true,
    wonAt: '2026-11-20T09:00:00.000Z',
    stage: 'Closed won',
    closeDate: TODAY,
    owner: { id: '8001', email: 'sam.ops@vendor.example' },
    company: { id: '5001', name: 'Acme Corp', domain: 'acme.example' },
    lineItems: [line('LEAD-101', 25)],
    contacts: [BUYER, ...LEARNERS],
    mergedDealIds: [],
    mark: null,
    claim: null,
    ...changes,
  };
}

const granting = fc.record({
  id: fc.uuid(),
  name: fc.string({ unit: 'grapheme' }),
  quantity: fc.integer({ min: 3, max: 9_000 }),
  sku: fc.constantFrom('LEAD-101', 'NEGO-201', 'TRACK-MGR'),
  productId: fc.constant(null),
});

const bystanders = fc.uniqueArray(
  fc.record({
    id: fc.integer({ min: 7_000, max: 7_999 }).map(String),
    email: fc.option(fc.emailAddress()),
    firstName: fc.option(fc.string({ unit: 'grapheme' })),
    lastName: fc.option(fc.string({ unit: 'grapheme' })),
    roles: fc.subarray(['Assistant', 'Sponsor']),
    isPrimary: fc.constant(false),
  }),
  { selector: ({ id }) => id, maxLength: 5 },
);

/** Deals that can be provisioned as they are, with names and companies in any script. */
export const wonDeals: fc.Arbitrary<Deal> = fc
  .record({
    crm: fc.constantFrom('hubspot' as const, 'salesforce' as const),
    dealId: fc.integer({ min: 1, max: 99_999 }).map(String),
    name: fc.string({ unit: 'grapheme', minLength: 1 }),
    companyName: fc.option(fc.string({ unit: 'grapheme' })),
    lineItems: fc.array(granting, { minLength: 1, maxLength: 6 }),
    contacts: bystanders,
  })
  .map(({ companyName, contacts, ...rest }) =>
    deal({
      ...rest,
      company: companyName === null ? null : { id: '1', name: companyName, domain: null },
      contacts: [...contacts, BUYER, ...LEARNERS],
    }),
  );
