import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { createAlertActivities } from '../../activities/alerts.ts';
import type { AlertActivities } from '../../src/contracts/alert.ts';
import { createLogger } from '../../src/observability/logging.ts';
import { createAlertDesk } from '../../src/runs/alert-desk.ts';
import { OutageWatch } from '../../src/temporal/outage-watch.ts';
import { installRuntime } from '../../src/temporal/runtime.ts';
import { createWorker } from '../../src/temporal/worker.ts';
import { createReplayer } from './replay.ts';
import { routeByAccount } from './route-by-account.ts';
import type { TenantActivities, TenantDeps } from './tenant.ts';
import { workflowBundle } from './workflow-bundle.ts';

export interface RigWorld {
  readonly deps: TenantDeps;
  /** How often those who run Dealseat were alarmed that nobody could be told. */
  untold(): number;
  /** From now on the operators of this account are alerted: what they are sent. */
  alertsOf(account: string): readonly SentAlert[];
  close(): Promise<void>;
}

export interface SentAlert {
  readonly subject: string;
  readonly text: string;
  readonly state: string;
}

/** Short enough for a test, long enough for two deals to be alerted to together. */
const ALERT_BOUNDS = { gatherMs: 3_000, lookMs: 200, lookMaxMs: 500, repeatMs: 3_000 };

/** So long a system must be away. */
const AWAY_MS = 3_000;

/** As a worker alerts that has a webhook, but only for accounts whose test asks for it. */
function recordedAlerts(
  client: Client,
  taskQueue: string,
  sent: ReadonlyMap<string, SentAlert[]>,
): AlertActivities {
  const activities = createAlertActivities({
    desk: createAlertDesk(client, { taskQueue, bounds: ALERT_BOUNDS }),
    channels: {
      webhook: async ({ subject, text, data }) => {
        const { state, scope } = data as { state: string; scope: { account: string } | null };
        sent.get(scope?.account ?? '')?.push({ subject, text, state });
      },
    },
    crmFacts: { hubspot: { displayName: 'HubSpot' }, salesforce: { displayName: 'Salesforce' } },
    onSent: () => undefined,
  });
  const raiseAlert: AlertActivities['raiseAlert'] = async (input) =>
    sent.has(input.deal.account) ? activities.raiseAlert(input) : { isRaised: false };
  return { ...activities, raiseAlert };
}

/** A client, and unless told otherwise a worker, on a queue of their own. Once a process. */
export async function openRigWorld(address: string, { runsWorker = true } = {}): Promise<RigWorld> {
  installRuntime(createLogger({ level: 'fatal' }));
  const taskQueue = `test-${randomUUID()}`;
  const tenants = new Map<string, TenantActivities>();
  const bundle = await workflowBundle();
  const connection = await Connection.connect({ address });
  // Open for as long as the process works: the SDK's runtime ends with its last user, between two replays too.
  const native = await NativeConnection.connect({ address });
  const stops: (() => Promise<void>)[] = [() => connection.close(), () => native.close()];
  const replayer = createReplayer(bundle);
  stops.push(() => replayer.close());
  let untold = 0;
  const sent = new Map<string, SentAlert[]>();
  const client = new Client({ connection });
  if (runsWorker) {
    const alerts = recordedAlerts(client, taskQueue, sent);
    const worker = await createWorker({
      connection: native,
      namespace: 'default',
      taskQueue,
      workflowBundle: bundle,
      activities: { ...routeByAccount(tenants), ...alerts },
      outages: new OutageWatch({ awayMs: AWAY_MS, raise: alerts.raiseAlert, onFailed: () => undefined }),
      shutdownGraceMs: 1_000,
      onUntold: () => {
        untold += 1;
      },
    });
    const ended = worker.run();
    stops.push(async () => {
      worker.shutdown();
      await ended;
    });
  }
  return {
    deps: { client, address, taskQueue, bundle, replayer, tenants },
    untold: () => untold,
    alertsOf: (account) => {
      const alerts = sent.get(account) ?? [];
      sent.set(account, alerts);
      return alerts;
    },
    close: async () => {
      for (const stop of stops.reverse()) await stop();
    },
  };
}
