import type { ProvisionResult } from '../src/contracts/run.ts';
import type { Problem } from '../src/domain/failure.ts';
import { rejectedLedger } from '../src/domain/planning/ledger-after.ts';
import type { DeliveredOutcome, Plan } from '../src/domain/planning/plan.ts';
import { claimOf } from './claim.ts';
import { quarantineUnused, skip } from './results.ts';
import type { Run } from './run.ts';

/**
 * A person will not have the seats made that the plan adds. Null: what else the deal asks for is next, which may be less
 * of another product, a hand-over that an earlier run did not finish, or nothing.
 */
export async function reject(run: Run, plan: Plan, reason: Problem): Promise<ProvisionResult | null> {
  // Asked once more it is another question, though in the same words.
  run.lastTold = null;
  run.waiting = null;
  if (!run.deal.hasSeats) {
    const result = await skip(run, reason);
    return run.hasDealChanged ? null : result;
  }
  await quarantineUnused(run, plan.base);
  run.state.update({ step: 'Noting on the deal that more seats were rejected' });
  await run.proxies.writing('Note on the deal that more seats were rejected').writeDealStatus({
    deal: run.input.deal,
    status: 'Planning',
    detail: reason.message,
    ledger: rejectedLedger(plan),
    // A deployment that serves the same deal by mistake may have amended it since it was read.
    underClaim: claimOf(run, plan),
    releasesClaim: true,
  });
  run.state.warn(reason.message);
  run.rejection = { hash: plan.hash, reason, isNoted: true };
  return null;
}

/** Why nothing more was made, if that is all that this run came to. */
export function onlyRejected(run: Run, { forgetting }: DeliveredOutcome): Problem | null {
  const hasDone = run.delivered !== null || run.isPastPivot || forgetting !== undefined;
  return run.rejection?.isNoted && !hasDone ? run.rejection.reason : null;
}

/** Before anything is made of it, so that the run after one that is lost asks again instead of leaving it out. */
export async function forgetRejection(run: Run, plan: Plan): Promise<void> {
  const step = 'Noting on the deal that more seats are made after all';
  run.state.update({ step });
  await run.proxies.writing(step).writeDealStatus({
    deal: run.input.deal,
    status: 'Provisioning',
    detail: `${plan.addedSeats} seats that were rejected before are being made`,
    ledger: plan.base,
    underClaim: claimOf(run, plan),
  });
  run.claim = { is: 'held', claimed: claimOf(run, plan) };
}
