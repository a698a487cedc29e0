import type { ClaimedDeal } from '../src/domain/activities.ts';
import type { Plan } from '../src/domain/plan.ts';
import { problemOf } from './failures.ts';
import type { Run } from './run.ts';

type Claimed = Omit<ClaimedDeal, 'deal'>;

/** Whose deal it is, as far as the steps have told. */
export type RunClaim =
  | { readonly is: 'unknown' }
  /** Ours since a step held it. */
  | { readonly is: 'held'; readonly claimed: Claimed }
  | { readonly is: 'elsewhere' };

/** What a step needs to hold the deal against other deployments. */
export function claimOf({ input }: Run, { seenClaim }: Plan): Claimed {
  const { claimSettleMs: settleMs, claimLeaseMs: leaseMs } = input.policy;
  return { seenClaim, claim: { settleMs, leaseMs } };
}

/** Before anything is undone: what another deployment has taken up meanwhile is not ours to undo any more. */
export async function letGoIfTakenOver(run: Run): Promise<void> {
  if (run.claim.is !== 'held' || run.compensations.isEmpty) return;
  const { deal } = run.input;
  try {
    const isTakenOver = await run.proxies
      .undoing('See whether the deal is still ours')
      .isClaimedElsewhere({ deal, ...run.claim.claimed });
    if (isTakenOver) letGo(run);
  } catch (error) {
    run.state.warn(`Whether another deployment has the deal could not be read: ${problemOf(error).message}`);
  }
}

/** The deal is another deployment's, and so is what was made of it here: nothing of it is undone. */
export function letGo(run: Run): void {
  run.claim = { is: 'elsewhere' };
  forgetWork(run);
}

/** What was done so far is not undone any more, and what the ledger notes of it is to be noted anew. */
export function forgetWork(run: Run): void {
  run.compensations.forget();
  run.notedRevision = null;
}
