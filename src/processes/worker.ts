import type { WorkflowBundleOption } from '@temporalio/worker';
import { createActivities } from '../../activities/index.ts';
import { Lags } from '../../activities/lags.ts';
import { createSweepActivities } from '../../activities/sweep.ts';
import { crmsInUse } from '../config/crm-settings.ts';
import type { CrmName } from '../domain/deal/deal.ts';
import { createMetrics } from '../observability/metrics.ts';
import { startTelemetry } from '../observability/telemetry-export.ts';
import { createRunRegister } from '../runs/run-register.ts';
import { connectWorker, createTemporalClient } from '../temporal/connection.ts';
import { readDeployment } from '../temporal/deployment.ts';
import { createLagStore } from '../temporal/lag-store.ts';
import { ensureSweepSchedules } from '../temporal/sweep-schedule.ts';
import { createBulkWorker, createWorker } from '../temporal/worker.ts';
import { loadWorkflowBundle } from '../temporal/workflow-bundle.ts';
import { createActivityDeps } from './clients.ts';
import { pagesOf, type RunningPart, type ServiceContext } from './context.ts';
import { consoleOf } from './open-console.ts';
import { proveAccounts } from './prove-accounts.ts';
import { keepYoungMemory } from './young-memory.ts';

interface WorkerPartOptions {
  readonly workflowBundle?: WorkflowBundleOption;
  readonly shutdownGraceMs?: number;
}

/**
 * Resolves once the worker polls both lanes and the sweeps are scheduled. The SDK drains it on SIGINT and SIGTERM by
 * itself; `ended` tells when that is done.
 */
export async function startWorker(
  context: ServiceContext,
  options: WorkerPartOptions = {},
): Promise<RunningPart> {
  keepYoungMemory();
  const { config, target } = context;
  const telemetry = await startTelemetry();
  const metrics = context.metrics ?? createMetrics();
  const deps = await createActivityDeps(config, pagesOf(context));
  await proveAccounts(deps.crms, context.logger);
  const connection = await connectWorker(target);
  const deployment = await readDeployment(connection, target.namespace);
  const client = createTemporalClient(target);
  const wonSince = await ensureSweepSchedules({ ...config, client, now: Date.now }, crmsInUse(config));
  const lags = new Lags(createLagStore(client, config.taskQueue));
  const sweepDeps = {
    crms: deps.crms,
    runs: createRunRegister(consoleOf(context, client)),
    onMissed: (crm: CrmName) => metrics.sweepMissed.inc({ crm }),
  };
  const common = {
    connection,
    namespace: target.namespace,
    taskQueue: config.taskQueue,
    activities: {
      ...createActivities({ ...deps, deployment, wonSince, lags }),
      ...createSweepActivities(sweepDeps),
    },
    ...(options.shutdownGraceMs === undefined ? {} : { shutdownGraceMs: options.shutdownGraceMs }),
  };
  const workflowBundle = options.workflowBundle ?? (await loadWorkflowBundle());
  const onUntold = (crm: CrmName) => metrics.untold.inc({ crm });
  const workers = [
    await createWorker({ ...common, workflowBundle, onUntold }),
    await createBulkWorker(common),
  ];
  const stop = () => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  // One worker without the other would leave runs half done: they end together.
  const runs = workers.map((worker) => worker.run().finally(stop));
  const ended = Promise.all(runs).then(
    () => undefined,
    async (error: unknown) => {
      await Promise.allSettled(runs);
      throw error;
    },
  );
  const closed = ended.finally(async () => {
    await telemetry?.flush();
    await client.connection.close();
    await connection.close();
  });
  return {
    ended: closed,
    stop: async () => {
      stop();
      await closed;
    },
  };
}
