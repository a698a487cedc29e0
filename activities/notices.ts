import type { ProvisioningActivities } from '../src/contracts/activities.ts';
import { calendarDay } from '../src/domain/deal/calendar.ts';
import { type ActivityDeps, crmOf } from './deps.ts';
import { cancellationSignal } from './earlier-attempts.ts';
import { isOfReading } from './untouched.ts';

export function notifyOwner(deps: ActivityDeps): ProvisioningActivities['notifyOwner'] {
  return async ({ deal, untouchedIn, ...notice }) => {
    const dueOn = calendarDay(deps.now(), deps.catalog.timeZone ?? 'UTC');
    const isNew = untouchedIn !== undefined && isOfReading({ readIn: untouchedIn });
    await crmOf(deps, deal).notify({ dealId: deal.dealId, ...notice, isNew, dueOn }, cancellationSignal());
  };
}

export function closeNotices(deps: ActivityDeps): ProvisioningActivities['closeNotices'] {
  return async ({ deal, ...query }) => {
    await crmOf(deps, deal).closeNotices({ dealId: deal.dealId, ...query }, cancellationSignal());
  };
}
