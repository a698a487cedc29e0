import type { Client } from '@temporalio/client';
import { Worker, type WorkflowBundleOption } from '@temporalio/worker';

export type WorkflowBundle = WorkflowBundleOption;
export type History = Awaited<ReturnType<ReturnType<Client['workflow']['getHandle']>['fetchHistory']>>;

/** The histories of these runs, of the latest run of the id, and of every run that continued into one of them. */
export async function chainOf(
  client: Client,
  workflowId: string,
  runIds: Iterable<string>,
): Promise<readonly History[]> {
  const { runId: latest } = await client.workflow.getHandle(workflowId).describe();
  const due = new Set([...runIds, latest]);
  const histories: History[] = [];
  for (const runId of due) {
    const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    histories.push(history);
    const started = history.events?.[0]?.workflowExecutionStartedEventAttributes;
    if (started?.continuedExecutionRunId) due.add(started.continuedExecutionRunId);
  }
  return histories;
}

/** Throws `DeterminismViolationError` when the code of now would not have made this history. */
export async function replay(
  workflowBundle: WorkflowBundle,
  history: History | object,
  workflowId: string,
): Promise<void> {
  await Worker.runReplayHistory({ workflowBundle }, history, workflowId);
}
