import { randomInt, randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { sandboxEnvironment } from '../../sandbox/environment.ts';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../sandbox/index.ts';
import type { CrmModule } from '../../src/clients/crm-module.ts';
import { loadConfig } from '../../src/config/config.ts';
import { crmsInUse } from '../../src/config/crm-settings.ts';
import { sweepId } from '../../src/contracts/sweep.ts';
import type { CrmName, DealRef } from '../../src/domain/deal/deal.ts';
import { toSalesforceId18 } from '../../src/domain/deal/salesforce-id.ts';
import { createLogger } from '../../src/observability/logging.ts';
import { createMetrics, type Metrics } from '../../src/observability/metrics.ts';
import type { RunningPart, ServiceContext } from '../../src/processes/context.ts';
import { openConsole } from '../../src/processes/open-console.ts';
import type { WebhookModule } from '../../src/processes/webhook-modules.ts';
import { type RunningWebhooks, startWebhooks } from '../../src/processes/webhooks.ts';
import { startWorker } from '../../src/processes/worker.ts';
import type { RunConsole } from '../../src/runs/console.ts';
import type { StoreDatabase } from '../../src/store/database.ts';
import { installRuntime } from '../../src/temporal/runtime.ts';
import { ownNamespace, serverAddress } from './server.ts';
import { workflowBundle } from './workflow-bundle.ts';

const PUBLIC_URL = 'https://dealseat.example.com';

/** The parts of the service as `dealseat worker` and `dealseat webhooks` start them, in accounts of their own. */
export interface ServiceWorld {
  readonly sandbox: Sandbox;
  readonly client: Client;
  readonly runs: RunConsole;
  readonly metrics: Metrics;
  /** What all parts have logged, one JSON line each. */
  readonly log: readonly string[];
  /** What the commands need to work in this world. */
  readonly env: Readonly<Record<string, string>>;
  ref(crm: CrmName, dealId: string): DealRef;
  /** Two workers of one process are one worker to Temporal unless they have identities of their own. */
  startWorker(env?: NodeJS.ProcessEnv, identity?: string): Promise<RunningPart>;
  /** HubSpot's events reach the server from now on. */
  startWebhooks(): Promise<RunningWebhooks>;
  close(): Promise<void>;
}

export interface ServiceWorldOptions {
  readonly sandbox?: SandboxOptions;
  readonly env?: Readonly<Record<string, string>>;
  /** Default: the CRMs of the product and their webhooks. */
  readonly crms?: readonly CrmModule[];
  readonly webhooks?: readonly WebhookModule[];
  /** Of seats, which its owner closes. Default: the parts know no seats. */
  readonly store?: StoreDatabase;
}

export async function openServiceWorld(options: ServiceWorldOptions = {}): Promise<ServiceWorld> {
  const address = serverAddress();
  // A platform has one schedule of seats in a namespace: services with seats would take it from each other.
  const namespace = options.store === undefined ? 'default' : await ownNamespace();
  quietRuntime();
  const portalId = String(randomInt(100_000_000, 2_000_000_000));
  const orgId = toSalesforceId18(`00D5Y${String(randomInt(0, 10 ** 10)).padStart(10, '0')}`) ?? '';
  const sandbox = await startSandbox({
    seed: true,
    ...options.sandbox,
    hubspot: {
      searchIndexDelayMs: 0,
      rateLimit: { burst: Number.POSITIVE_INFINITY, searchPerSecond: Number.POSITIVE_INFINITY },
      ...options.sandbox?.hubspot,
      portalId: Number(portalId),
    },
    salesforce: { ...options.sandbox?.salesforce, orgId },
  });
  // The example deals are won, and none of these tests is about them.
  sandbox.hubspot.state.edit('deals', '9001', { dealstage: 'closedlost' });
  for (const { Id } of sandbox.salesforce.state.rows('Opportunity')) {
    sandbox.salesforce.state.setStage(String(Id), 'Closed Lost');
  }
  const taskQueue = `service-${randomUUID()}`;
  const metrics = createMetrics();
  const log: string[] = [];
  const logger = createLogger({ level: 'info' }, { write: (line) => void log.push(line) });
  const worldEnv = {
    ...sandboxEnvironment(sandbox),
    ...SHORT_BOUNDS,
    HUBSPOT_PORTAL_ID: portalId,
    SALESFORCE_ORG_ID: orgId,
    DEALSEAT_TASK_QUEUE: taskQueue,
    DEALSEAT_CATALOG: fileURLToPath(new URL('../../catalog.example.yaml', import.meta.url)),
    WEBHOOK_PORT: '0',
    WEBHOOK_PUBLIC_URL: PUBLIC_URL,
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: namespace,
    ...options.env,
  };
  const contextOf = (env: NodeJS.ProcessEnv = {}): ServiceContext => ({
    config: loadConfig({ ...worldEnv, ...env }, options.crms),
    target: { connectionOptions: { address }, namespace },
    logger,
    metrics,
    ...(options.store && { store: options.store }),
  });
  const { config } = contextOf();
  const connection = await Connection.connect({ address });
  const console = openConsole(contextOf());
  const parts = new Set<RunningPart>();
  const started = <Part extends RunningPart>(part: Part): Part => {
    parts.add(part);
    return part;
  };
  const client = new Client({ connection, namespace });
  return {
    sandbox,
    client,
    runs: console.runs,
    metrics,
    log,
    env: worldEnv,
    ref: (crm, dealId) => {
      const { account = '' } = crmsInUse(config).find(({ module }) => module.name === crm) ?? {};
      return { crm, account, dealId };
    },
    async startWorker(env, identity) {
      const bundle = await workflowBundle();
      const options = { workflowBundle: bundle, shutdownGraceMs: 1_000, ...(identity && { identity }) };
      return started(await startWorker(contextOf(env), options));
    },
    async startWebhooks() {
      const webhooks = started(
        await startWebhooks(contextOf(), options.webhooks && { modules: options.webhooks }),
      );
      sandbox.hubspot.setWebhookTarget(`${PUBLIC_URL}/webhooks/hubspot`, {
        postTo: `${webhooks.url}/webhooks/hubspot`,
      });
      return webhooks;
    },
    async close() {
      for (const { module, account } of crmsInUse(config)) {
        await client.schedule
          .getHandle(sweepId({ crm: module.name, account }))
          .delete()
          .catch(() => undefined);
      }
      for (const part of parts) await part.stop();
      await console.close();
      await connection.close();
      await sandbox.close();
    },
  };
}

let isRuntimeInstalled = false;

/** The SDK takes its logger once a process. */
function quietRuntime(): void {
  if (isRuntimeInstalled) return;
  isRuntimeInstalled = true;
  installRuntime(createLogger({ level: 'fatal' }));
}

/**
 * Short, so that a test waits for nothing, and no look-back or lag: the stand-ins tell of a change at once. An attempt
 * that a busy server lost on its way to the worker comes back only by its bound.
 */
const SHORT_BOUNDS = {
  DEALSEAT_POLICY_ATTEMPT_MS: '30000',
  DEALSEAT_POLICY_ROSTER_ATTEMPT_MS: '40000',
  DEALSEAT_POLICY_RETRY_INITIAL_MS: '50',
  DEALSEAT_POLICY_RETRY_MAX_MS: '1000',
  DEALSEAT_POLICY_LOOK_UP_MS: '1500',
  DEALSEAT_POLICY_LOOK_UP_INTERVAL_MS: '50',
  DEALSEAT_POLICY_PASSING_MS: '500',
  DEALSEAT_POLICY_STILL_MS: '200',
  DEALSEAT_POLICY_HOLD_PAUSE_MS: '200',
  DEALSEAT_POLICY_POLL_INTERVAL_MS: '200',
  DEALSEAT_SWEEP_LAG_MS: '0',
  DEALSEAT_SWEEP_LOOK_BACK_MS: '0',
  DEALSEAT_SWEEP_SINCE: '2020-01-01',
  DEALSEAT_SWEEP_INTERVAL_MS: '86400000',
};
