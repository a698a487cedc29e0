import type { Sandbox } from '../../sandbox/index.ts';
import { type BenchCrm, CRMS } from '../deals.ts';

/** A deal that was won just now and that nobody was told of. */
export interface WonDeal {
  readonly crm: BenchCrm;
  readonly dealId: string;
  /** The code group that is made for the deal is known by it. */
  readonly seats: number;
  /** Nobody else is the buyer of this deal. */
  readonly buyer: string;
}

/** A team; neighbouring deals sell one more or less, so that up to this many deals have each their own number. */
const USUAL_SEATS = 25;
const FEWEST_SEATS = 13;

let count = 0;

/** By turns in each of these CRMs. What hangs on the deals has stood still for a day. */
export function winDeals(
  sandbox: Sandbox,
  options: { readonly deals: number; readonly crms?: readonly BenchCrm[] },
): WonDeal[] {
  const crms = options.crms ?? CRMS;
  return Array.from({ length: options.deals }, (_, index) => {
    count += 1;
    const crm = crms[index % crms.length] ?? 'hubspot';
    const seats = options.deals === 1 ? USUAL_SEATS : FEWEST_SEATS + (index % USUAL_SEATS);
    const buyer = `buyer-${count}@customer.example`;
    return { crm, seats, buyer, dealId: WIN[crm](sandbox, { seats, buyer, name: `Bench deal ${count}` }) };
  });
}

interface Sale {
  readonly name: string;
  readonly seats: number;
  readonly buyer: string;
}

const WIN: Record<BenchCrm, (sandbox: Sandbox, sale: Sale) => string> = {
  hubspot: ({ hubspot }, { name, seats, buyer }) =>
    hubspot.state.createDeal({
      name,
      ownerId: '8001',
      companyId: '5001',
      lineItems: [{ name: 'Leadership Essentials', sku: 'LEAD-101', quantity: seats }],
      contacts: [{ email: buyer, firstName: 'Robin', lastName: 'Buyer', labels: ['Buyer'] }],
    }),
  salesforce: ({ salesforce }, { name, seats, buyer }) =>
    salesforce.state.createOpportunity({
      name,
      stageName: 'Closed Won',
      closeDate: new Date().toISOString().slice(0, 10),
      account: { name: 'Globex Inc', website: 'https://www.globex.example' },
      lineItems: [{ productCode: 'LEAD-101', name: 'Leadership Essentials', quantity: seats }],
      contacts: [
        { firstName: 'Robin', lastName: 'Buyer', email: buyer, role: 'Economic Buyer', isPrimary: true },
      ],
      owner: { firstName: 'Kim', lastName: 'Ops', email: 'kim.ops@vendor.example' },
    }),
};
