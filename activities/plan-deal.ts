import { createHash } from 'node:crypto';
import type { ProvisioningActivities } from '../src/domain/activities.ts';
import { buildPlan, planMergedDeal } from '../src/domain/build-plan.ts';
import { cancellationSignal } from './attempt.ts';
import { type ActivityDeps, crmOf } from './deps.ts';

export function createPlanActivities(deps: ActivityDeps): Pick<ProvisioningActivities, 'planDeal'> {
  return {
    async planDeal({ deal: ref }) {
      const deal = await crmOf(deps, ref).readDeal(ref.dealId, cancellationSignal());
      if (deal.dealId !== ref.dealId) return planMergedDeal(ref.dealId, deal);
      const today = new Date(deps.now()).toISOString().slice(0, 10);
      return buildPlan(deal, deps.catalog, { sha256, today });
    },
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
