import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import type { ResetPoint } from './reset-points.ts';

/** `RESET_REAPPLY_TYPE_ALL_ELIGIBLE`, which Temporal's pages send. */
const ALL_ELIGIBLE = 3;
/** `RESET_REAPPLY_EXCLUDE_TYPE_SIGNAL` and `_UPDATE`: the boxes that a person may untick. */
const NO_MESSAGES = [1, 2];

/**
 * As the button of Temporal's page does it: ends the open run of this id, if there is one, and begins a new one with
 * the history before this point. The messages that came after it are given to the new run unless told otherwise.
 */
export async function resetRun(
  client: Client,
  id: string,
  { runId, eventId, reappliesMessages }: ResetPoint & { readonly reappliesMessages: boolean },
): Promise<string> {
  const answer = await client.workflowService.resetWorkflowExecution({
    namespace: client.options.namespace,
    workflowExecution: { workflowId: id, runId },
    workflowTaskFinishEventId: eventId,
    requestId: randomUUID(),
    reason: 'reset matrix',
    resetReapplyType: ALL_ELIGIBLE,
    resetReapplyExcludeTypes: reappliesMessages ? [] : NO_MESSAGES,
  });
  return answer.runId;
}
