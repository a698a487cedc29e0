import type { WorkflowBundleOption } from '@temporalio/worker';
import { createAlertActivities } from '../../activities/alerts.ts';
import { createSeatAuditActivities } from '../../activities/audit-seats.ts';
import { type ActivityDeps, createActivities } from '../../activities/index.ts';
import { Lags } from '../../activities/lags.ts';
import { createNudgeActivities } from '../../activities/nudge-orders.ts';
import { createOutageActivities } from '../../activities/probe-system.ts';
import { createSeatOperationActivities } from '../../activities/seat-operations.ts';
import { createSeatSyncActivities } from '../../activities/seat-sync.ts';
import { createSweepActivities } from '../../activities/sweep.ts';
import type { RequestBudget } from '../clients/request-budget.ts';
import { requireTi } from '../config/config.ts';
import { crmsInUse } from '../config/crm-settings.ts';
import type { Outcome } from '../contracts/outcomes.ts';
import type { CrmName } from '../domain/deal/deal.ts';
import { createMetrics } from '../observability/metrics.ts';
import { startTelemetry } from '../observability/telemetry-export.ts';
import { createAlertDesk } from '../runs/alert-desk.ts';
import { type AuditDeps, auditSeats } from '../runs/audit/audit-seats.ts';
import type { RebuildDeps } from '../runs/rebuild/rebuild-deps.ts';
import { rebuildDeal } from '../runs/rebuild/rebuild-seats.ts';
import { createRunRegister } from '../runs/run-register.ts';
import { runUrl } from '../runs/run-url.ts';
import { createSeatOperations } from '../runs/seat-operations.ts';
import { connectWorker, createTemporalClient } from '../temporal/connection.ts';
import { readDeployment } from '../temporal/deployment.ts';
import { createLagStore } from '../temporal/lag-store.ts';
import { ensureNudgeSchedule } from '../temporal/nudge-schedule.ts';
import { followDeadProcesses } from '../temporal/orphaned-attempts.ts';
import { OutageWatch } from '../temporal/outage-watch.ts';
import { ensureSeatAuditSchedule } from '../temporal/seat-audit-schedule.ts';
import { ensureSeatSyncSchedule } from '../temporal/seat-sync-schedule.ts';
import { ensureSweepSchedules } from '../temporal/sweep-schedule.ts';
import { createBulkWorker, createWorker } from '../temporal/worker.ts';
import { loadWorkflowBundle } from '../temporal/workflow-bundle.ts';
import { alertChannels } from './alert-channels.ts';
import { createActivityDeps, createBudget } from './clients.ts';
import { pagesOf, type RunningPart, type ServiceContext } from './context.ts';
import { countWaiting } from './count-waiting.ts';
import { forgetDaily } from './forget-daily.ts';
import { consoleOf } from './open-console.ts';
import { proveAccounts } from './prove-accounts.ts';
import { shareBudget } from './share-budget.ts';
import { startSeatOperations } from './start-seat-operations.ts';
import { seatsOf } from './store.ts';
import { keepYoungMemory } from './young-memory.ts';

interface WorkerPartOptions {
  readonly workflowBundle?: WorkflowBundleOption;
  /** Begun before the server was there. */
  readonly prepared?: Promise<PreparedWorker>;
  readonly shutdownGraceMs?: number;
  /** Unique for each worker; default: process id and host. */
  readonly identity?: string;
  /** Where steps in progress are noted for the worker after this one. Absent: they are not. */
  readonly folder?: string;
}

export interface RunningWorker extends RunningPart {
  /** Since when the deals of each CRM are provisioned by themselves, UTC instants. */
  readonly wonSince: Readonly<Record<CrmName, string>>;
}

interface PreparedWorker {
  readonly deps: Awaited<ReturnType<typeof createActivityDeps>>;
  readonly budget: RequestBudget;
  readonly workflowBundle: WorkflowBundleOption;
}

/** Whatever a worker can do before it has a Temporal server. Throws when an account is another one than configured. */
export async function prepareWorker(
  { config, logger }: Pick<ServiceContext, 'config' | 'logger'>,
  { workflowBundle }: Pick<WorkerPartOptions, 'workflowBundle'> = {},
): Promise<PreparedWorker> {
  const bundling = workflowBundle ?? loadWorkflowBundle();
  const budget = createBudget(requireTi(config));
  const proving = createActivityDeps(config, budget).then(async (deps) => {
    await proveAccounts(deps.crms, logger);
    return deps;
  });
  const [bundle, deps] = await Promise.all([bundling, proving]);
  return { deps, budget, workflowBundle: bundle };
}

/**
 * Resolves once the worker polls both lanes and the sweeps are scheduled. The SDK drains it on SIGINT and SIGTERM by
 * itself; `ended` tells when that is done.
 */
export async function startWorker(
  context: ServiceContext,
  options: WorkerPartOptions = {},
): Promise<RunningWorker> {
  keepYoungMemory();
  const { config, target } = context;
  const telemetry = await startTelemetry();
  const metrics = context.metrics ?? createMetrics();
  const { deps, budget, workflowBundle } = await (options.prepared ?? prepareWorker(context, options));
  const connection = await connectWorker(target);
  const deployment = await readDeployment(connection, target.namespace);
  const client = createTemporalClient(target);
  const { namespace } = target;
  const [journal, wonSince] = await Promise.all([
    options.folder === undefined
      ? null
      : followDeadProcesses(options.folder, { connection, namespace, logger: context.logger }),
    ensureSweepSchedules({ ...config, client, now: Date.now }, crmsInUse(config)),
  ]);
  const seats = seatsOf(context);
  if (seats.seats !== undefined) {
    const { requestsPerMinute } = requireTi(config);
    await ensureSeatAuditSchedule({ ...config, client, requestsPerMinute });
    await ensureNudgeSchedule({ ...config, client, timeZone: deps.catalog.timeZone });
    for (const platform of Object.keys(deps.platforms)) {
      await ensureSeatSyncSchedule({ ...config, client, requestsPerMinute }, platform);
    }
  }
  const lags = new Lags(createLagStore(client, config.taskQueue));
  const sweepDeps = {
    crms: deps.crms,
    runs: createRunRegister(consoleOf(context, client)),
    onMissed: (crm: CrmName) => metrics.sweepMissed.inc({ crm }),
    ...seats,
  };
  const alerts = createAlertActivities({
    desk: createAlertDesk(client, config),
    channels: alertChannels(config.alerts),
    crmFacts: deps.crmFacts,
    onSent: (sent) => metrics.alertsSent.inc(sent),
  });
  const common = {
    connection,
    namespace,
    journal,
    taskQueue: config.taskQueue,
    activities: {
      ...createActivities({
        ...deps,
        deployment,
        wonSince,
        lags,
        ...seats,
        ...(seats.seats && rebuilding({ ...deps, seats: seats.seats })),
        runUrl: (workflowId, runId) => runUrl(pagesOf(context), workflowId, runId),
      }),
      ...createSweepActivities(sweepDeps),
      ...createOutageActivities({ ...deps, ...seats }),
      ...(seats.seats && createSeatSyncActivities({ ...deps, seats: seats.seats })),
      ...(seats.seats &&
        createSeatOperationActivities({ ...deps, lags, seats: seats.seats, raiseAlert: alerts.raiseAlert })),
      ...(seats.seats && createNudgeActivities({ ...deps, lags, seats: seats.seats })),
      ...(seats.seats && auditing({ ...deps, seats: seats.seats }, alerts.raiseAlert)),
      ...alerts,
    },
    outages: new OutageWatch({
      awayMs: config.policy.awayMs,
      raise: alerts.raiseAlert,
      onFailed: (error) => context.logger.warn({ err: error }, 'No alert could say that a system is away'),
    }),
    ...(options.shutdownGraceMs === undefined ? {} : { shutdownGraceMs: options.shutdownGraceMs }),
    ...(options.identity === undefined ? {} : { identity: options.identity }),
  };
  const onOutcome =
    context.onOutcome ??
    ((outcome: Outcome) => context.logger.info(outcome, `${outcome.dealId}: ${outcome.status}`));
  const onUntold = (crm: CrmName) => metrics.untold.inc({ crm });
  const workers = await Promise.all([
    createWorker({ ...common, workflowBundle, onUntold, onOutcome }),
    createBulkWorker(common),
  ]);
  const identity = workers[0].options.identity;
  const counting = countWaiting(client, metrics);
  const leftBehind =
    seats.seats &&
    startSeatOperations(createSeatOperations({ ...config, client, seats: seats.seats }), {
      logger: context.logger,
      now: Date.now,
    });
  const forgetting = context.store && forgetDaily(context.store, { ...config, logger: context.logger });
  const sharing = await shareBudget(budget, { ...common, identity }, context.logger);
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
    sharing.stop();
    counting.stop();
    leftBehind?.stop();
    await forgetting?.stop();
    journal?.close();
    await telemetry?.flush();
    await client.connection.close();
    await connection.close();
  });
  return {
    wonSince,
    ended: closed,
    stop: async () => {
      stop();
      await closed;
    },
  };
}

function rebuilding(deps: RebuildDeps): Pick<ActivityDeps, 'rebuild'> {
  return { rebuild: (deal, signal) => rebuildDeal(deps, deal, signal) };
}

function auditing(deps: AuditDeps, raiseAlert: ReturnType<typeof createAlertActivities>['raiseAlert']) {
  return createSeatAuditActivities({ audit: (bounds) => auditSeats(deps, bounds), raiseAlert });
}
