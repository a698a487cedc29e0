import type { NewOpportunity } from '../../sandbox/salesforce/state.ts';
import type { Crm } from '../../src/clients/crm.ts';
import { parseCatalog } from '../../src/config/load-catalog.ts';
import { type Catalog, dealReadingFor } from '../../src/domain/deal/catalog.ts';
import type { Deal } from '../../src/domain/deal/deal.ts';
import { activeSeats, formatLedger } from '../../src/domain/deal/ledger.ts';
import type { Reading } from '../../src/domain/planning/reading.ts';
import { openHubSpotAccount } from '../clients/hubspot-account.ts';
import { startSandboxOrg } from '../clients/salesforce-sandbox.ts';
import { type Around, carriedOut, EXAMPLE_YAML, planOf, readingOf, SEALER } from '../unit/example-deals.ts';

export const START = Date.parse('2026-11-20T08:00:00.000Z');
const HOUR = 3_600_000;

/** The stand-in of a CRM with the real client, by the example catalog and what a test adds to it. */
export interface Shop {
  readonly catalog: Catalog;
  readonly crm: Crm;
  /** Lets time pass. */
  wait(ms: number): void;
  deal(dealId: string): Promise<Deal>;
  reading(dealId: string, around?: Around): Promise<Reading>;
  /** What the deal comes to: the seats that would be made, or the codes of what keeps them from being made. */
  outcome(dealId: string, around?: Around): Promise<string>;
  /** As if its plan had been carried out. */
  deliver(dealId: string): Promise<void>;
  /** Ids of the deals that a sweep finds. */
  swept(): Promise<string[]>;
}

export function catalogWith(yaml: string): Catalog {
  return parseCatalog(`${EXAMPLE_YAML}\n${yaml}`, { learnerUrl: 'https://learn.vendor.example' });
}

export async function openHubSpotShop(yaml = '') {
  let now = START;
  const account = await openHubSpotAccount({
    now: () => now,
    searchIndexDelayMs: 0,
    rateLimit: { burst: Number.POSITIVE_INFINITY, searchPerSecond: Number.POSITIVE_INFINITY },
  });
  const catalog = catalogWith(yaml);
  const crm = account.connect({ reading: dealReadingFor(catalog, 'hubspot') });
  const wait = (ms: number) => {
    now += ms;
  };
  return { ...account, ...shopOf({ catalog, crm, wait }), crm };
}

export async function openSalesforceShop(yaml = '') {
  let now = START;
  const catalog = catalogWith(yaml);
  const reading = dealReadingFor(catalog, 'salesforce');
  const org = await startSandboxOrg({ now: () => now, reading });
  const wait = (ms: number) => {
    now += ms;
  };
  return { ...org, ...shopOf({ catalog, crm: org.crm, wait }) };
}

function shopOf({ catalog, crm, wait }: Pick<Shop, 'catalog' | 'crm' | 'wait'>): Shop {
  const shop: Shop = {
    catalog,
    crm,
    wait,
    deal: (dealId) => crm.readDeal(dealId),
    reading: async (dealId, around) => readingOf(await shop.deal(dealId), catalog, around),
    outcome: async (dealId, around) => outcomeOf(await shop.reading(dealId, around)),
    async deliver(dealId) {
      const deal = await shop.deal(dealId);
      const ledger = carriedOut(planOf(deal, catalog));
      await crm.writeDealFields(dealId, {
        status: 'Delivered',
        seats: activeSeats(ledger),
        ledger: formatLedger(ledger, deal, SEALER),
      });
    },
    async swept() {
      const since = new Date(START).toISOString();
      const until = new Date(START + 1_000 * HOUR).toISOString();
      const { deals, isComplete } = await crm.findWonDeals({ since, until, limit: 200 });
      if (!isComplete) throw new Error('expected one page');
      return deals.map(({ dealId }) => dealId).sort();
    },
  };
  return shop;
}

export function outcomeOf(reading: Reading): string {
  switch (reading.kind) {
    case 'more':
      return `${reading.plan.addedSeats} seats`;
    case 'fewer':
      return `${reading.withdrawal.withdrawnSeats} seats too many`;
    case 'blocked':
      return reading.problems.map(({ code }) => code).join(', ');
    case 'same':
      return 'as delivered';
    case 'swapping':
      return 'seats in use';
    default:
      return reading.reason.code;
  }
}

/** Buyer of the deals that tests make. */
export const HUBSPOT_BUYER = [{ id: '6001', labels: ['Buyer'] }];
export const SALESFORCE_BUYER = [
  {
    firstName: 'Robin',
    lastName: 'Vale',
    email: 'robin@globex.example',
    role: 'Economic Buyer',
    isPrimary: true,
  },
];

export function soldOpportunity(changes: Partial<NewOpportunity> = {}): NewOpportunity {
  return {
    name: 'Globex',
    stageName: 'Closed Won',
    closeDate: '2026-11-20',
    lineItems: [{ productCode: 'LEAD-101', name: 'Leadership', quantity: 4 }],
    contacts: SALESFORCE_BUYER,
    ...changes,
  };
}
