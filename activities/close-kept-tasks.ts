import { NOTICE } from '../src/contracts/activities.ts';
import { noteTaskRefused } from '../src/store/findings.ts';
import { keptFindings, noteTaskClosed } from '../src/store/kept-findings.ts';
import { codeIdOf, LATE_REDEMPTION } from '../src/store/late-redemptions.ts';
import { cancellationSignal } from './earlier-attempts.ts';
import { orRefused } from './owner-task.ts';
import type { SeatSyncDeps } from './seat-sync-deps.ts';

/** Closes the tasks that asked about access which a person has decided to leave. */
export function closeKeptTasks(
  deps: Pick<SeatSyncDeps, 'crms' | 'seats' | 'now'>,
): (input: { readonly limit: number }) => Promise<void> {
  return async ({ limit }) => {
    const { db } = deps.seats;
    const at = new Date(deps.now());
    for (const { finding, order, hasOthers } of await keptFindings(db, { limit, at })) {
      const { crm, account, deal_id: dealId } = order;
      const key =
        finding.kind === LATE_REDEMPTION
          ? `${NOTICE.late}${codeIdOf(finding)}-asked`
          : `${NOTICE.left}asked-`;
      const isClosed =
        hasOthers ||
        (await orRefused(deps, { crm, account, dealId }, (its) =>
          its.closeNotices({ dealId, keys: [key] }, cancellationSignal()),
        ));
      if (isClosed) await noteTaskClosed(db, finding);
      else await noteTaskRefused(db, [finding.id], at);
    }
  };
}
