import type { ProvisioningActivities } from '../src/contracts/activities.ts';
import { type ActivityDeps, crmOf } from './deps.ts';
import { cancellationSignal } from './earlier-attempts.ts';
import { noticeOf } from './notices.ts';
import { prepareMark } from './write-record.ts';

/** A repeat writes the same mark again, looks for the task before it makes one, and looks at the deal anew. */
export function concludeDelivery(deps: ActivityDeps): ProvisioningActivities['concludeDelivery'] {
  return async (input) => {
    const { deal, write, notice, print } = input;
    const { fields, noteWritten } = await prepareMark(deps, input, write);
    const crm = crmOf(deps, deal);
    const told = await noticeOf(deps, crm, notice);
    const { isTold, print: found } = await crm.conclude(
      { dealId: deal.dealId, fields, notice: told, looks: print !== undefined },
      cancellationSignal(),
    );
    await noteWritten();
    const isUnchanged = found !== null && found.print === print && !found.hasAction;
    return { isTold, unchanged: isUnchanged ? { changedAt: found.changedAt } : null };
  };
}
