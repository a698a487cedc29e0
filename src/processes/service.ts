import type { AddressInfo } from 'node:net';
import type { Client } from '@temporalio/client';
import type { WorkflowBundleOption } from '@temporalio/worker';
import { createActivities } from '../../activities/index.ts';
import { createSweepActivities } from '../../activities/sweep.ts';
import type { WebhookLimits } from '../../webhooks/server/limits.ts';
import { createWebhookServer } from '../../webhooks/server/server.ts';
import { traceRequests } from '../../webhooks/server/tracing.ts';
import type { Config } from '../config/config.ts';
import type { CrmName } from '../domain/deal/deal.ts';
import type { Logger } from '../observability/logging.ts';
import { createMetrics, type Metrics } from '../observability/metrics.ts';
import { startTelemetry } from '../observability/telemetry-export.ts';
import { createProvisioner, type RunConsole } from '../runs/console.ts';
import { createRunRegister } from '../runs/run-register.ts';
import type { RunPages } from '../runs/run-url.ts';
import { connectWorker, createTemporalClient, type TemporalTarget } from '../temporal/connection.ts';
import { readDeployment } from '../temporal/deployment.ts';
import { ensureSweepSchedules } from '../temporal/sweep-schedule.ts';
import { traceStarts } from '../temporal/tracing.ts';
import { createBulkWorker, createWorker } from '../temporal/worker.ts';
import { loadWorkflowBundle } from '../temporal/workflow-bundle.ts';
import { createActivityDeps, createCrms } from './clients.ts';
import { watchWonStages } from './won-stages.ts';

/** What every part of the service is made from. Only the entry points make one. */
export interface ServiceContext {
  readonly config: Config;
  readonly target: TemporalTarget;
  readonly logger: Logger;
  /** Shared by the parts of one process, because the webhook server publishes them; absent: each has its own. */
  readonly metrics?: Metrics;
}

/** A running part. `ended` settles when it stops by itself or after `stop`; it rejects when it broke. */
export interface RunningPart {
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

export interface RunningWebhooks extends RunningPart {
  readonly url: string;
}

function pagesOf({ config, target }: ServiceContext): RunPages {
  return { uiUrl: config.temporalUiUrl, namespace: target.namespace };
}

export interface OpenConsole {
  readonly runs: RunConsole;
  close(): Promise<void>;
}

/** The client side: starts, asks and tells runs. Connects on first use. */
export function openConsole(context: ServiceContext): OpenConsole {
  const client = createTemporalClient(context.target);
  const runs = createConsole(context, client);
  return {
    runs,
    close: async () => {
      await runs.settled();
      await client.connection.close();
    },
  };
}

function createConsole(context: ServiceContext, client: Client): RunConsole {
  const { taskQueue, policy } = context.config;
  return createProvisioner({ client, taskQueue, policy, pages: pagesOf(context) });
}

/**
 * Resolves once the worker polls both lanes and the sweeps are scheduled. The SDK drains it on SIGINT and SIGTERM by
 * itself; `ended` tells when that is done.
 */
export async function startWorker(
  context: ServiceContext,
  options: { readonly workflowBundle?: WorkflowBundleOption; readonly shutdownGraceMs?: number } = {},
): Promise<RunningPart> {
  const { config, target } = context;
  const telemetry = await startTelemetry();
  const metrics = context.metrics ?? createMetrics();
  const deps = await createActivityDeps(config, pagesOf(context));
  const connection = await connectWorker(target);
  const deployment = await readDeployment(connection, target.namespace);
  const client = createTemporalClient(target);
  const scopes = Object.values(deps.crms).map(({ name: crm, account }) => ({ crm, account }));
  const wonSince = await ensureSweepSchedules({ ...config, client, now: Date.now }, scopes);
  const sweepDeps = {
    crms: deps.crms,
    runs: createRunRegister(createConsole(context, client)),
    onMissed: (crm: CrmName) => metrics.sweepMissed.inc({ crm }),
  };
  const common = {
    connection,
    namespace: target.namespace,
    taskQueue: config.taskQueue,
    activities: {
      ...createActivities({ ...deps, deployment, wonSince }),
      ...createSweepActivities(sweepDeps),
    },
    ...(options.shutdownGraceMs === undefined ? {} : { shutdownGraceMs: options.shutdownGraceMs }),
  };
  const workflowBundle = options.workflowBundle ?? (await loadWorkflowBundle());
  const workers = [await createWorker({ ...common, workflowBundle }), await createBulkWorker(common)];
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

/** Resolves once the server listens, whether or not Temporal can be reached yet. */
export async function startWebhooks(
  context: ServiceContext,
  options: { readonly limits?: Partial<WebhookLimits> } = {},
): Promise<RunningWebhooks> {
  const { config, logger } = context;
  const telemetry = await startTelemetry();
  const console = openConsole(context);
  const { hubspot } = createCrms(config);
  const wonStages = hubspot && watchWonStages((signal) => hubspot.wonStageIds(signal), logger);
  const app = createWebhookServer({
    config,
    provisioner: traceStarts(console.runs),
    wonStages: () => wonStages?.current() ?? null,
    logger,
    metrics: context.metrics ?? createMetrics(),
    ...options,
  });
  traceRequests(app);
  const ended = new Promise<void>((resolve) => app.server.once('close', resolve));
  await app.listen({ host: config.webhook.host, port: config.webhook.port });
  const { port } = app.server.address() as AddressInfo;
  return {
    url: `http://${config.webhook.host}:${port}`,
    ended,
    stop: async () => {
      wonStages?.stop();
      await app.close();
      await telemetry?.flush();
      await console.close();
    },
  };
}
