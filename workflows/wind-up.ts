import { isCancellation, type TemporalFailure } from '@temporalio/workflow';
import type { DealStatusInput } from '../src/contracts/activities.ts';
import type { ProvisionResult } from '../src/contracts/run.ts';
import { type Problem, problem } from '../src/domain/failure.ts';
import { letGoIfTakenOver, tellSurvivor } from './claim.ts';
import { problemOf, runFailure } from './failures.ts';
import { claimReleased, deliveryOf, handedOverLedger, isLeftUnfinished, nothingDone } from './results.ts';
import type { Run } from './run.ts';

/**
 * After a failure or cancel: undo, say so on the deal, and end with what happened. A cancel by message is an expected
 * end and is returned; a cancel of the whole workflow is thrown on, so that Temporal shows the run as cancelled.
 */
export async function windUp(run: Run, error: TemporalFailure): Promise<ProvisionResult> {
  const isCancelled = isCancellation(error);
  const cancelledBy = run.cancelledBy ?? { by: 'the Temporal UI or command', reason: 'no reason given' };
  const found = isCancelled
    ? problem('run.cancelled', `Cancelled by ${cancelledBy.by}: ${cancelledBy.reason}`)
    : problemOf(error);
  run.state.update({
    status: 'Compensating',
    step: 'Undoing what was done',
    problems: [found],
    awaitsApproval: false,
  });
  await letGoIfTakenOver(run);
  // Past the pivot a message may have reached people: what they hold must go on working.
  const undone = run.isPastPivot ? [] : await run.compensations.run();
  const status = isCancelled ? 'Cancelled' : 'Failed';
  run.state.update({ step: 'Saying on the deal how it ended', ...(undone.length > 0 ? { undone } : {}) });
  await tellTheEnd(run, status, found);
  run.state.update({ status, step: found.message });
  const hasFailedUndo = undone.some(({ outcome }) => outcome === 'failed');
  if (isCancelled && !hasFailedUndo) {
    if (run.cancelledBy === null) throw error;
    return nothingDone(run, 'Cancelled', found.message, found);
  }
  throw runFailure(found, { undone, warnings: run.state.progress.warnings }, error);
}

/**
 * People hold these seats though the mark could not be written: the next run must know. While a message is in doubt it
 * must not, or it would send that under another key instead of asking.
 */
function handedOverFields(run: Run): Partial<DealStatusInput> {
  const { handedOver, isPastPivot, messages, messageOutcomes } = run;
  const isInDoubt = messages === null && Object.values(messageOutcomes).includes('unknown');
  if (!isPastPivot || handedOver === null || isInDoubt) return {};
  const { seatCount, groupLabels, groupIds, roster } = deliveryOf(run, handedOver, messages ?? []);
  return {
    ...(seatCount === null ? {} : { seatCount }),
    groupLabels,
    groupIds,
    rosterUrl: roster?.url ?? null,
    ledger: handedOverLedger(run, handedOver),
  };
}

/**
 * On the deal for everyone, and as a task for the owner when it failed. A deal that is gone cannot be told, and one that
 * another deployment works on must not.
 */
async function tellTheEnd(run: Run, status: 'Cancelled' | 'Failed', found: Problem): Promise<void> {
  if (run.claim.is === 'merged') return tellSurvivor(run);
  if (found.code === 'crm.deal_not_found' || run.claim.is === 'elsewhere') return;
  // It was not even read: what it shows may be an earlier delivery, and nothing has changed about that.
  if (status === 'Cancelled' && run.deal.url === '') return;
  const { deal } = run.input;
  const { undone, groups, roster } = run.state.progress;
  const isUnfinished = isLeftUnfinished(run);
  const made = groups.filter(({ groupId }) => groupId !== null);
  const detail = [
    `${found.message}. ${found.cure}`,
    ...(run.isPastPivot ? ['The roster had been handed over already, so nothing was undone.'] : []),
    ...(isUnfinished ? ['Seats that an earlier run began to hand over are still to be handed over.'] : []),
    ...undone.map((report) => `${report.step}: ${report.outcome}. ${report.detail}`),
  ].join('\n');
  try {
    await run.proxies.undoing('Say on the deal how it ended').writeDealStatus({
      deal,
      // A cancelled amendment leaves the customer with what was delivered before.
      status: status === 'Cancelled' && run.deal.hasSeats && !isUnfinished ? 'Delivered' : status,
      detail,
      ...claimReleased(run),
      ...(run.deal.hasSeats || made.length === 0
        ? {}
        : {
            groupLabels: made.map(({ label }) => label),
            groupIds: made.map(({ groupId }) => groupId ?? ''),
            rosterUrl: run.isPastPivot ? (roster?.url ?? null) : null,
          }),
      ...handedOverFields(run),
    });
    if (status === 'Cancelled') return;
    await run.proxies.undoing('Tell the owner that it failed').notifyOwner({
      deal,
      ownerId: run.deal.ownerId,
      key: `failed-${deal.dealId}-${found.code}`,
      subject: 'Dealseat could not provision this deal',
      text: `${run.deal.name}\n${detail}`,
    });
  } catch (error) {
    run.state.warn(`The CRM could not be told that the run is ${status}: ${problemOf(error).message}`);
  }
}
