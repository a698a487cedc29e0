import { Context } from '@temporalio/activity';
import type { DealFields } from '../src/clients/crm.ts';
import type { DealStatusInput, ProvisioningActivities } from '../src/domain/activities.ts';
import { formatClaim } from '../src/domain/claim.ts';
import { formatLedger } from '../src/domain/ledger.ts';
import { cancellationSignal } from './attempt.ts';
import { type ActivityDeps, crmOf } from './deps.ts';

export function createDealStatusActivities(
  deps: ActivityDeps,
): Pick<ProvisioningActivities, 'writeDealStatus' | 'notifyOwner'> {
  return {
    async writeDealStatus(input) {
      const { workflowExecution } = Context.current().info;
      const run = workflowExecution
        ? deps.runUrl(workflowExecution.workflowId, workflowExecution.runId)
        : null;
      await crmOf(deps, input.deal).writeDealFields(
        input.deal.dealId,
        toFields(input, { run, ...(input.releasesClaim ? { claim: doneClaim(deps) } : {}) }),
        cancellationSignal(),
      );
    },

    async notifyOwner({ deal, ...notice }) {
      await crmOf(deps, deal).notifyOwner({ dealId: deal.dealId, ...notice }, cancellationSignal());
    },
  };
}

/** Only what the input names is written; the rest of the deal's fields stays as it is. */
function toFields(
  input: DealStatusInput,
  { run, claim }: { readonly run: string | null; readonly claim?: string },
): DealFields {
  const { seatCount, groupLabels, groupIds, rosterUrl, ledger } = input;
  return {
    status: input.status,
    detail: input.detail,
    ...(run === null ? {} : { run }),
    ...(seatCount === undefined ? {} : { seats: seatCount }),
    ...(groupLabels === undefined ? {} : { groupLabel: groupLabels.join(', ') }),
    ...(groupIds === undefined ? {} : { groupId: groupIds.join(', ') }),
    ...(rosterUrl === undefined ? {} : { rosterFile: rosterUrl }),
    ...(ledger === undefined ? {} : { ledger: formatLedger(ledger) }),
    ...(claim === undefined ? {} : { claim }),
  };
}

function doneClaim({ deployment }: ActivityDeps): string {
  return formatClaim({ deployment, at: new Date().toISOString(), isDone: true });
}
