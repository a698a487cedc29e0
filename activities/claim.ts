import { sleep } from '@temporalio/activity';
import { type ClaimBounds, formatClaim, judgeClaim } from '../src/domain/claim.ts';
import type { DealRef } from '../src/domain/deal.ts';
import { DealseatError } from '../src/domain/failure.ts';
import { cancellationSignal } from './attempt.ts';
import { type ActivityDeps, crmOf } from './deps.ts';

export interface ClaimedDeal {
  readonly deal: DealRef;
  /** The claim field as the plan saw it. */
  readonly seenClaim: string | null;
  readonly claim: ClaimBounds;
}

/**
 * Begins every step that makes what a second deployment would make again. Neither CRM can write a field only if it
 * still has its old value, so a claim counts once it was written, left alone for a while and read back: of several
 * writers the last one finds its own. The while is `settleMs`, and on a slow CRM twice what look and write took, so
 * that another's write that is about as slow is seen. Throws `run.claimed_elsewhere`.
 */
export async function holdClaim(deps: ActivityDeps, { deal, seenClaim, claim }: ClaimedDeal): Promise<void> {
  const crm = crmOf(deps, deal);
  const { deployment } = deps;
  for (;;) {
    const lookedAt = Date.now();
    const text = await crm.readClaim(deal.dealId, cancellationSignal());
    const verdict = judgeClaim(text, { deployment, seen: seenClaim, now: Date.now(), bounds: claim });
    if (verdict.is === 'elsewhere') throw claimedElsewhere(deal, text, deployment);
    if (verdict.is === 'held') return;
    if (verdict.is === 'settling') {
      await sleep(verdict.restMs);
      continue;
    }
    const at = new Date().toISOString();
    await crm.writeDealFields(deal.dealId, { claim: formatClaim({ deployment, at, isDone: false }) });
    await sleep(Math.max(claim.settleMs, 2 * (Date.now() - lookedAt)));
  }
}

function claimedElsewhere(deal: DealRef, text: string | null, deployment: string): DealseatError {
  return new DealseatError({
    code: 'run.claimed_elsewhere',
    message: `Deal ${deal.dealId} is claimed by another deployment of Dealseat (${text}); this one is ${deployment}`,
  });
}
