import { promiseHooks } from 'node:v8';
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

/** Replays one history after another with the code of one bundle. A worker for each would cost a tenth of a second. */
export interface Replayer {
  /** Throws `DeterminismViolationError` when the code of now would not have made this history. */
  replay(history: History | object, workflowId: string): Promise<void>;
  close(): Promise<void>;
}

export function createReplayer(workflowBundle: WorkflowBundle): Replayer {
  watchNoPromises();
  let wanted: { readonly history: History | object; readonly workflowId: string } | null = null;
  async function* histories() {
    while (wanted !== null) yield wanted;
  }
  let results: ReturnType<typeof Worker.runReplayHistories> | null = null;
  return {
    async replay(history, workflowId) {
      wanted = { history, workflowId };
      results ??= Worker.runReplayHistories({ workflowBundle }, histories());
      const { value, done } = await results.next();
      if (done) throw new Error(`The replay ended before the history of ${workflowId}`);
      if (value.error) throw value.error;
    },
    async close() {
      wanted = null;
      await results?.next();
    },
  };
}

/**
 * The SDK replays in this thread, not in one of its own as it runs, and would note a stack for every promise of the whole
 * process from then on, by a function compiled for each. No test asks for those stacks.
 */
function watchNoPromises(): void {
  promiseHooks.createHook = () => () => undefined;
}
