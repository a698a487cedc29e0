import { CancellationScope } from '@temporalio/workflow';
import type { DealStatusInput } from '../src/contracts/activities.ts';
import {
  FINAL_STATUSES,
  type MessageReceipt,
  type ProvisionResult,
  RUN_STATUSES,
  type RunStatus,
  type UndoReport,
} from '../src/contracts/run.ts';
import { activeSeats, type Ledger } from '../src/domain/deal/ledger.ts';
import type { Problem } from '../src/domain/failure.ts';
import { deliveredLedger, describeDelivery, ledgerRoster } from '../src/domain/planning/ledger-after.ts';
import type { DeliveredOutcome } from '../src/domain/planning/plan.ts';
import {
  claimOf,
  forgetWork,
  letGoIfTakenOver,
  letGoToSurvivor,
  tellSurvivor,
  tellSurvivorIsOld,
} from './claim.ts';
import { type UndoOptions, undoKeys } from './compensation.ts';
import { runFailure } from './failures.ts';
import type { HandedOver, Run } from './run.ts';

export function deliveryOf(
  run: Run,
  { plan, groups, roster }: HandedOver,
  messages: readonly MessageReceipt[],
): ProvisionResult {
  return {
    status: 'Delivered',
    detail: describeDelivery(plan.seatCount, ledgerRoster(roster)),
    code: null,
    seatCount: plan.seatCount,
    groupLabels: groups.map(({ label }) => label),
    groupIds: groups.map(({ groupId }) => groupId),
    roster,
    messages,
    warnings: run.state.progress.warnings,
  };
}

/** The deal is delivered and is looked at again: what was done so far is not undone any more, and is not done again. */
export function lookAgain(run: Run, result: ProvisionResult): void {
  run.delivered = result;
  run.messages = null;
  run.knownGroups.clear();
  run.handedOver = null;
  run.retryRequest = null;
  run.isPastPivot = false;
  run.deal = { ...run.deal, hasSeats: true, isUnfinished: false };
  forgetWork(run);
}

/** Ends a run that found no reason to provision. Null: codes are with people already, so the deal is to be read again. */
export async function skip(
  run: Run,
  reason: Problem,
  leftAlone: Problem | null = null,
): Promise<ProvisionResult | null> {
  const isMerged = reason.code === 'deal.merged';
  if (isMerged) letGoToSurvivor(run, run.deal);
  else if (run.isPastPivot && run.handedOver !== null) {
    const { handedOver } = run;
    if (run.retryRequest?.mail === 'was_sent') run.messages ??= [];
    await CancellationScope.nonCancellable(() => noteHandedOver(run, handedOver, reason));
    return null;
  }
  // An amendment is with people already: it ends as one that could not be finished, for its owner to see.
  if (run.isPastPivot && !isMerged) throw runFailure(reason, { warnings: run.state.progress.warnings });
  const undone = await undoLeftovers(run);
  if (isLeftUnfinished(run) && !isMerged) throw runFailure(reason, { warnings: run.state.progress.warnings });
  if (isMerged) await tellSurvivor(run);
  if (leftAlone !== null) await tellSurvivorIsOld(run, leftAlone);
  const isTold = !isMerged && isWorthTelling(run, reason, undone);
  if (isTold || undone.length > 0) run.state.forgetReading();
  if (isTold) {
    run.state.update({ step: 'Showing on the deal why it is skipped' });
    await run.proxies.writing('Show on the deal why it was skipped').writeDealStatus({
      deal: run.input.deal,
      // The customer still has what was delivered before.
      status: run.deal.hasSeats ? 'Delivered' : 'Skipped',
      detail: reason.message,
      ...claimReleased(run),
    });
  }
  // What a person decided about a deal is its end; that it asks for nothing any more is no other one.
  if (run.delivered !== null && !isTold && !isMerged) return endAs(run, run.delivered);
  run.state.nameReason(reason.code);
  run.state.update({ status: 'Skipped', step: reason.message });
  return nothingDone(run, 'Skipped', reason.message, reason);
}

/** An earlier run began to hand seats over, which are still not with the customer to the end. */
export function isLeftUnfinished({ deal, notedRevision }: Run): boolean {
  return deal.isUnfinished && notedRevision === null;
}

/** A run that ends with a word on the deal leaves it to other deployments. */
export function claimReleased({ claim }: Run): Pick<DealStatusInput, 'releasesClaim'> {
  return claim.is === 'held' ? { releasesClaim: true } : {};
}

function endAs(run: Run, result: ProvisionResult): ProvisionResult {
  run.state.update({ status: result.status, step: result.detail });
  return result;
}

/** A deal that is not won is none of ours: nothing is written on it, unless it shows a run that was at work on it. */
function isWorthTelling(run: Run, { code }: Problem, undone: readonly UndoReport[]): boolean {
  const { markedStatus } = run.deal;
  const isOne = (statuses: readonly RunStatus[]) => statuses.some((status) => status === markedStatus);
  if (code === 'deal.no_seats' || code === 'approval.rejected' || undone.length > 0) {
    return markedStatus !== 'Skipped';
  }
  const hasTold = run.lastTold !== null || run.hasShownStart;
  return isOne(WORKING) || (hasTold && !isOne(FINAL_STATUSES));
}

/** Nothing stays in these when its run is over. */
const WORKING = RUN_STATUSES.filter((status) => !FINAL_STATUSES.includes(status));

/**
 * The roster was handed over and its mark is not written yet, and now the deal does not ask for it. With the ledger on
 * the deal it is one with more seats than are sold, about which people decide.
 */
async function noteHandedOver(run: Run, handedOver: HandedOver, { message }: Problem): Promise<void> {
  const { plan, roster } = handedOver;
  const result = deliveryOf(run, handedOver, run.messages ?? []);
  const ledger = handedOverLedger(run, handedOver);
  await run.proxies.writing('Note on the deal what was handed over').writeDealStatus({
    deal: run.input.deal,
    status: 'HandingOver',
    detail: `${result.detail}\n${message}`,
    seatCount: plan.seatCount,
    groupLabels: result.groupLabels,
    groupIds: result.groupIds,
    rosterUrl: roster.url,
    ledger,
    releasesClaim: true,
  });
  await quarantineLeftovers(run, handedOver);
  lookAgain(run, result);
  run.deal = { ...run.deal, isUnfinished: ledger.isPending === true };
}

/** Whether everybody was told may not be known: then they are told if it is sold again after all. */
export function handedOverLedger(run: Run, { plan, groups, roster }: HandedOver): Ledger {
  const ledger = deliveredLedger(plan, groups, roster);
  return run.messages === null ? { ...ledger, isPending: true } : ledger;
}

/** What another plan of this run made and this one does not need: groups never handed out, another file. */
export async function quarantineLeftovers(
  run: Run,
  { plan, groups }: Pick<HandedOver, 'plan' | 'groups'>,
): Promise<void> {
  const handedOut = [undoKeys.roster(plan.rosterFileName), undoKeys.links, undoKeys.ledger];
  await undo(run, { keep: new Set([...handedOut, ...groups.map(({ token }) => undoKeys.group(token))]) });
}

/**
 * Ends a run of a deal whose seats are what was delivered: writes nothing, unless the deal shows the status of an
 * amendment that is not needed any more.
 */
export async function alreadyDelivered(
  run: Run,
  { mark, forgetting }: DeliveredOutcome,
): Promise<ProvisionResult> {
  const ledger = forgetting?.ledger ?? (mark.ledger === 'unreadable' ? null : mark.ledger);
  if (ledger !== null) forgetDelivered(run, ledger);
  const undone = await undoLeftovers(run);
  const detail = 'The deal was delivered by an earlier run; nothing was done';
  const isTold = (mark.status !== 'Delivered' || forgetting !== undefined) && ledger !== null;
  if (isTold || undone.length > 0 || run.delivered !== null) run.state.forgetReading();
  // If the same is sold again, that is another question.
  if (forgetting !== undefined) run.rejection = null;
  if (isTold) {
    run.state.update({ step: 'Showing on the deal that nothing is to be done' });
    await run.proxies.writing('Show on the deal that nothing is to be done').writeDealStatus({
      deal: run.input.deal,
      status: 'Delivered',
      detail: describeDelivery(activeSeats(ledger), ledger.roster),
      ...claimReleased(run),
      ...(forgetting && {
        ledger: forgetting.ledger,
        underClaim: claimOf(run, forgetting),
        releasesClaim: true as const,
      }),
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
function forgetDelivered({ compensations }: Run, { groups }: Ledger): void {
  const handedOut = new Set(groups.map(({ token }) => undoKeys.group(token)));
  const isUnused = (key: string) => key.startsWith(undoKeys.group('')) && !handedOut.has(key);
  compensations.forget((key) => !isUnused(key));
}

/** What this run made and the ledger does not have was never handed out, whatever else was. */
export async function quarantineUnused(run: Run, ledger: Ledger): Promise<void> {
  forgetDelivered(run, ledger);
  await letGoIfTakenOver(run);
  await undo(run);
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
  return undo(run);
}

async function undo(run: Run, options: UndoOptions = {}): Promise<readonly UndoReport[]> {
  const undone = await run.compensations.run(options);
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
