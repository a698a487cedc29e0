import { createHash } from 'node:crypto';
import { HUBSPOT } from '../../src/clients/hubspot/module.ts';
import {
  ACTIVITY_NAMES,
  type ProvisioningActivities,
  type WriteRecordInput,
} from '../../src/contracts/activities.ts';
import type { OutageActivities } from '../../src/contracts/outage.ts';
import type { Policy } from '../../src/contracts/policy.ts';
import type { Catalog } from '../../src/domain/deal/catalog.ts';
import type { Deal } from '../../src/domain/deal/deal.ts';
import { formatLedger } from '../../src/domain/deal/ledger.ts';
import { UNWRITTEN } from '../../src/domain/deal/unwritten.ts';
import { compare, readingHash } from '../../src/domain/planning/compare.ts';
import { NO_FACTS } from '../../src/domain/planning/facts.ts';
import { plan } from '../../src/domain/planning/read.ts';
import type { PlanRules } from '../../src/domain/planning/rules.ts';
import { goingActivities } from './going-activities.ts';
import { exampleCatalog, testSealer } from './sandbox-activities.ts';

export interface FakeOptions {
  /** What some activities do instead of going well. */
  readonly overrides?: (going: ProvisioningActivities) => Partial<ProvisioningActivities>;
  /** Absent: every system answers. */
  readonly probe?: OutageActivities['probeSystem'];
  readonly policy?: Partial<Policy>;
  /** Changes to the deal that `planDeal` plans. */
  readonly deal?: Partial<Deal>;
  readonly catalog?: (example: Catalog) => Catalog;
}

export interface FakeCall {
  readonly activity: keyof ProvisioningActivities;
  readonly input: unknown;
}

export const fakeDeal = { crm: 'hubspot', dealId: '9001' } as const;

/** Activities without a remote system: all goes well at once, and every call and what the deal was told is remembered. */
export function createFakeActivities(options: FakeOptions): {
  readonly activities: ProvisioningActivities;
  readonly calls: readonly FakeCall[];
} {
  const calls: FakeCall[] = [];
  const catalog = exampleCatalog(options.catalog);
  /** By id of the deal. */
  const records = new Map<string, Deal['written']>();
  const writtenOn = (dealId: string) => records.get(dealId) ?? { ...UNWRITTEN, ...options.deal?.written };
  const going = goingActivities(async ({ deal: { account, dealId }, source, seen }) => {
    const deal = { ...wonDeal(account), dealId, ...options.deal, written: writtenOn(dealId) };
    const read = { deal, catalog, rules: fakeRules(source) };
    if (seen !== undefined && seen === readingHash(read)) {
      return { kind: 'unchanged', changedAt: deal.changedAt };
    }
    return plan(compare({ ...read, inherited: [] }), NO_FACTS);
  });
  // A deal that forgot what was delivered would be delivered again, without end.
  const write = ({ write: said, deal }: WriteRecordInput) => {
    const ledger = 'ledger' in said ? { ledger: formatLedger(said.ledger, deal, testSealer) } : {};
    records.set(deal.dealId, {
      ...writtenOn(deal.dealId),
      status: said.status ?? writtenOn(deal.dealId).status,
      ...ledger,
    });
  };
  const writing: ProvisioningActivities = {
    ...going,
    // As a platform that makes codes slowly.
    ensureCodeGroup: async (input) => ({ ...(await going.ensureCodeGroup(input)), isListed: false }),
    concludeDelivery: async (input) => {
      write(input);
      return going.concludeDelivery(input);
    },
    writeRecord: async (input) => {
      write(input);
      return going.writeRecord(input);
    },
  };
  const activities = { ...writing, ...options.overrides?.(writing) };
  const remembered = ACTIVITY_NAMES.map((activity) => [
    activity,
    (input: never) => {
      calls.push({ activity, input });
      return (activities[activity] as (input: never) => Promise<unknown>)(input);
    },
  ]);
  return { activities: Object.fromEntries(remembered) as ProvisioningActivities, calls };
}

function wonDeal(account: string): Deal {
  return {
    ...fakeDeal,
    account,
    name: 'Acme leadership rollout',
    url: 'https://crm.example/deals/9001',
    print: 'print-1',
    isWon: true,
    stageHistory: [{ isWon: true, since: '2026-11-20T09:00:00.000Z' }],
    stage: 'Closed won',
    closeDate: '2026-11-20',
    owner: { id: '8001', email: 'sam.ops@vendor.example' },
    company: { id: '5001', name: 'Acme Corp', domain: 'acme.example' },
    lineItems: [{ id: '1', name: 'Leadership Essentials', quantity: 3, sku: 'LEAD-101', productId: '7001' }],
    contacts: [
      {
        id: '6001',
        email: 'dana.reyes@acme.example',
        firstName: 'Dana',
        lastName: 'Reyes',
        roles: ['Buyer'],
        isPrimary: false,
        formerIds: [],
      },
      {
        id: '6002',
        email: 'lee.park@acme.example',
        firstName: 'Lee',
        lastName: 'Park',
        roles: ['Learner'],
        isPrimary: false,
        formerIds: [],
      },
    ],
    unseenCompany: null,
    unseenContacts: [],
    mergedDealIds: [],
    written: UNWRITTEN,
    changedAt: '2026-11-20T09:00:01.000Z',
  };
}

/** What the fake deal is judged by. */
function fakeRules(source: PlanRules['source']): PlanRules {
  return {
    sha256: (text) => createHash('sha256').update(text, 'utf8').digest('hex'),
    sealer: testSealer,
    today: '2026-11-20',
    crm: HUBSPOT.facts,
    source,
    wonSince: null,
    closedLongAgoMs: 30 * 24 * 3_600_000,
  };
}
