import { randomUUID } from 'node:crypto';
import type { Sandbox } from '../sandbox/index.ts';
import type { DealRef } from '../src/domain/deal/deal.ts';

/** What is sold: each product becomes one code group. */
export type Seats = Readonly<Partial<Record<'LEAD-101' | 'NEGO-201', number>>>;

export const CRMS = ['hubspot', 'salesforce'] as const;

export type BenchCrm = (typeof CRMS)[number];

/** Makes a won deal that nobody has told Dealseat of yet. */
export function createDeal(
  sandbox: Sandbox,
  crm: BenchCrm,
  seats: Seats,
  { withLearners = false } = {},
): DealRef {
  return { crm, account: accountOf(sandbox, crm), dealId: CREATE[crm](sandbox, seats, withLearners) };
}

function accountOf({ hubspot, salesforce }: Sandbox, crm: BenchCrm): string {
  return crm === 'hubspot' ? String(hubspot.state.portalId) : salesforce.state.orgId;
}

/** Two people that no other deal knows. */
function learners(): string[] {
  return Array.from({ length: 2 }, () => `learner-${randomUUID()}@globex.example`);
}

const CREATE: Record<BenchCrm, (sandbox: Sandbox, seats: Seats, withLearners: boolean) => string> = {
  hubspot: ({ hubspot }, seats, withLearners) =>
    hubspot.state.createDeal({
      name: 'Bench deal',
      ownerId: '8001',
      companyId: '5001',
      lineItems: Object.entries(seats).map(([sku, quantity]) => ({ name: sku, sku, quantity })),
      contacts: [
        { id: '6001', labels: ['Buyer'] },
        ...(withLearners ? learners() : []).map((email) => ({
          email,
          lastName: 'Learner',
          labels: ['Learner'],
        })),
      ],
    }),
  salesforce: ({ salesforce }, seats, withLearners) =>
    salesforce.state.createOpportunity({
      name: 'Bench deal',
      stageName: 'Closed Won',
      closeDate: new Date().toISOString().slice(0, 10),
      account: { name: 'Globex Inc', website: 'https://www.globex.example' },
      lineItems: Object.entries(seats).map(([productCode, quantity]) => ({
        productCode,
        name: productCode,
        quantity,
      })),
      contacts: [
        {
          firstName: 'Robin',
          lastName: 'Vale',
          email: 'robin.vale@globex.example',
          role: 'Economic Buyer',
          isPrimary: true,
        },
        ...(withLearners ? learners() : []).map((email) => ({ email, lastName: 'Learner', role: 'Learner' })),
      ],
      owner: { firstName: 'Kim', lastName: 'Ops', email: 'kim.ops@vendor.example' },
    }),
};
