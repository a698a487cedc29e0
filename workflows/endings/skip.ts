import { isPastPivot } from '../../src/contracts/hand-over.ts';
import type { Made } from '../../src/contracts/made.ts';
import {
  FINAL_STATUSES,
  type GroupProgress,
  type ProvisionResult,
  RUN_STATUSES,
  type RunStatus,
  type UndoReport,
} from '../../src/contracts/run.ts';
import type { Ledger } from '../../src/domain/deal/ledger.ts';
import type { FailureCode, Problem } from '../../src/domain/failure.ts';
import type { Same } from '../../src/domain/planning/reading.ts';
import { deliveredText } from '../../src/domain/texts/delivered.ts';
import { skippedText } from '../../src/domain/texts/endings.ts';
import { storyEnd } from '../failures.ts';
import { closeAsked } from '../notices.ts';
import { answerToRetry } from '../people/act.ts';
import { endOnDeal, markDeal, showOnDeal } from '../record.ts';
import type { Run, Step } from '../run.ts';
import { forgetMade, undoMade } from '../undo.ts';
import { resultWithoutDelivery } from './results.ts';

/** Ends a run that found no reason to provision. */
export async function skip(run: Run, reason: Problem): Promise<Step> {
  // Something is with people already, or half of it: that is for an owner to see.
  if (isPastPivot(run.handOver)) throw storyEnd(reason);
  const undone = await undoMade(run);
  const isStopped = reason.code === 'deal.stopped';
  if (run.deal.isUnfinished && !isStopped) throw storyEnd(reason);
  const isTold = isWorthTelling(run, reason, undone) || run.retriedBy !== null;
  if (isTold) {
    run.view.update({ step: 'Showing on the deal why it is skipped' });
    await endOnDeal(run, {
      status: shownStatus(run),
      detail: answerToRetry(run) + skippedText(reason),
      facts: null,
    });
    await closeAsked(run);
  }
  const previous = run.input.carried?.previous;
  // What a person decided about a deal is its end; that it asks for nothing any more is no other one.
  if (previous && !isTold) return endAs(run, previous);
  run.view.nameReason(reason.code);
  run.view.update({ status: 'Skipped', step: reason.message, problems: [], question: null });
  const said = { detail: reason.message, code: reason.code };
  return { is: 'over', result: resultWithoutDelivery(run, 'Skipped', said), needsLook: isTold };
}

/** The customer still has what was delivered before, or may have half of what a person stopped. */
function shownStatus({ deal }: Run): RunStatus {
  if (deal.isUnfinished) return 'Cancelled';
  return deal.hasSeats ? 'Delivered' : 'Skipped';
}

/** A deal that is not won is none of ours: nothing is written on it, unless it shows a run that was at work on it. */
function isWorthTelling({ deal }: Run, { code }: Problem, undone: readonly UndoReport[]): boolean {
  const { markedStatus } = deal;
  if (TOLD_ONCE.has(code) || undone.length > 0) return markedStatus !== 'Skipped';
  return WORKING.some((status) => status === markedStatus);
}

/** Won deals from which somebody may expect seats. */
const TOLD_ONCE: ReadonlySet<FailureCode> = new Set(['deal.no_seats', 'deal.closed_long_ago']);

/** Nothing stays in these when its run is over. */
const WORKING = RUN_STATUSES.filter((status) => !FINAL_STATUSES.includes(status));

/**
 * Ends a run of a deal whose seats are what was delivered: writes nothing, unless the deal shows something else, or its
 * ledger notes decisions that are over.
 */
export async function asDelivered(run: Run, { ledger, delivered, isSettledAnew }: Same): Promise<Step> {
  const { titles, ...facts } = delivered;
  if (ledger !== null) forgetMade(run, handedOut(ledger));
  const undone = isPastPivot(run.handOver) ? [] : await undoMade(run);
  const isRetried = run.retriedBy !== null;
  const isTold = (run.deal.markedStatus !== 'Delivered' || isSettledAnew || isRetried) && ledger !== null;
  if (isTold) {
    run.view.update({ step: 'Showing on the deal that nothing is to be done' });
    const detail = answerToRetry(run) + deliveredText(ledger);
    await markDeal(run, { status: 'Delivered', detail, facts: null, ledger });
    await closeAsked(run);
  }
  const needsLook = isTold || undone.length > 0;
  const groups = deliveredGroups(ledger, delivered);
  if (groups.length > 0) run.view.update({ groups });
  const detail = 'The deal was delivered by an earlier run; nothing was done';
  if (isRetried && !isTold)
    await showOnDeal(run, { status: 'Delivered', detail: answerToRetry(run) + detail });
  const previous = run.input.carried?.previous;
  if (previous) return { ...endAs(run, previous), needsLook };
  if (!needsLook) run.view.foundUnchanged();
  run.view.update({
    status: 'Delivered',
    step: detail,
    seatCount: delivered.seatCount,
    problems: [],
    question: null,
  });
  const result = { ...resultWithoutDelivery(run, 'Delivered', { detail, code: null }), ...facts };
  return { is: 'over', result, needsLook };
}

/** So that what the customer has stays visible when a later run looks at the deal. */
function deliveredGroups(
  ledger: Ledger | null,
  { groupLabels, groupIds, titles = {} }: Same['delivered'],
): GroupProgress[] {
  const active = (ledger?.groups ?? []).filter((group) => group.active > 0);
  return active.map(({ group, token, product, active: seatCount }) => ({
    label: groupLabels[groupIds.indexOf(group)] ?? token,
    title: titles[product] ?? product,
    seatCount,
    groupId: group,
  }));
}

/** What the ledger has is with the customer, whoever handed it out. */
export function handedOut({ groups, roster }: Ledger): (made: Made) => boolean {
  const tokens = new Set(groups.map(({ token }) => token));
  return (made) => {
    if (made.what === 'group') return tokens.has(made.token);
    if (made.what === 'links') return made.groups.some(({ token }) => tokens.has(token));
    return made.what === 'note' || made.fileName === roster?.file;
  };
}

function endAs(run: Run, result: ProvisionResult): Extract<Step, { is: 'over' }> {
  const { status, detail, code, seatCount, roster, messages } = result;
  if (code !== null) run.view.nameReason(code);
  run.view.update({
    status,
    step: detail,
    problems: [],
    question: null,
    ...(seatCount === null ? {} : { seatCount }),
    ...(roster === null ? {} : { roster }),
    messages,
  });
  return { is: 'over', result, needsLook: false };
}
