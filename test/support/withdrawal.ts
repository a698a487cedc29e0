import { NO_SEATS } from '../../src/domain/deal/ledger.ts';
import type { Plan, Withdrawal } from '../../src/domain/planning/plan.ts';
import type { EnsuredGroup } from '../../src/domain/seats/code-group.ts';

/** A withdrawal of one seat of each group that this plan was delivered with. */
export function withdrawalOfOneSeat(plan: Plan, groups: readonly EnsuredGroup[]): Withdrawal {
  const { deal, dealName, dealUrl, companyName, ownerId, audience, isSpareKept, mailTool } = plan;
  const { buyerContactId, carriers, rosterFileName } = plan;
  return {
    deal,
    dealName,
    dealUrl,
    companyName,
    ownerId,
    audience,
    isSpareKept,
    mailTool,
    buyerContactId,
    carriers,
    rosterFileName,
    withdrawnFileName: 'withdrawn-d0123456789abcde.csv',
    problems: [],
    groups: plan.groups.map((group, index) => ({
      ...group,
      seatCount: group.seatCount - 1,
      existing: { groupId: groups[index]?.groupId ?? '', issuedCount: group.seatCount, isNew: false },
    })),
    withdrawnSeats: plan.groups.length,
    ifInterrupted: NO_SEATS,
    ifWithdrawn: NO_SEATS,
    ifKept: NO_SEATS,
    hash: 'a'.repeat(64),
  };
}
