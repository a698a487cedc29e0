import { createHash } from 'node:crypto';
import type { ProvisioningActivities } from '../../src/contracts/activities.ts';

/** Activities without a remote system: all goes well at once, with answers as large as the real ones. */
export function goingActivities(planDeal: ProvisioningActivities['planDeal']): ProvisioningActivities {
  return {
    planDeal,
    ensureCodeGroup: async ({ group }) => ({
      token: group.token,
      platform: group.platform,
      groupId: `id-of-${group.token}`,
      label: group.label,
      seatCount: group.seatCount,
      wasAdopted: false,
      isListed: true,
      orphans: [],
    }),
    awaitCodes: async () => undefined,
    attachRoster: async ({ plan }) => ({
      fileId: '29471000001',
      fileName: plan.rosterFileName,
      url: 'https://crm.example/files/29471000001',
      codeCount: plan.seatCount,
      sha256: createHash('sha256').update(plan.rosterFileName, 'utf8').digest('hex'),
    }),
    sendMessages: async ({ plan }) =>
      Object.fromEntries(
        plan.messages.map(({ sendKey }) => [
          sendKey,
          { is: 'sent', reference: '00000000-0000-4000-8000-000000000000' },
        ]),
      ),
    withdrawSeats: async () => ({ roster: null, groups: [], contactCount: 0 }),
    concludeDelivery: async ({ print }) => ({
      isTold: true,
      unchanged: print === undefined ? null : { changedAt: '2026-11-20T09:00:02.000Z' },
    }),
    writeRecord: async () => ({ isWritten: true }),
    notifyOwner: async () => undefined,
    closeNotices: async () => undefined,
    swapSeats: async () => undefined,
    quarantineCodeGroup: async ({ group }) => ({ quarantined: [group.label], isKept: false }),
    clearRedeemLinks: async () => ({ isKept: false }),
    removeRoster: async () => ({ isKept: false }),
  };
}
