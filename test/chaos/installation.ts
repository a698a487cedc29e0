import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { sandboxEnvironment } from '../../sandbox/environment.ts';
import { type Sandbox, startSandbox } from '../../sandbox/index.ts';
import { loadConfig } from '../../src/config/config.ts';
import { SEARCH_ATTRIBUTES } from '../../src/contracts/search-attributes.ts';
import { createLogger } from '../../src/observability/logging.ts';
import type { ServiceContext } from '../../src/processes/context.ts';
import { type OpenConsole, openConsole } from '../../src/processes/open-console.ts';
import { startWebhooks } from '../../src/processes/webhooks.ts';
import { type DevServer, startDevServer } from '../../src/temporal/dev-server/dev-server.ts';
import { until } from '../support/until.ts';
import { workflowBundle } from '../support/workflow-bundle.ts';
import { Workers } from './workers.ts';

/** Nobody hears of a killed worker before the bound of its attempt is over, so the bounds are short. */
const POLICY = {
  DEALSEAT_POLICY_ATTEMPT_MS: '8000',
  DEALSEAT_POLICY_ROSTER_ATTEMPT_MS: '10000',
  DEALSEAT_POLICY_READ_TOTAL_MS: '1200000',
  DEALSEAT_POLICY_WRITE_TOTAL_MS: '1200000',
  DEALSEAT_POLICY_RETRY_INITIAL_MS: '50',
  DEALSEAT_POLICY_RETRY_MAX_MS: '500',
  DEALSEAT_POLICY_LOOK_UP_MS: '1500',
  DEALSEAT_POLICY_LOOK_UP_INTERVAL_MS: '100',
  DEALSEAT_POLICY_PASSING_MS: '120000',
  DEALSEAT_POLICY_STILL_MS: '200',
  DEALSEAT_POLICY_HOLD_PAUSE_MS: '300',
  DEALSEAT_POLICY_POLL_INTERVAL_MS: '100',
};

/** Long enough for someone to knock in vain. */
const AWAY_MS = 1_000;

const CATALOG = fileURLToPath(new URL('../../catalog.example.yaml', import.meta.url));

/** What HubSpot signs over, wherever the webhook server listens. */
export const PUBLIC_URL = 'https://dealseat.example.com';

/** Dealseat as it is installed: its own Temporal server with a database, worker processes, a webhook server. */
export interface Installation {
  /** Another one after each restart. */
  readonly webhooksUrl: string;
  readonly workers: Workers;
  readonly console: OpenConsole;
  restartTemporal(awayMs?: number): Promise<void>;
  /** Ends workers and Temporal server at once, as a power cut does, and starts them again. */
  killAndRestart(): Promise<void>;
  restartWebhooks(): Promise<void>;
  stop(): Promise<void>;
}

export function startStandIns(): Promise<Sandbox> {
  return startSandbox({
    ti: { rateLimit: { limit: 1_000_000, windowMs: 60_000, sendRetryAfter: true } },
    hubspot: {
      portalId: 62515,
      searchIndexDelayMs: 0,
      rateLimit: { burst: Number.POSITIVE_INFINITY, searchPerSecond: Number.POSITIVE_INFINITY },
    },
  });
}

export async function install(
  sandbox: Sandbox,
  options: { readonly workerCount: number; readonly policy?: Readonly<Record<string, string>> },
): Promise<Installation> {
  const logger = createLogger({ level: 'fatal' });
  const folder = await mkdtemp(join(tmpdir(), 'dealseat-chaos-'));
  const startTemporal = (port?: number): Promise<DevServer> =>
    startDevServer({
      ui: false,
      ...(port === undefined ? {} : { port }),
      dbFile: join(folder, 'temporal.db'),
      searchAttributes: SEARCH_ATTRIBUTES,
      report: () => undefined,
    });
  const stops: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  const stop = async () => {
    for (const end of stops.splice(0).reverse()) await end();
  };
  try {
    let temporal = await startTemporal();
    stops.push(() => temporal.stop());
    const env = {
      ...sandboxEnvironment(sandbox),
      ...POLICY,
      ...options.policy,
      DEALSEAT_CATALOG: CATALOG,
      WEBHOOK_PORT: '0',
      WEBHOOK_PUBLIC_URL: PUBLIC_URL,
    };
    const { address, namespace } = temporal;
    const bringTemporalBack = () =>
      until('Temporal is back at its address', async () => {
        const again = await startTemporal(Number(new URL(`tcp://${address}`).port)).catch(unlessTaken);
        temporal = again ?? temporal;
        return again !== null;
      });
    const context: ServiceContext = {
      config: loadConfig(env),
      logger,
      target: { connectionOptions: { address }, namespace },
    };
    const console = openConsole(context);
    stops.push(() => console.close());
    let webhooks = await startWebhooks(context);
    stops.push(() => webhooks.stop());
    const { codePath: bundlePath } = await workflowBundle();
    const workers = new Workers({ address, bundlePath, env, folder }, options.workerCount);
    stops.push(() => workers.stop());
    return {
      get webhooksUrl() {
        return webhooks.url;
      },
      workers,
      console,
      async restartTemporal(awayMs = AWAY_MS) {
        await temporal.stop();
        await wait(awayMs);
        await bringTemporalBack();
      },
      async killAndRestart() {
        const { pid, ended } = temporal;
        for (let index = 0; index < options.workerCount; index += 1) workers.kill(index);
        process.kill(pid, 'SIGKILL');
        await ended;
        await bringTemporalBack();
      },
      async restartWebhooks() {
        await webhooks.stop();
        await wait(AWAY_MS);
        webhooks = await startWebhooks(context);
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Null when a passing connection of somebody else has the port. */
function unlessTaken(error: unknown): null {
  if (error instanceof Error && error.message.includes('address already in use')) return null;
  throw error;
}
