import { log } from '@temporalio/activity';
import type { DealFields } from '../src/clients/crm.ts';
import type {
  DealStatusInput,
  DealStatusReceipt,
  ProvisioningActivities,
} from '../src/contracts/activities.ts';
import type { DealRef } from '../src/domain/deal/deal.ts';
import { formatClaim } from '../src/domain/deal/hold.ts';
import { formatLedger, type Ledger } from '../src/domain/deal/ledger.ts';
import { DealseatError } from '../src/domain/failure.ts';
import { cancellationSignal } from './attempt.ts';
import { holdClaim, isClaimedElsewhere } from './claim.ts';
import { type ActivityDeps, crmOf, ownRun } from './deps.ts';
import { asksForOther } from './plan-deal.ts';

export function createDealStatusActivities(
  deps: ActivityDeps,
): Pick<ProvisioningActivities, 'writeDealStatus' | 'isClaimedElsewhere' | 'notifyOwner'> {
  return {
    async writeDealStatus(input) {
      const { deal, ledger, underClaim, releasesClaim, looksAgain } = input;
      const crm = crmOf(deps, deal);
      if (underClaim) await holdClaim(deps, { deal, ...underClaim });
      else await crm.refuseMerged(deal.dealId, cancellationSignal());
      await crm.writeDealFields(
        deal.dealId,
        { ...toFields(input), ...ownRun(deps), ...(releasesClaim ? { claim: doneClaim(deps) } : {}) },
        cancellationSignal(),
      );
      return looksAgain && ledger ? lookAgain(deps, deal, ledger) : undefined;
    },

    isClaimedElsewhere: (claimed) => isClaimedElsewhere(deps, claimed),

    async notifyOwner({ deal, ...notice }) {
      await crmOf(deps, deal).notifyOwner({ dealId: deal.dealId, ...notice }, cancellationSignal());
    },
  };
}

/** The mark is written, so a look that can only fail again must not take the delivery back: it is not repeated. */
async function lookAgain(deps: ActivityDeps, deal: DealRef, ledger: Ledger): Promise<DealStatusReceipt> {
  try {
    return { asksForMore: await asksForOther(deps, deal, ledger) };
  } catch (error) {
    const isPassing = !(error instanceof DealseatError) || error.class === 'retry' || error.class === 'later';
    if (isPassing) throw error;
    log.warn('The deal could not be looked at again after its mark', {
      code: error.code,
      reason: error.message,
    });
    return { asksForMore: false };
  }
}

/** Only what the input names is written; the rest of the deal's fields stays as it is. */
function toFields(input: DealStatusInput): DealFields {
  const { seatCount, groupLabels, groupIds, rosterUrl, ledger } = input;
  return {
    status: input.status,
    detail: input.detail,
    ...(seatCount === undefined ? {} : { seats: seatCount }),
    ...(groupLabels === undefined ? {} : { groupLabel: groupLabels.join(', ') }),
    ...(groupIds === undefined ? {} : { groupId: groupIds.join(', ') }),
    ...(rosterUrl === undefined ? {} : { rosterFile: rosterUrl }),
    ...(ledger === undefined ? {} : { ledger: formatLedger(ledger) }),
  };
}

function doneClaim({ deployment }: ActivityDeps): string {
  return formatClaim({ deployment, at: new Date().toISOString(), isDone: true });
}
