import type { ProvisioningActivities } from '../src/contracts/activities.ts';
import { createCodeGroupActivities } from './code-group.ts';
import { createCompensationActivities } from './compensation.ts';
import { createDealStatusActivities } from './deal-status.ts';
import type { ActivityDeps } from './deps.ts';
import { createHandOverActivities } from './hand-over.ts';
import { createPlanActivities } from './plan-deal.ts';
import { createMessageActivities } from './send-messages.ts';
import { createWithdrawalActivities } from './withdraw-seats.ts';

export type { ActivityDeps } from './deps.ts';

/** All activities of a worker, over one set of clients. */
export function createActivities(deps: ActivityDeps): ProvisioningActivities {
  return {
    ...createPlanActivities(deps),
    ...createCodeGroupActivities(deps),
    ...createHandOverActivities(deps),
    ...createMessageActivities(deps),
    ...createDealStatusActivities(deps),
    ...createCompensationActivities(deps),
    ...createWithdrawalActivities(deps),
  };
}
