import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { LagStore } from '../../activities/lags.ts';
import { LAG_MEMO, lagId, NOTE_LAG } from '../contracts/lag.ts';
import type { LagRecord } from '../domain/lag.ts';

const DEADLINE_MS = 5_000;

/**
 * In the memo of the last run of a workflow that does nothing else. Temporal forgets it with the run, after the
 * namespace's retention: then it is observed anew.
 */
export function createLagStore(client: Client, taskQueue: string): LagStore {
  const within = <T>(call: () => Promise<T>) => client.withDeadline(Date.now() + DEADLINE_MS, call);
  return {
    async recall(account) {
      try {
        const { memo } = await within(() => client.workflow.getHandle(lagId(account)).describe());
        return (memo?.[LAG_MEMO] as LagRecord | undefined) ?? null;
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return null;
        throw error;
      }
    },
    async remember(account, record) {
      await within(() =>
        client.workflow.start(NOTE_LAG, {
          workflowId: lagId(account),
          taskQueue,
          memo: { [LAG_MEMO]: record },
          workflowIdConflictPolicy: 'TERMINATE_EXISTING',
        }),
      );
    },
  };
}
