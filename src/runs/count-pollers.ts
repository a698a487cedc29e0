import type { WorkflowService } from '@temporalio/client';

/** `temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW`, which the packages do not export as a value. */
const WORKFLOW_QUEUE = 1;

/** A poll lasts a minute at most, so a worker that lives has begun one since. */
const ALIVE_MS = 75_000;

export async function countPollers(
  service: Pick<WorkflowService, 'describeTaskQueue'>,
  { namespace, taskQueue }: { readonly namespace: string; readonly taskQueue: string },
): Promise<number> {
  const { pollers } = await service.describeTaskQueue({
    namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: WORKFLOW_QUEUE,
  });
  const since = Date.now() - ALIVE_MS;
  return pollers.filter(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1_000 >= since).length;
}
