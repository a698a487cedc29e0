import type { Client } from '@temporalio/client';
import type { AlertDesk } from '../../activities/alerts.ts';
import {
  ALERT_BOUNDS,
  ALERT_OPERATORS,
  type AlertBounds,
  alertId,
  DEAL_WAITS,
  type WaitingDeal,
  waiterId,
} from '../contracts/alert.ts';
import { MESSAGES, type Progress } from '../contracts/run.ts';
import { searchAttributeKeys } from '../contracts/search-attributes.ts';
import { provisioningId } from '../domain/deal/ids.ts';

/** Ids in one query. */
const IDS_AT_ONCE = 50;

/** Answers the alerts from Temporal. One open workflow a cause, so several workers alert once. */
export function createAlertDesk(
  { workflow }: Pick<Client, 'workflow'>,
  { taskQueue, bounds = ALERT_BOUNDS }: { readonly taskQueue: string; readonly bounds?: AlertBounds },
): AlertDesk {
  return {
    async raise(input) {
      const { cause } = input;
      await workflow.signalWithStart(ALERT_OPERATORS, {
        workflowId: alertId(cause),
        taskQueue,
        args: [{ cause, bounds }],
        signal: DEAL_WAITS,
        signalArgs: [input],
        staticSummary: `Alert: ${cause.code}`,
      });
    },

    async openRuns(deals) {
      const runs = new Map<string, { readonly status: string; readonly code: string | null }>();
      for (let from = 0; from < deals.length; from += IDS_AT_ONCE) {
        const some = deals.slice(from, from + IDS_AT_ONCE);
        const ids = some
          .map(waiterId)
          .map((id) => `'${id.replaceAll("'", '')}'`)
          .join(', ');
        const query = `ExecutionStatus = 'Running' AND WorkflowId IN (${ids})`;
        for await (const { workflowId, typedSearchAttributes: shown } of workflow.list({ query })) {
          const status = shown.get(searchAttributeKeys.status) ?? '';
          const code = shown.get(searchAttributeKeys.failureCode) ?? null;
          runs.set(workflowId, { status, code });
        }
      }
      return runs;
    },

    async problemsOf(deal: WaitingDeal) {
      const handle = workflow.getHandle(provisioningId(deal));
      const { problems } = await handle.query<Progress>(MESSAGES.progress);
      return problems;
    },
  };
}
