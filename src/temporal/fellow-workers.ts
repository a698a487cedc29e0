import type { NativeConnection } from '@temporalio/worker';

export interface WorkerQueue {
  readonly connection: Pick<NativeConnection, 'workflowService'>;
  readonly namespace: string;
  readonly taskQueue: string;
  /** Under which the asking worker itself polls. */
  readonly identity: string;
}

/** `temporal.api.enums.v1.TaskQueueType`, which the packages do not export as values. */
const ACTIVITY_QUEUE = 2;

/** A poll lasts a minute at most, so whoever lives has begun one since. */
const ALIVE_MS = 65_000;

/** How many workers poll the task queue, by Temporal's own register of pollers; the asking one counts from the start. */
export async function countWorkers({
  connection,
  namespace,
  taskQueue,
  identity,
}: WorkerQueue): Promise<number> {
  const { pollers } = await connection.workflowService.describeTaskQueue({
    namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: ACTIVITY_QUEUE,
  });
  const seen = pollers.map((poller) => ({
    identity: poller.identity ?? '',
    atMs: Number(poller.lastAccessTime?.seconds ?? 0) * 1_000,
  }));
  // By the server's clock alone: ours may be off.
  const newestMs = Math.max(0, ...seen.map(({ atMs }) => atMs));
  const alive = seen.filter(({ atMs }) => newestMs - atMs <= ALIVE_MS);
  return new Set([identity, ...alive.map((poller) => poller.identity)]).size;
}
