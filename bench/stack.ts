import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { type Sandbox, startSandbox } from '../sandbox/index.ts';
import { crmFactsOf } from '../src/config/crm-settings.ts';
import { PREVIEW_DEAL } from '../src/contracts/run.ts';
import type { Reading } from '../src/domain/planning/reading.ts';
import type { ServiceContext } from '../src/processes/context.ts';
import { startWebhooks } from '../src/processes/webhooks.ts';
import { createProvisioner, type RunConsole } from '../src/runs/console.ts';
import { createTemporalClient } from '../src/temporal/connection.ts';
import { bundleWorkflows } from '../src/temporal/workflow-bundle.ts';
import type { Chain } from './chain.ts';
import { createDeal, type Seats } from './deals.ts';
import type { Plans } from './empty-activities.ts';
import { createEmptyChain } from './empty-chain.ts';
import { createRealChain } from './real-chain.ts';
import { openServer } from './server/open.ts';
import type { ServerKind } from './server/temporal.ts';
import { createContext } from './service-context.ts';
import { forkWorker, type WorkerHandle } from './worker-handle.ts';
import type { BenchStore } from './worker-protocol.ts';

/** Everything that is measured, on one Temporal server. */
export interface Stack {
  readonly sandbox: Sandbox;
  readonly client: Client;
  readonly temporalAddress: string;
  readonly real: Chain;
  readonly empty: Chain;
  /** Runs of the worker that `real` uses, without a webhook. */
  readonly runs: RunConsole;
  /** One more worker with the real clients, for runs that are started on its own queue. */
  startRealWorker(
    taskQueue: string,
    options?: { readonly catalogPath?: string; readonly seatStore?: BenchStore },
  ): Promise<{ readonly worker: WorkerHandle; readonly runs: RunConsole }>;
  stop(): Promise<void>;
}

/** The deal that both chains deliver: one group of as many seats as a typical team. */
const SEATS: Seats = { 'LEAD-101': 25 };

const REAL_QUEUE = 'bench-real';
const EMPTY_QUEUE = 'bench-empty';
const CALL_TIMEOUT_MS = 30_000;

interface StackOptions {
  readonly server: ServerKind;
  readonly report: (line: string) => void;
}

/** Stops what it started when a part does not start. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const stops: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const stopPart of stops.reverse()) await stopPart();
  };
  try {
    return { ...(await startParts(options, (part) => stops.push(part))), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startParts(
  { server, report }: StackOptions,
  onStop: (stopPart: () => Promise<unknown>) => void,
): Promise<Omit<Stack, 'stop'>> {
  const temporal = await openServer({ kind: server, store: 'memory', report });
  onStop(() => temporal.close());
  const sandbox = await startUnboundSandbox();
  onStop(() => sandbox.close());
  const bundle = await writeBundle();
  onStop(bundle.remove);

  const { address: temporalAddress } = temporal;
  const { ti, hubspot, salesforce } = sandbox;
  const urls = { ti: { url: ti.url }, hubspot: { url: hubspot.url }, salesforce: { url: salesforce.url } };
  const context = createContext({ urls, temporalAddress, taskQueue: REAL_QUEUE });
  const client = createTemporalClient(context.target);
  const webhooks = await startWebhooks(context, {
    // Whatever comes is to be delivered at full speed: the lane of imports is slow on purpose.
    limits: { normalStartsPerMinute: Number.POSITIVE_INFINITY },
  });
  onStop(() => webhooks.stop());

  const order = { temporalAddress, bundlePath: bundle.path };
  const startRealWorker: Stack['startRealWorker'] = async (taskQueue, options = {}) => {
    const worker = await forkWorker({ ...order, taskQueue, work: { kind: 'real', urls, ...options } });
    onStop(() => worker.stop());
    return { worker, runs: consoleOf(client, taskQueue, context) };
  };
  const { runs } = await startRealWorker(REAL_QUEUE);
  const plans = await planBoth(client, sandbox, context);
  const emptyWorker = await forkWorker({ ...order, taskQueue: EMPTY_QUEUE, work: { kind: 'empty', plans } });
  onStop(() => emptyWorker.stop());

  return {
    sandbox,
    client,
    temporalAddress,
    real: createRealChain({ sandbox, config: context.config, webhooksUrl: webhooks.url, runs }, SEATS),
    empty: createEmptyChain(consoleOf(client, EMPTY_QUEUE, context), plans),
    runs,
    startRealWorker,
  };
}

/** The stand-ins answer at once, list codes at once and refuse nothing for its rate. */
function startUnboundSandbox(): Promise<Sandbox> {
  const endless = Number.POSITIVE_INFINITY;
  return startSandbox({
    ti: { rateLimit: { limit: 1_000_000, windowMs: 60_000, sendRetryAfter: true } },
    hubspot: { searchIndexDelayMs: 0, rateLimit: { burst: endless, searchPerSecond: endless } },
    salesforce: { dailyCalls: 1_000_000_000 },
  });
}

/** On disk, because every worker process needs the same bundle. */
async function writeBundle(): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'dealseat-bench-'));
  const path = join(folder, 'workflow-bundle.js');
  const { code } = await bundleWorkflows();
  await writeFile(path, code);
  return { path, remove: () => rm(folder, { recursive: true, force: true }) };
}

function consoleOf(client: Client, taskQueue: string, { config }: ServiceContext): RunConsole {
  return createProvisioner({
    client,
    taskQueue,
    policy: config.policy,
    pages: { uiUrl: null, namespace: 'default' },
    crmFacts: crmFactsOf(config),
    callTimeoutMs: CALL_TIMEOUT_MS,
  });
}

/** By the dry run of the product: so the empty chain carries plans as large as the real ones. */
async function planBoth(client: Client, sandbox: Sandbox, { config }: ServiceContext): Promise<Plans> {
  const plan = async (crm: keyof Plans) => {
    const deal = createDeal(sandbox, crm, SEATS);
    const reading: Reading = await client.workflow.execute(PREVIEW_DEAL, {
      workflowId: `bench-plan:${crm}`,
      taskQueue: REAL_QUEUE,
      args: [{ deal, policy: config.policy }],
    });
    if (reading.kind !== 'more')
      throw new Error(`The bench's ${crm} deal cannot be planned: ${reading.kind}`);
    return reading;
  };
  return { hubspot: await plan('hubspot'), salesforce: await plan('salesforce') };
}
