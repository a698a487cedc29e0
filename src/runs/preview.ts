import type { DealRef } from '../domain/deal/deal.ts';
import { provisioningId } from '../domain/deal/ids.ts';
import { describeWrites } from '../domain/planning/describe.ts';
import type { PlanOutcome } from '../domain/planning/plan.ts';
import { describeAccess } from '../domain/seats/roster.ts';
import type { Preview } from './port.ts';

/** A plan as the callers of a dry run see it. */
export function toPreview(ref: DealRef, outcome: PlanOutcome): Preview {
  const nothing = {
    id: provisioningId(ref),
    hash: null,
    seats: 0,
    needsApproval: false,
    groups: [],
    problems: [],
    calls: [],
    skipped: null,
  };
  switch (outcome.kind) {
    case 'ready': {
      const { plan } = outcome;
      return {
        ...nothing,
        hash: plan.hash,
        seats: plan.seatCount,
        needsApproval: plan.needsApproval,
        groups: plan.groups.map((group) => ({
          label: group.label,
          title: group.title,
          seats: group.seatCount,
          codesExpireAt: group.codesExpireAt,
          access: describeAccess(group) || null,
          client: group.client,
        })),
        calls: describeWrites(plan),
      };
    }
    case 'blocked':
      return { ...nothing, problems: outcome.problems };
    case 'skipped':
      return { ...nothing, skipped: outcome.reason.message };
    case 'clawBack':
      return { ...nothing, problems: outcome.clawBack.problems };
    case 'delivered':
      return { ...nothing, skipped: 'The deal was delivered by an earlier run; nothing would be done' };
  }
}
