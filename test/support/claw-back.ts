import { NO_SEATS } from '../../src/domain/deal/ledger.ts';
import type { ClawBack, Plan } from '../../src/domain/planning/plan.ts';
import type { EnsuredGroup } from '../../src/domain/seats/code-group.ts';

/** A claw-back of one seat of each group that this plan was delivered with. */
export function clawBackOfOneSeat(plan: Plan, groups: readonly EnsuredGroup[]): ClawBack {
  const { deal, dealName, ownerId, audience, mailTool, buyerContactId, contactIds, rosterFileName } = plan;
  return {
    deal,
    dealName,
    ownerId,
    audience,
    mailTool,
    buyerContactId,
    contactIds,
    rosterFileName,
    problems: [],
    groups: plan.groups.map((group, index) => ({
      ...group,
      seatCount: group.seatCount - 1,
      delivered: { groupId: groups[index]?.groupId ?? '', issuedCount: group.seatCount },
    })),
    withdrawnSeats: plan.groups.length,
    ifInterrupted: NO_SEATS,
    ifWithdrawn: NO_SEATS,
    ifKept: NO_SEATS,
    hash: 'a'.repeat(64),
  };
}
