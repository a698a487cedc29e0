import type { ProvisioningActivities } from '../src/contracts/activities.ts';
import { type ActivityDeps, crmOf } from './deps.ts';
import { cancellationSignal } from './earlier-attempts.ts';

export function notifyOwner(deps: ActivityDeps): ProvisioningActivities['notifyOwner'] {
  return async ({ deal, ...notice }) => {
    await crmOf(deps, deal).notify({ dealId: deal.dealId, ...notice }, cancellationSignal());
  };
}

export function closeNotices(deps: ActivityDeps): ProvisioningActivities['closeNotices'] {
  return async ({ deal, ...query }) => {
    await crmOf(deps, deal).closeNotices({ dealId: deal.dealId, ...query }, cancellationSignal());
  };
}
