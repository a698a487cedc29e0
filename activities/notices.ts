import type { Crm, Notice } from '../src/clients/crm.ts';
import type { OwnerNotice, ProvisioningActivities } from '../src/contracts/activities.ts';
import { calendarDay } from '../src/domain/deal/calendar.ts';
import { withNames } from './contact-names.ts';
import { type ActivityDeps, crmOf } from './deps.ts';
import { cancellationSignal } from './earlier-attempts.ts';
import { isOfReading } from './untouched.ts';

export function notifyOwner(deps: ActivityDeps): ProvisioningActivities['notifyOwner'] {
  return async ({ deal, ...notice }) => {
    const crm = crmOf(deps, deal);
    const told = { dealId: deal.dealId, ...(await noticeOf(deps, crm, notice)) };
    await crm.notify(told, cancellationSignal());
  };
}

export async function noticeOf(
  deps: ActivityDeps,
  crm: Crm,
  { untouchedIn, ...notice }: OwnerNotice,
): Promise<Omit<Notice, 'dealId'>> {
  const dueOn = calendarDay(deps.now(), deps.catalog.timeZone ?? 'UTC');
  const isNew = untouchedIn !== undefined && isOfReading({ readIn: untouchedIn });
  return { ...notice, text: await withNames(crm, notice.text), isNew, dueOn };
}

export function closeNotices(deps: ActivityDeps): ProvisioningActivities['closeNotices'] {
  return async ({ deal, ...query }) => {
    await crmOf(deps, deal).closeNotices({ dealId: deal.dealId, ...query }, cancellationSignal());
  };
}
