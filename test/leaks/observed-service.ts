import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';
import { Client, Connection } from '@temporalio/client';
import { sql } from 'kysely';
import { pino } from 'pino';
import { sandboxEnvironment } from '../../sandbox/environment.ts';
import { type Sandbox, startSandbox } from '../../sandbox/index.ts';
import { loadConfig } from '../../src/config/config.ts';
import { toSalesforceId18 } from '../../src/domain/deal/salesforce-id.ts';
import { recordSpans } from '../../src/observability/telemetry-export.ts';
import type { ServiceContext } from '../../src/processes/context.ts';
import { openConsole } from '../../src/processes/open-console.ts';
import { seatDeskOf } from '../../src/processes/seat-desk.ts';
import { startWebhooks } from '../../src/processes/webhooks.ts';
import { startWorker } from '../../src/processes/worker.ts';
import type { RunConsole } from '../../src/runs/console.ts';
import type { SeatDesk } from '../../src/seats/desk.ts';
import { openStoreDatabase } from '../../src/store/database.ts';
import { installRuntime } from '../../src/temporal/runtime.ts';
import { recordNoSpans } from '../support/record-no-spans.ts';
import { serverAddress } from '../support/server.ts';
import { embeddedImage } from '../support/store.ts';
import { newPortalId } from '../support/tenant.ts';
import { workflowBundle } from '../support/workflow-bundle.ts';

/** The whole service as an operator runs it, with every way out of it tapped. */
export interface ObservedService {
  readonly sandbox: Sandbox;
  readonly client: Client;
  readonly runs: RunConsole;
  readonly desk: SeatDesk;
  readonly taskQueue: string;
  readonly webhooksUrl: string;
  readonly accounts: { readonly hubspot: string; readonly salesforce: string };
  readonly secrets: readonly string[];
  /** Every line logged so far, before anything was redacted from it. */
  readonly logLines: readonly string[];
  readonly spans: InMemorySpanExporter;
  /** Of the embedded database of seats. */
  readonly storeFolder: string;
  /** Everything that it has is in its files then. */
  checkpoint(): Promise<void>;
  close(): Promise<void>;
}

/** Codes that can be told from anything else. */
export const CANARY = 'CANARY';
/** What HubSpot signs over, wherever the webhook server listens. */
export const PUBLIC_URL = 'https://dealseat.example.com';
const MANUAL_KEY = 'sandbox-partner-key-0123456789';

/** Short bounds; a stalled answer ends with its attempt. */
const POLICY = {
  DEALSEAT_POLICY_ATTEMPT_MS: '4000',
  DEALSEAT_POLICY_ROSTER_ATTEMPT_MS: '6000',
  DEALSEAT_POLICY_RETRY_INITIAL_MS: '50',
  DEALSEAT_POLICY_RETRY_MAX_MS: '400',
  DEALSEAT_POLICY_LOOK_UP_MS: '1000',
  DEALSEAT_POLICY_LOOK_UP_INTERVAL_MS: '50',
  DEALSEAT_POLICY_PASSING_MS: '500',
  DEALSEAT_POLICY_STILL_MS: '200',
  DEALSEAT_POLICY_HOLD_PAUSE_MS: '200',
  DEALSEAT_POLICY_POLL_INTERVAL_MS: '100',
};

export async function startObservedService(): Promise<ObservedService> {
  const accounts = { hubspot: newPortalId(), salesforce: newOrgId() };
  const logLines: string[] = [];
  // No redaction: codes must not reach the log at all, so that a hole in the patterns gives nothing away.
  const logger = pino({ level: 'trace' }, { write: (line: string) => logLines.push(line) });
  installRuntime(logger);
  const spans = new InMemorySpanExporter();
  await recordSpans(new SimpleSpanProcessor({ exporter: spans }));

  const sandbox = await startSandbox({
    ti: {
      codeSource: (n, length) => `${CANARY}${String(n).padStart(length - CANARY.length, '0')}`,
      rateLimit: { limit: 1_000_000, windowMs: 60_000, sendRetryAfter: true },
    },
    hubspot: {
      portalId: Number(accounts.hubspot),
      searchIndexDelayMs: 0,
      rateLimit: { burst: Number.POSITIVE_INFINITY, searchPerSecond: Number.POSITIVE_INFINITY },
    },
    salesforce: { orgId: accounts.salesforce },
  });
  const folder = await mkdtemp(join(tmpdir(), 'dealseat-leaks-'));
  const environment = sandboxEnvironment(sandbox);
  const config = loadConfig({
    ...environment,
    ...POLICY,
    HUBSPOT_PORTAL_ID: accounts.hubspot,
    SALESFORCE_ORG_ID: accounts.salesforce,
    TI_REQUESTS_PER_MINUTE: '10000',
    DEALSEAT_TASK_QUEUE: `leaks-${accounts.hubspot}`,
    DEALSEAT_CATALOG: await writeCatalog(folder),
    DEALSEAT_LOG_LEVEL: 'trace',
    WEBHOOK_PORT: '0',
    WEBHOOK_PUBLIC_URL: PUBLIC_URL,
    // The deals are announced, and no sweep may come before the webhook.
    DEALSEAT_SWEEP_LAG_MS: '86400000',
    DEALSEAT_SEATS_SHOW_EVERY_MS: '0',
    MANUAL_API_KEYS: `leak-test:${MANUAL_KEY}:provision+seats`,
  });
  const address = serverAddress();
  const storeFolder = join(folder, 'seats');
  const image = await embeddedImage();
  const store = await openStoreDatabase({ databaseUrl: null, folder: storeFolder, image });
  const context: ServiceContext = {
    config,
    logger,
    store,
    target: { connectionOptions: { address }, namespace: 'default' },
  };
  const worker = await startWorker(context, {
    workflowBundle: await workflowBundle(),
    shutdownGraceMs: 1_000,
  });
  const webhooks = await startWebhooks(context);
  const console = openConsole(context);
  const connection = await Connection.connect({ address });
  const desk = seatDeskOf(context, console.client);
  if (desk === null) throw new Error('The service has no desk of seats');
  return {
    sandbox,
    client: new Client({ connection }),
    runs: console.runs,
    desk,
    taskQueue: config.taskQueue,
    webhooksUrl: webhooks.url,
    accounts,
    secrets: Object.entries(environment)
      .filter(([name]) => /TOKEN|SECRET|API_KEY$/.test(name))
      // A sealing key is named before its colon.
      .map(([, value]) => value.replace(/^sandbox:/, ''))
      .concat(MANUAL_KEY),
    logLines,
    spans,
    storeFolder,
    checkpoint: async () => {
      await sql`checkpoint`.execute(store.db);
    },
    async close() {
      await webhooks.stop();
      await worker.stop();
      await console.close();
      await store.close();
      await connection.close();
      await sandbox.close();
      await rm(folder, { recursive: true });
      recordNoSpans();
    },
  };
}

/** The example with one code for each learner, so that codes go through links, roster and mail alike. */
async function writeCatalog(folder: string): Promise<string> {
  const example = await readFile(new URL('../../catalog.example.yaml', import.meta.url), 'utf8');
  const path = join(folder, 'catalog.yaml');
  await writeFile(path, example.replace(/^ {2}to: buyer\b/m, '  to: learners\n  leftOver: buyer'));
  return path;
}

/** Salesforce orgs of the tests differ in ten digits, as the portals do. */
function newOrgId(): string {
  return toSalesforceId18(`00D5Y${newPortalId().padStart(10, '0')}`) ?? '';
}
