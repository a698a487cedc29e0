import {
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  TemporalFailure,
  workflowInfo,
} from '@temporalio/workflow';
import type { ProvisionInput, ProvisionResult } from '../src/contracts/run.ts';
import type { Ledger } from '../src/domain/deal/ledger.ts';
import { problem } from '../src/domain/failure.ts';
import { deliveredLedger } from '../src/domain/planning/ledger-after.ts';
import type { Plan } from '../src/domain/planning/plan.ts';
import { attempt } from './attempt.ts';
import { claimOf } from './claim.ts';
import { clawBack } from './claw-back.ts';
import { problemOf } from './failures.ts';
import { attachRoster, provision, sendMessages } from './hand-over.ts';
import { forgetRejection, onlyRejected, reject } from './rejection.ts';
import { alreadyDelivered, deliveryOf, lookAgain, quarantineLeftovers, skip } from './results.ts';
import { createRun, type Run } from './run.ts';
import { READING } from './run-state.ts';
import { waitForDecision, waitForHelp, waitForPerson } from './waiting.ts';
import { windUp } from './wind-up.ts';

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
    run.state.update(READING);
    const outcome = await attempt(
      run.proxies.reading('Read the deal and plan').planDeal({
        deal: run.input.deal,
        toldBy: run.toldBy,
        reconsiders: run.toldBy === 'person' && !run.rejection?.isNoted,
      }),
    );
    if ('problem' in outcome) {
      await waitForPerson(run, [outcome.problem]);
      continue;
    }
    const planned = outcome.value;
    run.deal = planned.deal;
    run.state.update({ dealName: run.deal.name, dealUrl: run.deal.url });
    switch (planned.kind) {
      case 'blocked':
        await waitForPerson(run, planned.problems);
        continue;
      case 'skipped': {
        const result = await endOrAsk(run, skip(run, planned.reason, planned.leftAlone));
        // The deal may have been won while we found that it was not.
        if (result === null || run.hasDealChanged) continue;
        return result;
      }
      case 'delivered': {
        const rejected = onlyRejected(run, planned);
        const result = await endOrAsk(run, rejected ? skip(run, rejected) : alreadyDelivered(run, planned));
        if (result === null || run.hasDealChanged) continue;
        return result;
      }
      case 'clawBack': {
        const result = await clawBack(run, planned.clawBack);
        if (result) return result;
        continue;
      }
      case 'ready': {
        const result = await provisionPlan(run, planned.plan);
        if (result) return result;
      }
    }
  }
}

/** Null: a person helped, or the deal is to be read again. */
async function endOrAsk(run: Run, end: Promise<ProvisionResult | null>): Promise<ProvisionResult | null> {
  const outcome = await attempt(end);
  if (!('problem' in outcome)) return outcome.value;
  await waitForHelp(run, outcome.problem);
  return null;
}

/** Null: a person helped, or the deal changed; plan again. */
async function provisionPlan(run: Run, plan: Plan): Promise<ProvisionResult | null> {
  run.state.update({ seatCount: plan.seatCount });
  const { handedOver } = run;
  if (run.isPastPivot && handedOver !== null && !sellsTheSame(plan, handedOver.plan)) {
    return endOrAsk(run, skip(run, problem('plan.changed', 'Other seats are sold than were handed over')));
  }
  const { planHash } = run.input;
  // What follows a delivery, a rejection, or what this run noted on the deal, is another plan than the one asked for.
  const isOwnDoing =
    run.delivered !== null ||
    (run.rejection?.isNoted && plan.addedSeats === 0) ||
    (plan.revision !== null && run.notedRevision === plan.revision);
  if (planHash !== null && planHash !== plan.hash && !isOwnDoing) {
    const changed = problem('plan.changed', `The plan is now ${plan.hash}, the caller asked for ${planHash}`);
    return endOrAsk(run, skip(run, changed));
  }
  if (plan.needsApproval && run.approvedHash !== plan.hash) {
    const { rejection } = run;
    if (rejection?.hash === plan.hash) return endOrAsk(run, reject(run, plan, rejection.reason));
    const asked = problem('approval.required', `${plan.addedSeats} seats need approval`);
    await waitForDecision(run, [asked], {
      subject: 'Dealseat waits for approval',
      step: 'Waiting for approval',
    });
    if (run.decision === null) return null;
    const { isApproved, by, reason } = run.decision;
    if (isApproved) run.approvedHash = plan.hash;
    else {
      const rejected = problem('approval.rejected', `Rejected by ${by}: ${reason}`);
      run.rejection = { hash: plan.hash, reason: rejected, isNoted: false };
    }
    // Days may have passed since the deal was read, and CRMs report only changes of its stage.
    return null;
  }
  const outcome = await attempt(deliver(run, plan));
  if ('problem' in outcome) {
    await waitForHelp(run, outcome.problem);
    return null;
  }
  const { result, asksForMore } = outcome.value;
  if (!asksForMore && !run.hasDealChanged) return result;
  lookAgain(run, result);
  return null;
}

async function deliver(
  run: Run,
  plan: Plan,
): Promise<{ readonly result: ProvisionResult; readonly asksForMore: boolean }> {
  if (run.deal.hasRejection && plan.addedSeats > 0) await forgetRejection(run, plan);
  const groups = await provision(run, plan);
  const { claim } = claimOf(run, plan);
  const handOver = { plan, groups, claim };
  const roster = await attachRoster(run, handOver);
  const handedOver = { plan, groups, roster };
  if (plan.revision === null) run.handedOver = handedOver;
  const messages = await sendMessages(run, handOver, roster);
  const result = deliveryOf(run, handedOver, messages);
  const ledger = deliveredLedger(plan, groups, roster);
  const asksForMore = await CancellationScope.nonCancellable(() =>
    markDelivered(run, plan, { result, ledger }),
  );
  await quarantineLeftovers(run, { plan, groups });
  run.state.forgetReading();
  run.state.update({ status: 'Delivered', step: result.detail, problems: [] });
  return { result: { ...result, warnings: run.state.progress.warnings }, asksForMore };
}

/**
 * The mark outlives Temporal's retention, so the run is not done before it is written. True: the deal asks for other
 * seats by now, though perhaps no event told of it.
 */
async function markDelivered(
  run: Run,
  plan: Plan,
  { result, ledger }: { readonly result: ProvisionResult; readonly ledger: Ledger },
): Promise<boolean> {
  const { deal } = run.input;
  run.state.update({ step: 'Marking the deal as delivered' });
  const [receipt] = await Promise.all([
    run.proxies.writing('Mark the deal as delivered').writeDealStatus({
      deal,
      status: 'Delivered',
      detail: result.detail,
      seatCount: plan.seatCount,
      groupLabels: result.groupLabels,
      groupIds: result.groupIds,
      rosterUrl: result.roster?.url ?? null,
      ledger,
      releasesClaim: true,
      looksAgain: true,
    }),
    tellDelivered(run, plan, result),
  ]);
  return plan.isClawBackDue || (receipt?.asksForMore ?? false);
}

/** The mark on the deal says the same: an owner who cannot be told makes no delivered deal a failed one. */
async function tellDelivered(run: Run, plan: Plan, result: ProvisionResult): Promise<void> {
  const { deal } = run.input;
  const added = plan.revision === null || plan.addedSeats === 0 ? '' : ` (${plan.addedSeats} of them new)`;
  try {
    await run.proxies.writing('Tell the owner').notifyOwner({
      deal,
      ownerId: plan.ownerId,
      key: ['delivered', deal.dealId, ...(plan.revision === null ? [] : [plan.revision])].join('-'),
      subject: `Dealseat: ${plan.seatCount} seats delivered${added}`,
      text: [
        `${plan.dealName}: ${plan.seatCount} seats are ready${added}.`,
        ...result.groupLabels.map((label) => `- ${label}`),
        `Roster: ${result.roster?.url ?? 'none'}`,
        ...run.state.progress.warnings.map((warning) => `Warning: ${warning}`),
      ].join('\n'),
    });
  } catch (error) {
    if (!(error instanceof TemporalFailure)) throw error;
    const { code, message } = problemOf(error);
    run.state.warn(`The owner could not be told (${code}): ${message}`);
  }
}

/** A run that waits for people may be woken thousands of times; before anything was made its history can be dropped. */
async function startAfreshIfLong(run: Run): Promise<void> {
  const hasDecision = run.clawBackDecision !== null || run.rejection !== null;
  const hasDone = !run.compensations.isEmpty || run.delivered !== null || hasDecision;
  if (!workflowInfo().continueAsNewSuggested || hasDone) return;
  await condition(allHandlersFinished);
  const { approvedHash, waiting, toldBy, input } = run;
  await continueAsNew<typeof provisionDeal>({
    ...input,
    toldBy,
    ...(approvedHash === null ? {} : { approvedHash }),
    ...(waiting === null ? {} : { waiting }),
  });
}

/** A deal that is only renamed, or has another contact, is no reason to write to people once more. */
function sellsTheSame(plan: Plan, other: Plan): boolean {
  const seats = ({ groups }: Plan) => groups.map(({ token, seatCount }) => `${token} ${seatCount}`).join();
  return seats(plan) === seats(other);
}
