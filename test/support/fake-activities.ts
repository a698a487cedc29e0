import { createHash } from 'node:crypto';
import type { ProvisioningActivities } from '../../src/contracts/activities.ts';
import type { Policy } from '../../src/contracts/policy.ts';
import type { Catalog } from '../../src/domain/deal/catalog.ts';
import type { Deal } from '../../src/domain/deal/deal.ts';
import { buildPlan } from '../../src/domain/planning/build-plan.ts';
import { ACTIVITY_NAMES } from './route-by-account.ts';
import { exampleCatalog } from './sandbox-activities.ts';

export interface FakeOptions {
  /** What some activities do instead of going well. */
  readonly overrides?: (going: ProvisioningActivities) => Partial<ProvisioningActivities>;
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

/** Activities without a remote system: all goes well at once, and every call is remembered. */
export function createFakeActivities(options: FakeOptions): {
  readonly activities: ProvisioningActivities;
  readonly calls: readonly FakeCall[];
} {
  const calls: FakeCall[] = [];
  const catalog = exampleCatalog(options.catalog);
  const going: ProvisioningActivities = {
    planDeal: async ({ deal }) =>
      buildPlan({ ...wonDeal(deal.account), ...options.deal }, catalog, { sha256, today: '2026-11-20' }),
    ensureCodeGroup: async ({ group }) => ({
      token: group.token,
      groupId: `id-of-${group.token}`,
      label: group.label,
      seatCount: group.seatCount,
      wasAdopted: false,
      orphans: [],
    }),
    awaitCodes: async () => undefined,
    writeRedeemLinks: async () => undefined,
    attachRoster: async ({ plan }) => ({
      fileId: '4001',
      fileName: plan.rosterFileName,
      url: 'https://crm.example/files/4001',
      codeCount: plan.seatCount,
      sha256: sha256(plan.rosterFileName),
    }),
    sendMessages: async ({ plan }) =>
      plan.messages.map(({ contactId, audience }) => ({
        contactId,
        audience,
        state: 'sent',
        reference: null,
      })),
    writeDealStatus: async () => undefined,
    isClaimedElsewhere: async () => false,
    notifyOwner: async () => undefined,
    quarantineCodeGroup: async ({ group }) => ({ quarantined: [group.label] }),
    clearRedeemLinks: async () => undefined,
    removeRoster: async () => undefined,
    withdrawSeats: async () => ({ roster: null, groups: [], contactCount: 0 }),
  };
  const activities = { ...going, ...options.overrides?.(going) };
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
    isWon: true,
    wonAt: '2026-11-20T09:00:00.000Z',
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
      },
      {
        id: '6002',
        email: 'lee.park@acme.example',
        firstName: 'Lee',
        lastName: 'Park',
        roles: ['Learner'],
        isPrimary: false,
      },
    ],
    mergedDealIds: [],
    mark: null,
    claim: null,
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
