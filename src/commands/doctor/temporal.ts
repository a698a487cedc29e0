import { Connection, isGrpcServiceError } from '@temporalio/client';
import type { Config } from '../../config/config.ts';
import { loadTemporalTarget, type TemporalTarget } from '../../temporal/connection.ts';
import { checkSearchAttributes } from '../../temporal/search-attribute-setup.ts';
import { addressOf } from '../terminal/temporal-answers.ts';
import { type DoctorCheck, failed, note, ok } from './check.ts';

const DEADLINE_MS = 10_000;
/** `temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW`. */
const WORKFLOW_QUEUE = 1;

/** Whether Temporal answers, has the namespace and our search attributes, and whether a worker is there. */
export async function checkTemporal(
  env: NodeJS.ProcessEnv,
  { taskQueue }: Config,
  { fix }: { readonly fix: boolean },
): Promise<DoctorCheck[]> {
  const target = loadTemporalTarget(env);
  const name = `Temporal ${addressOf(target)}, namespace ${target.namespace}`;
  try {
    const workers = await countWorkers(target, taskQueue);
    return [
      ok(name),
      ...(await checkSearchAttributes(target, { fix })),
      workers > 0
        ? ok(`Worker on task queue ${taskQueue}`)
        : note(
            `Worker on task queue ${taskQueue}`,
            'None polls now: start `dealseat start` or `dealseat worker`.',
          ),
    ];
  } catch (error) {
    if (!isGrpcServiceError(error)) throw error;
    const advice =
      target.connectionOptions.address === undefined
        ? 'No TEMPORAL_* variable names a server: start `dealseat start`, which brings one, or set TEMPORAL_ADDRESS.'
        : 'Check the TEMPORAL_* variables and that the server runs.';
    return [failed(name, `${error.details}. ${advice}`)];
  }
}

async function countWorkers({ connectionOptions, namespace }: TemporalTarget, taskQueue: string) {
  const connection = Connection.lazy(connectionOptions);
  try {
    return await connection.withDeadline(Date.now() + DEADLINE_MS, async () => {
      const { pollers } = await connection.workflowService.describeTaskQueue({
        namespace,
        taskQueue: { name: taskQueue },
        taskQueueType: WORKFLOW_QUEUE,
      });
      return pollers?.length ?? 0;
    });
  } finally {
    await connection.close();
  }
}
