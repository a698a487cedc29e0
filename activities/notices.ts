import type { Notice } from '../src/clients/crm.ts';
import type { OwnerNotice, ProvisioningActivities } from '../src/contracts/activities.ts';
import { calendarDay } from '../src/domain/deal/calendar.ts';
import { type ActivityDeps, crmOf } from './deps.ts';
import { cancellationSignal } from './earlier-attempts.ts';
import { isOfReading } from './untouched.ts';

export function notifyOwner(deps: ActivityDeps): ProvisioningActivities['notifyOwner'] {
  return async ({ deal, ...notice }) => {
    const told = { dealId: deal.dealId, ...noticeOf(deps, notice) };
    await crmOf(deps, deal).notify(told, cancellationSignal());
  };
}

export function noticeOf(
  deps: ActivityDeps,
  { untouchedIn, ...notice }: OwnerNotice,
): Omit<Notice, 'dealId'> {
  const dueOn = calendarDay(deps.now(), deps.catalog.timeZone ?? 'UTC');
  const isNew = untouchedIn !== undefined && isOfReading({ readIn: untouchedIn });
  return { ...notice, isNew, dueOn };
}

export function closeNotices(deps: ActivityDeps): ProvisioningActivities['closeNotices'] {
  return async ({ deal, ...query }) => {
    await crmOf(deps, deal).closeNotices({ dealId: deal.dealId, ...query }, cancellationSignal());
  };
}
