import {
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  isCancellation,
  TemporalFailure,
  workflowInfo,
} from '@temporalio/workflow';
import type { DealMark } from '../src/domain/deal.ts';
import { type Problem, problem } from '../src/domain/failure.ts';
import type { DealSummary, Plan } from '../src/domain/plan.ts';
import type { EnsuredGroup, ProvisionInput, ProvisionResult } from '../src/domain/run.ts';
import { needsPerson, problemOf, runFailure } from './failures.ts';
import { attachRoster, provision, quarantineKey, sendMessages } from './hand-over.ts';
import { createRun, type Run } from './run.ts';
import { waitForDecision, waitForPerson } from './waiting.ts';

/**
 * One won deal, from the first reading to the durable mark on it. Returns when the deal is delivered or there is
 * nothing to do; fails with a code of the taxonomy after compensation; ends cancelled after compensation.
 */
export async function provisionDeal(input: ProvisionInput): Promise<ProvisionResult> {
  const run = createRun(input);
  run.state.update({});
  try {
    return await run.work.run(() => provisionUntilDone(run));
  } catch (error) {
    // Anything else is a bug or the hand-over to a new run: neither may trigger compensation.
    if (!(error instanceof TemporalFailure)) throw error;
    return await CancellationScope.nonCancellable(() => windUp(run, error));
  } finally {
    await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
  }
}

/** Plans and provisions; after a problem that a person fixed, all over again: every step finds what it did before. */
async function provisionUntilDone(run: Run): Promise<ProvisionResult> {
  for (;;) {
    await startAfreshIfLong(run);
    run.hasDealChanged = false;
    run.state.update({ status: 'Planning', step: 'Reading the deal' });
    const outcome = await attempt(
      run.proxies.reading('Read the deal and plan').planDeal({ deal: run.input.deal }),
    );
    if ('problem' in outcome) {
      await waitForPerson(run, [outcome.problem]);
      continue;
    }
    const planned = outcome.value;
    run.deal = planned.kind === 'ready' ? dealOf(planned.plan) : planned.deal;
    run.state.update({ dealName: run.deal.name, dealUrl: run.deal.url });
    switch (planned.kind) {
      case 'blocked':
        await waitForPerson(run, planned.problems);
        continue;
      case 'skipped': {
        const result = await skip(run, planned.reason);
        // The deal may have been won while we found that it was not.
        if (run.hasDealChanged) continue;
        return result;
      }
      case 'delivered':
        return alreadyDelivered(run, planned.mark);
      case 'ready': {
        const result = await provisionPlan(run, planned.plan);
        if (result) return result;
      }
    }
  }
}

/** Null: a person helped, or the deal changed; plan again. */
async function provisionPlan(run: Run, plan: Plan): Promise<ProvisionResult | null> {
  run.state.update({ seatCount: plan.seatCount });
  if (run.input.planHash !== null && run.input.planHash !== plan.hash) {
    const message = `The plan is now ${plan.hash}, the caller asked for ${run.input.planHash}`;
    return skip(run, problem('plan.changed', message));
  }
  if (plan.needsApproval && run.approvedHash !== plan.hash) {
    await waitForDecision(run, problem('approval.required', `${plan.seatCount} seats need approval`));
    if (run.decision === null) return null;
    const { isApproved, by, reason } = run.decision;
    if (!isApproved) return skip(run, problem('approval.rejected', `Rejected by ${by}: ${reason}`));
    run.approvedHash = plan.hash;
    // Days may have passed since the deal was read, and CRMs report only changes of its stage.
    return null;
  }
  const outcome = await attempt(deliver(run, plan));
  if ('value' in outcome) return outcome.value;
  await waitForPerson(run, [outcome.problem]);
  return null;
}

async function deliver(run: Run, plan: Plan): Promise<ProvisionResult> {
  const groups = await provision(run, plan);
  const roster = await attachRoster(run, { plan, groups });
  const messages = await sendMessages(run, { plan, groups }, roster);
  const result: ProvisionResult = {
    status: 'Delivered',
    detail: `${plan.seatCount} seats delivered: ${roster.codeCount} codes in the roster, SHA-256 ${roster.sha256}`,
    code: null,
    seatCount: plan.seatCount,
    groupLabels: groups.map(({ label }) => label),
    groupIds: groups.map(({ groupId }) => groupId),
    roster,
    messages,
    warnings: run.state.progress.warnings,
  };
  await CancellationScope.nonCancellable(() => markDelivered(run, plan, result));
  await quarantineLeftovers(run, groups);
  run.state.update({ status: 'Delivered', step: result.detail, problems: [] });
  return { ...result, warnings: run.state.progress.warnings };
}

/** The mark outlives Temporal's retention, so the run is not done before it is written. */
async function markDelivered(run: Run, plan: Plan, result: ProvisionResult): Promise<void> {
  const { deal } = run.input;
  run.state.update({ step: 'Marking the deal as delivered' });
  await Promise.all([
    run.proxies.writing('Mark the deal as delivered').writeDealStatus({
      deal,
      status: 'Delivered',
      detail: result.detail,
      seatCount: plan.seatCount,
      groupLabels: result.groupLabels,
      groupIds: result.groupIds,
      rosterUrl: result.roster?.url ?? null,
    }),
    run.proxies.writing('Tell the owner').notifyOwner({
      deal,
      ownerId: plan.ownerId,
      key: `delivered-${deal.dealId}`,
      subject: `Dealseat: ${plan.seatCount} seats delivered`,
      text: [
        `${plan.dealName}: ${plan.seatCount} seats are ready.`,
        ...result.groupLabels.map((label) => `- ${label}`),
        `Roster: ${result.roster?.url ?? 'none'}`,
        ...run.state.progress.warnings.map((warning) => `Warning: ${warning}`),
      ].join('\n'),
    }),
  ]);
}

/** Groups of an earlier plan of this run that the final plan does not need: made, never handed out. */
async function quarantineLeftovers(run: Run, groups: readonly EnsuredGroup[]): Promise<void> {
  const keep = new Set(['roster', 'links', ...groups.map(({ token }) => quarantineKey(token))]);
  const undone = await run.compensations.run({ keep });
  if (undone.length > 0) run.state.update({ undone });
}

async function skip(run: Run, reason: Problem): Promise<ProvisionResult> {
  run.state.update({ status: 'Skipped', step: reason.message });
  // A deal that is not won, or was started with an old plan, is none of ours: nothing is written on it.
  const isWorthTelling = reason.code === 'deal.no_seats' || reason.code === 'approval.rejected';
  if (isWorthTelling && run.deal.markedStatus !== 'Skipped') {
    await run.proxies
      .writing('Show on the deal why it was skipped')
      .writeDealStatus({ deal: run.input.deal, status: 'Skipped', detail: reason.message });
  }
  return nothingDone(run, 'Skipped', reason.message, reason);
}

function alreadyDelivered(run: Run, mark: DealMark): ProvisionResult {
  const detail = 'The deal was delivered by an earlier run; nothing was done';
  run.state.update({ status: 'Delivered', step: detail, seatCount: mark.seatCount });
  return {
    ...nothingDone(run, 'Delivered', detail, null),
    seatCount: mark.seatCount,
    groupLabels: mark.groupLabels,
    groupIds: mark.groupIds,
  };
}

function nothingDone(
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

/** The value, or the problem that a person can fix; every other failure is thrown on. */
async function attempt<T>(work: Promise<T>): Promise<{ value: T } | { problem: Problem }> {
  try {
    return { value: await work };
  } catch (error) {
    if (!(error instanceof TemporalFailure) || isCancellation(error)) throw error;
    const found = problemOf(error);
    if (!needsPerson(found)) throw error;
    return { problem: found };
  }
}

/**
 * After a failure or cancel: undo, say so on the deal, and end with what happened. A cancel by message is an expected
 * end and is returned; a cancel of the whole workflow is thrown on, so that Temporal shows the run as cancelled.
 */
async function windUp(run: Run, error: TemporalFailure): Promise<ProvisionResult> {
  const isCancelled = isCancellation(error);
  const cancelledBy = run.cancelledBy ?? { by: 'the Temporal UI or command', reason: 'no reason given' };
  const found = isCancelled
    ? problem('run.cancelled', `Cancelled by ${cancelledBy.by}: ${cancelledBy.reason}`)
    : problemOf(error);
  run.state.update({ status: 'Compensating', step: 'Undoing what was done', problems: [found] });
  // Past the pivot a message may have reached people: what they hold must go on working.
  const undone = run.isPastPivot ? [] : await run.compensations.run();
  const status = isCancelled ? 'Cancelled' : 'Failed';
  run.state.update({ status, step: found.message, undone });
  await tellTheEnd(run, status, found);
  const hasFailedUndo = undone.some(({ outcome }) => outcome === 'failed');
  if (isCancelled && !hasFailedUndo) {
    if (run.cancelledBy === null) throw error;
    return nothingDone(run, 'Cancelled', found.message, found);
  }
  throw runFailure(found, { undone, warnings: run.state.progress.warnings }, error);
}

/** On the deal for everyone, and as a task for the owner when it failed. A deal that is gone cannot be told. */
async function tellTheEnd(run: Run, status: 'Cancelled' | 'Failed', found: Problem): Promise<void> {
  if (found.code === 'crm.deal_not_found') return;
  const { deal } = run.input;
  const { undone, groups, roster } = run.state.progress;
  const made = groups.filter(({ groupId }) => groupId !== null);
  const detail = [
    `${found.message}. ${found.cure}`,
    ...(run.isPastPivot ? ['The roster had been handed over already, so nothing was undone.'] : []),
    ...undone.map((report) => `${report.step}: ${report.outcome}. ${report.detail}`),
  ].join('\n');
  try {
    await run.proxies.undoing('Say on the deal how it ended').writeDealStatus({
      deal,
      status,
      detail,
      groupLabels: made.map(({ label }) => label),
      groupIds: made.map(({ groupId }) => groupId ?? ''),
      rosterUrl: run.isPastPivot ? (roster?.url ?? null) : null,
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

/** A run that waits for people may be woken thousands of times; before anything was made its history can be dropped. */
async function startAfreshIfLong(run: Run): Promise<void> {
  if (!workflowInfo().continueAsNewSuggested || !run.compensations.isEmpty) return;
  await condition(allHandlersFinished);
  const { approvedHash, input } = run;
  await continueAsNew<typeof provisionDeal>({ ...input, ...(approvedHash === null ? {} : { approvedHash }) });
}

function dealOf(plan: Plan): DealSummary {
  const { deal, dealName, dealUrl, ownerId } = plan;
  return { dealId: deal.dealId, name: dealName, url: dealUrl, ownerId, markedStatus: null };
}
