import type { ProvisioningActivities } from '../src/contracts/activities.ts';
import { calendarDay } from '../src/domain/deal/calendar.ts';
import { type ActivityDeps, crmOf } from './deps.ts';
import { cancellationSignal } from './earlier-attempts.ts';

export function notifyOwner(deps: ActivityDeps): ProvisioningActivities['notifyOwner'] {
  return async ({ deal, ...notice }) => {
    const dueOn = calendarDay(deps.now(), deps.catalog.timeZone ?? 'UTC');
    await crmOf(deps, deal).notify({ dealId: deal.dealId, ...notice, dueOn }, cancellationSignal());
  };
}

export function closeNotices(deps: ActivityDeps): ProvisioningActivities['closeNotices'] {
  return async ({ deal, ...query }) => {
    await crmOf(deps, deal).closeNotices({ dealId: deal.dealId, ...query }, cancellationSignal());
  };
}
