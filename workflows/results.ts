import type { DealMark } from '../src/domain/deal.ts';
import { describeDelivery } from '../src/domain/delivered-ledger.ts';
import type { Problem } from '../src/domain/failure.ts';
import { activeSeats } from '../src/domain/ledger.ts';
import type { ProvisionResult, UndoReport } from '../src/domain/run.ts';
import { letGoIfTakenOver } from './claim.ts';
import { undoKeys } from './compensation.ts';
import type { Run } from './run.ts';

/** Ends a run that found no reason to provision. */
export async function skip(run: Run, reason: Problem): Promise<ProvisionResult> {
  const undone = await undoLeftovers(run);
  // A deal that is not won, or was started with an old plan, is none of ours: nothing is written on it.
  const isWorthTelling =
    reason.code === 'deal.no_seats' || reason.code === 'approval.rejected' || undone.length > 0;
  const isTold = isWorthTelling && run.deal.markedStatus !== 'Skipped';
  if (isTold || undone.length > 0) run.state.forgetReading();
  if (isTold) {
    run.state.update({ step: 'Showing on the deal why it is skipped' });
    await run.proxies.writing('Show on the deal why it was skipped').writeDealStatus({
      deal: run.input.deal,
      // The customer still has what was delivered before.
      status: run.deal.isDelivered ? 'Delivered' : 'Skipped',
      detail: reason.message,
    });
  }
  run.state.update({ status: 'Skipped', step: reason.message });
  return nothingDone(run, 'Skipped', reason.message, reason);
}

/**
 * Ends a run of a deal whose seats are what was delivered: writes nothing, unless the deal shows the status of an
 * amendment that is not needed any more.
 */
export async function alreadyDelivered(run: Run, mark: DealMark): Promise<ProvisionResult> {
  forgetDelivered(run, mark);
  const undone = await undoLeftovers(run);
  const detail = 'The deal was delivered by an earlier run; nothing was done';
  const ledger = mark.ledger === 'unreadable' ? null : mark.ledger;
  const isTold = mark.status !== 'Delivered' && ledger !== null;
  if (isTold || undone.length > 0 || run.delivered !== null) run.state.forgetReading();
  if (isTold) {
    run.state.update({ step: 'Showing on the deal that nothing is to be done' });
    await run.proxies.writing('Show on the deal that nothing is to be done').writeDealStatus({
      deal: run.input.deal,
      status: 'Delivered',
      detail: describeDelivery(activeSeats(ledger), ledger.roster),
    });
  }
  run.state.update({ status: 'Delivered', step: detail, seatCount: mark.seatCount });
  if (run.delivered !== null) return run.delivered;
  return {
    ...nothingDone(run, 'Delivered', detail, null),
    seatCount: mark.seatCount,
    groupLabels: mark.groupLabels,
    groupIds: mark.groupIds,
  };
}

/** What the ledger has is with the customer, whoever handed it out: this run, or another deployment meanwhile. */
function forgetDelivered({ compensations }: Run, { ledger }: DealMark): void {
  if (ledger === null || ledger === 'unreadable') return;
  const handedOut = new Set(ledger.groups.map(({ token }) => undoKeys.group(token)));
  const isUnused = (key: string) => key.startsWith(undoKeys.group('')) && !handedOut.has(key);
  compensations.forget((key) => !isUnused(key));
}

/** Groups that this run made before the deal stopped asking for them. */
async function undoLeftovers(run: Run): Promise<readonly UndoReport[]> {
  await letGoIfTakenOver(run);
  if (run.compensations.isEmpty) return [];
  if (run.isPastPivot) {
    run.state.warn(
      'The deal changed after its roster had been handed over; what was handed over was left as it is',
    );
    return [];
  }
  const undone = await run.compensations.run();
  if (undone.length > 0) run.state.update({ undone });
  return undone;
}

export function nothingDone(
  run: Run,
  status: ProvisionResult['status'],
  detail: string,
  reason: Problem | null,
): ProvisionResult {
  return {
    status,
    detail,
    code: reason?.code ?? null,
    seatCount: null,
    groupLabels: [],
    groupIds: [],
    roster: null,
    messages: [],
    warnings: run.state.progress.warnings,
  };
}
