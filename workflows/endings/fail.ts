import { isCancellation, TemporalFailure, workflowInfo } from '@temporalio/workflow';
import { NOTICE } from '../../src/contracts/activities.ts';
import { isPastPivot } from '../../src/contracts/hand-over.ts';
import type { Made } from '../../src/contracts/made.ts';
import type { AskedQuestion, CancelRequest, UndoReport } from '../../src/contracts/run.ts';
import { cut } from '../../src/domain/cut.ts';
import type { Stop } from '../../src/domain/deal/ledger.ts';
import { type Problem, problem } from '../../src/domain/failure.ts';
import { MAX_NAME_LENGTH } from '../../src/domain/planning/limits.ts';
import { cancelledText, failedText } from '../../src/domain/texts/endings.ts';
import { TASK_SUBJECTS } from '../../src/domain/texts/tasks.ts';
import { UNDOING } from '../../src/domain/texts/under-way.ts';
import { problemOf, runFailure } from '../failures.ts';
import { closeAsked, tellEveryWay } from '../notices.ts';
import { lookOnceMore } from '../reading.ts';
import { endOnDeal, factsOf, markDeal, showOnDeal } from '../record.ts';
import type { Ending, Run } from '../run.ts';
import { undoMade } from '../undo.ts';
import { tellSurvivor } from './merged.ts';
import { ledgerOfDelivery, resultWithoutDelivery } from './results.ts';

/**
 * After a failure or cancel: undo, say so on the deal, and end with what happened. A cancel by message is an expected
 * end and is returned; a cancel of the whole workflow is thrown on, so that Temporal shows the run as cancelled.
 */
export async function fail(run: Run, error: TemporalFailure): Promise<Ending> {
  const isCancelled = isCancellation(error);
  const cancelledBy = run.inbox.cancelledBy ?? {
    by: 'the Temporal UI or command',
    reason: 'no reason given',
  };
  const found = isCancelled
    ? problem('run.cancelled', `Cancelled by ${cancelledBy.by}: ${cancelledBy.reason}`)
    : problemOf(error);
  const { question: asked, problems } = run.view.progress;
  // What kept the run waiting until the deadline is what there is to fix.
  const open = found.code === 'run.attention_expired' ? problems : [];
  const all = [found, ...open];
  run.view.update({
    status: 'Compensating',
    step: 'Undoing what was done',
    problems: all,
    question: null,
  });
  // A stop is noted for the closing that it stopped, so that closing must be known.
  if (isCancelled && run.seen === null)
    await orWarn(run, () => lookOnceMore(run, 'Read which closing is stopped'));
  const { made } = run;
  const undone = await undoAll(run);
  const status = isCancelled ? 'Cancelled' : 'Failed';
  run.view.update({
    status: 'Compensating',
    step: 'Saying on the deal how it ended',
    problems: [...all],
  });
  const needsLook = await tellTheEnd(run, {
    status,
    found,
    open,
    until: asked?.until,
    undone,
    made,
    cancelledBy: isCancelled ? cancelledBy : null,
    stopped: isCancelled ? stopOf(run, cancelledBy.by, asked) : null,
  });
  run.view.update({ status, step: found.message });
  const hasFailedUndo = undone.some(({ outcome }) => outcome === 'failed');
  if (isCancelled && !hasFailedUndo) {
    if (run.inbox.cancelledBy === null) throw error;
    const said = { detail: found.message, code: found.code };
    return { is: 'over', result: resultWithoutDelivery(run, 'Cancelled', said), needsLook };
  }
  const details = { undone, warnings: run.view.progress.warnings, problems: open };
  return { is: 'failed', error: runFailure(found, details, error), needsLook };
}

/** Past the pivot a message may have reached people: what they hold must go on working. */
async function undoAll(run: Run): Promise<readonly UndoReport[]> {
  if (isPastPivot(run.handOver) || run.made.length === 0) return [];
  // It may take days while a system is away, and nobody should think meanwhile that seats are being made.
  await orWarn(run, () => showOnDeal(run, { status: 'Compensating', detail: UNDOING }));
  return undoMade(run);
}

/** For the closing that it stopped, and the question: neither is taken up again by an event. */
function stopOf({ deal }: Run, by: string, asked: AskedQuestion | null): Stop {
  const question = asked === null ? {} : { question: asked.id };
  return { by: cut(by, MAX_NAME_LENGTH), wonAt: deal.wonAt, ...question };
}

interface End {
  readonly status: 'Cancelled' | 'Failed';
  readonly found: Problem;
  /** What was asked when it ended. */
  readonly open: readonly Problem[];
  /** ISO instant until which it was asked. */
  readonly until: string | undefined;
  readonly undone: readonly UndoReport[];
  readonly cancelledBy: CancelRequest | null;
  readonly made: readonly Made[];
  readonly stopped: Stop | null;
}

/** On the deal for everyone, and as a task for the owner when it failed. True: it was written. */
async function tellTheEnd(run: Run, end: End): Promise<boolean> {
  const { status, found, made } = end;
  if (found.code === 'crm.deal_not_found') return false;
  // It could not even be read: what it shows may be an earlier delivery, and nothing has changed about that.
  if (status === 'Cancelled' && run.seen === null) return false;
  const detail = endText(run, end);
  const { field, isTold } = await tellEveryWay(run, {
    onDeal: () => writeTheEnd(run, { ...end, detail }),
    notice: status === 'Failed' ? failedNotice(run, found, detail) : null,
    bounds: 'late',
  });
  if (isTold) await closeAsked(run, status === 'Failed' ? failedKey(found) : undefined);
  else if (typeof field === 'object' && field.code === 'deal.merged') await followSurvivor(run, made);
  return field === 'written';
}

function endText(run: Run, { found, open, until, undone, made, cancelledBy }: End): string {
  const rest = {
    isHandedOut: isPastPivot(run.handOver),
    isUnfinished: isUnfinished(run, made),
    undone: undone.map(({ onDeal }) => onDeal).filter((line) => line !== ''),
  };
  return cancelledBy === null
    ? failedText({ found, open, until, ...rest })
    : cancelledText({
        ...cancelledBy,
        at: Date.now(),
        hasSeats: run.deal.hasSeats,
        areCodesLeft: undone.some(({ outcome }) => outcome === 'quarantined'),
        ...rest,
      });
}

async function writeTheEnd(run: Run, { status, detail, made, stopped }: End & { readonly detail: string }) {
  const { handOver, deal } = run;
  if (handOver.is === 'sent') {
    // Everybody was told, though the mark could not be written: the next run must know.
    const { delivery, outcomes } = handOver;
    const ledger = ledgerOfDelivery(delivery, outcomes);
    await markDeal(run, { status, detail, facts: factsOf(delivery), ledger });
    return true;
  }
  // A cancelled amendment leaves the customer with what was delivered before.
  const isStanding = status === 'Cancelled' && deal.hasSeats && !isUnfinished(run, made);
  const { isWritten } = await endOnDeal(run, {
    status: isStanding ? 'Delivered' : status,
    detail,
    facts: madeFacts(run),
    ...(stopped === null ? {} : { stopped }),
  });
  return isWritten;
}

/** An earlier run began to hand seats over, which are still not with the customer to the end. */
function isUnfinished({ deal, handOver }: Run, made: readonly Made[]): boolean {
  const note = made.find(({ what }) => what === 'note');
  // What this run itself began is undone by now.
  const wasUnfinished = note?.what === 'note' ? note.base.isPending === true : deal.isUnfinished;
  return wasUnfinished && handOver.is === 'none';
}

/** What was made stays on the deal for whoever looks for it. */
function madeFacts(run: Run) {
  const { groups, roster, seatCount } = run.view.progress;
  const made = groups.filter(({ groupId }) => groupId !== null);
  if (run.deal.hasSeats || made.length === 0 || seatCount === null) return null;
  return {
    seatCount: isPastPivot(run.handOver) ? seatCount : 0,
    groupLabels: made.map(({ label }) => label),
    groupIds: made.map(({ groupId }) => groupId ?? ''),
    rosterUrl: isPastPivot(run.handOver) ? (roster?.url ?? null) : null,
  };
}

function failedKey({ code }: Problem): string {
  // One for each pass that fails, and the same one after a reset of it.
  const { continuedFromExecutionRunId: before, firstExecutionRunId: first } = workflowInfo();
  const pass = before === undefined ? `first-${first.slice(0, 8)}` : `after-${before.slice(0, 8)}`;
  return `${NOTICE.ended}${code}-${pass}`;
}

function failedNotice(run: Run, found: Problem, detail: string) {
  return {
    key: failedKey(found),
    subject: TASK_SUBJECTS.failed,
    text: `${run.deal.name}\n${detail}`,
    priority: 'high',
  } as const;
}

async function followSurvivor(run: Run, made: readonly Made[]): Promise<void> {
  await orWarn(run, async () => {
    await lookOnceMore(run, 'Read which deal it is by now');
    const groups = made.filter((one) => one.what === 'group' && one.groupId !== null);
    await tellSurvivor(run, { groups, isHandedOut: isPastPivot(run.handOver) });
  });
}

async function orWarn(run: Run, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof TemporalFailure)) throw error;
    run.view.warn(problemOf(error).message);
  }
}
