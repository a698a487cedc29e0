import { isCancellation } from '@temporalio/workflow';
import type { ClaimedDeal, OwnerNoticeInput } from '../src/contracts/activities.ts';
import type { Policy } from '../src/contracts/policy.ts';
import type { DealRef } from '../src/domain/deal/deal.ts';
import type { ClaimBounds } from '../src/domain/deal/hold.ts';
import type { Problem } from '../src/domain/failure.ts';
import type { DealSummary, Plan } from '../src/domain/planning/plan.ts';
import { undoKeys } from './compensation.ts';
import { problemOf } from './failures.ts';
import type { Run } from './run.ts';

type Claimed = Omit<ClaimedDeal, 'deal'>;

/** What a step needs to hold the deal against other deployments. */
export function claimOf({ input }: Run, { seenClaim }: Pick<Plan, 'seenClaim'>): Claimed {
  return { seenClaim, claim: boundsOf(input.policy) };
}

function boundsOf({ claimSettleMs: settleMs, claimLeaseMs: leaseMs }: Policy): ClaimBounds {
  return { settleMs, leaseMs };
}

/**
 * Before anything is undone: what another deployment, or the deal that this one was merged into, has taken up meanwhile
 * is not ours to undo any more.
 */
export async function letGoIfTakenOver(run: Run): Promise<void> {
  if (run.claim.is === 'elsewhere' || run.claim.is === 'merged' || run.compensations.isEmpty) return;
  const { deal, policy } = run.input;
  const unknown = { seenClaim: null, claim: boundsOf(policy) };
  try {
    const isTakenOver = await run.proxies
      .undoing('See whether the deal is still ours')
      .isClaimedElsewhere({ deal, ...(run.claim.is === 'held' ? run.claim.claimed : unknown) });
    if (isTakenOver && run.claim.is === 'held') letGo(run);
  } catch (error) {
    if (isCancellation(error)) throw error;
    const { code, message } = problemOf(error);
    if (code === 'deal.merged') letGoToSurvivor(run, await readSurvivor(run));
    else run.state.warn(`Whether the deal is still ours could not be read: ${message}`);
  }
}

async function readSurvivor(run: Run): Promise<DealSummary> {
  try {
    const read = run.proxies.undoing('Read which deal it was merged into');
    const planned = await read.planDeal({ deal: run.input.deal });
    return planned.deal;
  } catch (error) {
    if (isCancellation(error)) throw error;
    run.state.warn(`Which deal it was merged into could not be read: ${problemOf(error).message}`);
    return run.deal;
  }
}

/**
 * The surviving deal's run takes over the groups, and may have done so already. It writes a roster of its own, so that
 * of this run is still to be taken away, unless people were told of it.
 */
export function letGoToSurvivor(run: Run, survivor: DealSummary): void {
  run.deal = survivor;
  if (run.claim.is !== 'merged') {
    run.claim = { is: 'merged', isHandedOut: run.isPastPivot || run.compensations.has(undoKeys.links) };
  }
  run.notedRevision = null;
  run.compensations.forget((key) => !key.startsWith(undoKeys.roster('')));
}

/** What the surviving deal does not need of the groups is nobody's, and only a person can see that. */
export async function tellSurvivor(run: Run): Promise<void> {
  if (run.claim.is !== 'merged' || run.knownGroups.size === 0) return;
  const { dealId } = run.input.deal;
  const cure = run.claim.isHandedOut
    ? 'Their codes may be with people already. If its field with the group labels does not name one of them once it is Delivered, decide what is to become of it before anybody expires it.'
    : 'If its field with the group labels does not name one of them once it is Delivered, nobody was given its codes: ask the admin of the learning platform to expire it.';
  await tellOwnerOfSurvivor(run, {
    key: `merged-${dealId}`,
    subject: 'Dealseat: a deal was merged while its seats were being made',
    text: [
      `Deal ${dealId} was merged into this one while Dealseat was at work on it. These code groups had been made:`,
      ...[...run.knownGroups.values()].map(({ label, groupId }) => `- ${label} (${groupId})`),
      'This deal takes over those that it needs.',
      cure,
    ].join('\n'),
  });
}

/** A deal that was sold now may be gone in one that is left alone for its age. */
export async function tellSurvivorIsOld(run: Run, { message }: Problem): Promise<void> {
  const { crm, dealId } = run.input.deal;
  await tellOwnerOfSurvivor(run, {
    key: `merged-old-${dealId}`,
    subject: 'Dealseat: a deal was merged into one that it leaves alone',
    text: [
      `Deal ${dealId} was merged into this one. ${message}`,
      `If seats of it are still to be made, have it started by hand: dealseat provision ${crm} ${run.deal.dealId}`,
    ].join('\n'),
  });
}

async function tellOwnerOfSurvivor(
  run: Run,
  notice: Pick<OwnerNoticeInput, 'key' | 'subject' | 'text'>,
): Promise<void> {
  const { dealId, ownerId } = run.deal;
  try {
    await run.proxies
      .undoing('Tell the owner of the surviving deal')
      .notifyOwner({ deal: currentDeal(run), ownerId, ...notice });
  } catch (error) {
    if (isCancellation(error)) throw error;
    run.state.warn(`The owner of deal ${dealId} could not be told: ${problemOf(error).message}`);
  }
}

/** The record that holds the deal by now. */
export function currentDeal({ input, deal }: Run): DealRef {
  return { ...input.deal, dealId: deal.dealId };
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
