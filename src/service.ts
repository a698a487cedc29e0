import type { AddressInfo } from 'node:net';
import type { WorkflowBundleOption } from '@temporalio/worker';
import { createActivities } from '../activities/index.ts';
import { createWebhookServer } from '../webhooks/server.ts';
import { traceRequests } from '../webhooks/tracing.ts';
import { createActivityDeps, createCrms } from './compose.ts';
import type { Config } from './config.ts';
import type { Logger } from './logging.ts';
import { createMetrics } from './metrics.ts';
import { startTelemetry } from './telemetry-export.ts';
import { connectWorker, createTemporalClient, type TemporalTarget } from './temporal/connection.ts';
import { createProvisioner, type RunConsole } from './temporal/provisioner.ts';
import type { RunPages } from './temporal/run-url.ts';
import { traceStarts } from './temporal/tracing.ts';
import { createWorker } from './temporal/worker.ts';
import { loadWorkflowBundle } from './temporal/workflow-bundle.ts';
import { watchWonStages } from './won-stages.ts';

/** What every part of the service is made from. Only the entry points make one. */
export interface ServiceContext {
  readonly config: Config;
  readonly target: TemporalTarget;
  readonly logger: Logger;
}

/** A running part. `ended` settles when it stops by itself or after `stop`; it rejects when it broke. */
export interface RunningPart {
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

export interface RunningWebhooks extends RunningPart {
  readonly url: string;
}

export function pagesOf({ config, target }: ServiceContext): RunPages {
  return { uiUrl: config.temporalUiUrl, namespace: target.namespace };
}

export interface OpenConsole {
  readonly runs: RunConsole;
  close(): Promise<void>;
}

/** The client side: starts, asks and tells runs. Connects on first use. */
export function openConsole(context: ServiceContext): OpenConsole {
  const client = createTemporalClient(context.target);
  const runs = createProvisioner({
    client,
    taskQueue: context.config.taskQueue,
    policy: context.config.policy,
    pages: pagesOf(context),
  });
  return { runs, close: () => client.connection.close() };
}

/** Resolves once the worker polls. The SDK drains it on SIGINT and SIGTERM by itself; `ended` tells when that is done. */
export async function startWorker(
  context: ServiceContext,
  options: { readonly workflowBundle?: WorkflowBundleOption; readonly shutdownGraceMs?: number } = {},
): Promise<RunningPart> {
  const telemetry = await startTelemetry();
  const deps = await createActivityDeps(context.config, pagesOf(context));
  const connection = await connectWorker(context.target);
  const worker = await createWorker({
    connection,
    namespace: context.target.namespace,
    taskQueue: context.config.taskQueue,
    workflowBundle: options.workflowBundle ?? (await loadWorkflowBundle()),
    activities: createActivities(deps),
    ...(options.shutdownGraceMs === undefined ? {} : { shutdownGraceMs: options.shutdownGraceMs }),
  });
  const ended = worker.run().finally(async () => {
    await telemetry?.flush();
    await connection.close();
  });
  return {
    ended,
    stop: async () => {
      if (worker.getState() === 'RUNNING') worker.shutdown();
      await ended;
    },
  };
}

/** Resolves once the server listens, whether or not Temporal can be reached yet. */
export async function startWebhooks(context: ServiceContext): Promise<RunningWebhooks> {
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
    metrics: createMetrics(),
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
