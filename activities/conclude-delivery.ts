import type { ProvisioningActivities } from '../src/contracts/activities.ts';
import { type ActivityDeps, crmOf } from './deps.ts';
import { cancellationSignal } from './earlier-attempts.ts';
import { noticeOf } from './notices.ts';
import { fieldsOfMark } from './write-record.ts';

/** A repeat writes the same mark again, looks for the task before it makes one, and looks at the deal anew. */
export function concludeDelivery(deps: ActivityDeps): ProvisioningActivities['concludeDelivery'] {
  return async (input) => {
    const { deal, write, notice, print } = input;
    const fields = await fieldsOfMark(deps, input, write);
    const { isTold, print: found } = await crmOf(deps, deal).conclude(
      { dealId: deal.dealId, fields, notice: noticeOf(deps, notice), looks: print !== undefined },
      cancellationSignal(),
    );
    const isUnchanged = found !== null && found.print === print && !found.hasAction;
    return { isTold, unchanged: isUnchanged ? { changedAt: found.changedAt } : null };
  };
}
