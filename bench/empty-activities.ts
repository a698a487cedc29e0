import type { ProvisioningActivities } from '../src/contracts/activities.ts';
import type { CrmName } from '../src/domain/deal/deal.ts';
import type { PlanOutcome } from '../src/domain/planning/plan.ts';

/** A plan of a deal of each CRM, as the real activities made it. */
export type Plans = Readonly<Record<CrmName, Extract<PlanOutcome, { kind: 'ready' }>>>;

/**
 * Activities that do nothing and answer with as much as the real ones, so that the workflow takes the same way and
 * its history grows alike. What is left is the price of Temporal itself.
 */
export function createEmptyActivities(plans: Plans): ProvisioningActivities {
  return {
    planDeal: async ({ deal }) => {
      const planned = plans[deal.crm];
      return { ...planned, plan: { ...planned.plan, deal } };
    },
    ensureCodeGroup: async ({ group }) => ({
      token: group.token,
      groupId: '00000000-0000-4000-8000-000000000000',
      label: group.label,
      seatCount: group.seatCount,
      wasAdopted: false,
      orphans: [],
    }),
    awaitCodes: async () => undefined,
    writeRedeemLinks: async () => undefined,
    attachRoster: async ({ plan }) => ({
      fileId: '29471000001',
      fileName: plan.rosterFileName,
      url: 'https://crm.example/files/29471000001',
      codeCount: plan.seatCount,
      sha256: '0'.repeat(64),
    }),
    sendMessages: async ({ plan }) =>
      plan.messages.map(({ contactId, audience }) => ({
        contactId,
        audience,
        state: 'sent',
        reference: '00000000-0000-4000-8000-000000000000',
      })),
    writeDealStatus: async () => undefined,
    isClaimedElsewhere: async () => false,
    notifyOwner: async () => undefined,
    quarantineCodeGroup: async ({ group }) => ({ quarantined: [group.label] }),
    clearRedeemLinks: async () => undefined,
    removeRoster: async () => undefined,
    withdrawSeats: async () => ({ roster: null, groups: [], contactCount: 0 }),
  };
}
