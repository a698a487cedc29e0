import { createHash } from 'node:crypto';
import type { Lms } from '../src/clients/lms.ts';
import type { ProvisioningActivities } from '../src/domain/activities.ts';
import { buildPlan, planMergedDeal } from '../src/domain/build-plan.ts';
import type { CodeGroup } from '../src/domain/code-group.ts';
import type { PlannedGroup, PlanOutcome } from '../src/domain/plan.ts';
import { cancellationSignal } from './attempt.ts';
import { type ActivityDeps, crmOf } from './deps.ts';

export function createPlanActivities(deps: ActivityDeps): Pick<ProvisioningActivities, 'planDeal'> {
  return {
    async planDeal({ deal: ref }) {
      const deal = await crmOf(deps, ref).readDeal(ref.dealId, cancellationSignal());
      if (deal.dealId !== ref.dealId) return planMergedDeal(ref.dealId, deal);
      const context = { sha256, today: new Date(deps.now()).toISOString().slice(0, 10) };
      const outcome = buildPlan(deal, deps.catalog, context);
      const groups = deliveredGroups(outcome);
      if (groups.length === 0) return outcome;
      // Only a deal that changed since its delivery costs these reads.
      const delivered = await readGroups(deps.lms, groups, outcome.kind === 'clawBack');
      return buildPlan(deal, deps.catalog, { ...context, delivered });
    },
  };
}

function deliveredGroups(outcome: PlanOutcome): PlannedGroup[] {
  const groups = outcome.kind === 'ready' ? outcome.plan.groups : [];
  const affected = outcome.kind === 'clawBack' ? outcome.clawBack.groups : [];
  return [...groups, ...affected].filter(({ delivered }) => delivered !== undefined);
}

async function readGroups(
  lms: Lms,
  groups: readonly PlannedGroup[],
  countsRedemptions: boolean,
): Promise<ReadonlyMap<string, CodeGroup>> {
  const found = new Map<string, CodeGroup>();
  for (const { delivered } of groups) {
    if (!delivered) continue;
    const { groupId } = delivered;
    const group = await lms.getGroup(groupId, cancellationSignal());
    // People decide by this number, so it is counted, not taken from a summary.
    const redeemedCount = countsRedemptions ? await countRedeemed(lms, groupId) : group.redeemedCount;
    found.set(groupId, { ...group, redeemedCount });
  }
  return found;
}

async function countRedeemed(lms: Lms, groupId: string): Promise<number> {
  let count = 0;
  for await (const page of lms.listCodes(groupId, cancellationSignal())) {
    count += page.filter(({ isRedeemed }) => isRedeemed).length;
  }
  return count;
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
