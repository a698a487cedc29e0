import type { ProvisioningActivities } from '../src/contracts/activities.ts';
import type { More } from '../src/domain/planning/reading.ts';
import { goingActivities } from '../test/support/going-activities.ts';
import type { BenchCrm } from './deals.ts';

/** The reading of a won deal of each CRM, as the real activities made it. */
export type Plans = Readonly<Record<BenchCrm, More>>;

/**
 * Activities that do nothing and answer with as much as the real ones, so that the workflow takes the same way and
 * its history grows alike. What is left is the price of Temporal itself.
 */
export function createEmptyActivities(plans: Plans): ProvisioningActivities {
  const delivered = new Set<string>();
  const going = goingActivities(async ({ deal }) => {
    const { plan, question, ...read } = plans[deal.crm as BenchCrm];
    const summary = { ...read.deal, dealId: deal.dealId };
    if (!delivered.has(deal.dealId)) return { ...read, deal: summary, plan: { ...plan, deal }, question };
    const { seatCount } = plan;
    const told = { seatCount, groupLabels: [], groupIds: [] };
    return { ...read, kind: 'same', deal: summary, delivered: told, ledger: null, isSettledAnew: false };
  });
  return {
    ...going,
    async concludeDelivery(input) {
      delivered.add(input.deal.dealId);
      return going.concludeDelivery(input);
    },
  };
}
