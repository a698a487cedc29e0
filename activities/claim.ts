import { sleep } from '@temporalio/activity';
import type { DealFields } from '../src/clients/crm.ts';
import type { ClaimedDeal } from '../src/contracts/activities.ts';
import type { DealRef } from '../src/domain/deal/deal.ts';
import { formatClaim, judgeClaim } from '../src/domain/deal/hold.ts';
import { DealseatError } from '../src/domain/failure.ts';
import { cancellationSignal } from './attempt.ts';
import { type ActivityDeps, crmOf } from './deps.ts';

/**
 * Begins every step that makes what a second deployment would make again. Neither CRM can write a field only if it
 * still has its old value, so a claim counts once it was written, left alone for a while and read back: of several
 * writers the last one finds its own. The while is `settleMs`, and on a slow CRM twice what look and write took, so
 * that another's write that is about as slow is seen. `fields` are written together with a new claim.
 * Throws `run.claimed_elsewhere`.
 */
export async function holdClaim(
  deps: ActivityDeps,
  claimed: ClaimedDeal,
  fields: DealFields = {},
): Promise<void> {
  const { deal, claim } = claimed;
  const { deployment } = deps;
  for (;;) {
    const lookedAt = Date.now();
    const { text, verdict } = await lookAtClaim(deps, claimed);
    if (verdict.is === 'elsewhere') throw claimedElsewhere(deal, text, deployment);
    if (verdict.is === 'held') return;
    if (verdict.is === 'settling') {
      await sleep(verdict.restMs);
      continue;
    }
    const at = new Date().toISOString();
    const ours = formatClaim({ deployment, at, isDone: false });
    await crmOf(deps, deal).writeDealFields(deal.dealId, { ...fields, claim: ours });
    await sleep(Math.max(claim.settleMs, 2 * (Date.now() - lookedAt)));
  }
}

export async function isClaimedElsewhere(deps: ActivityDeps, claimed: ClaimedDeal): Promise<boolean> {
  const { verdict } = await lookAtClaim(deps, claimed);
  return verdict.is === 'elsewhere';
}

async function lookAtClaim(deps: ActivityDeps, { deal, seenClaim: seen, claim: bounds }: ClaimedDeal) {
  const text = await crmOf(deps, deal).readClaim(deal.dealId, cancellationSignal());
  const { deployment } = deps;
  return { text, verdict: judgeClaim(text, { deployment, seen, now: Date.now(), bounds }) };
}

function claimedElsewhere(deal: DealRef, text: string | null, deployment: string): DealseatError {
  return new DealseatError({
    code: 'run.claimed_elsewhere',
    message: `Deal ${deal.dealId} is claimed by another deployment of Dealseat (${text}); this one is ${deployment}`,
  });
}
