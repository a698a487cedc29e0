import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sandboxEnvironment } from '../../sandbox/environment.ts';
import type { Sandbox } from '../../sandbox/index.ts';
import { freePort } from '../../src/temporal/dev-server/free-port.ts';
import { type BenchProcess, startProcess } from '../driver/child-process.ts';
import type { Receiver } from '../driver/receiver.ts';
import type { WonDeal } from '../driver/won-deals.ts';
import type { BenchServer } from '../server/temporal.ts';
import { CATALOG } from '../service-context.ts';
import { BUILT_COMMAND, buildPackage } from './package.ts';

export interface DealseatOptions {
  readonly sandbox: Sandbox;
  /** Absent: the one that `dealseat start` brings. */
  readonly server?: BenchServer;
  /** Worker processes beside one webhook server. Absent: `dealseat start`, which is both in one process. */
  readonly workers?: number;
  /** Beside those of the stand-ins: everything else is as it comes. */
  readonly env?: Readonly<Record<string, string>>;
  readonly report: (line: string) => void;
}

interface Command {
  readonly args: readonly string[];
  /** What it says when it is ready. */
  readonly says: string;
}

/** The Temporal server of its own gets any free ports. */
const START: Command = {
  args: ['start', '--temporal-port', '0', '--ui-port', '0'],
  says: 'Dealseat is ready',
};
const WEBHOOKS: Command = { args: ['webhooks'], says: 'The webhook server listens' };
const WORKER: Command = { args: ['worker'], says: 'The worker polls' };

/** Dealseat as it is shipped, with its default settings, in processes of its own. */
export async function startDealseat(options: DealseatOptions): Promise<Receiver> {
  const { sandbox, server, workers } = options;
  buildPackage(options.report);
  const folder = await mkdtemp(join(tmpdir(), 'dealseat-bench-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const env = {
    ...dealseatEnvironment(sandbox),
    WEBHOOK_PORT: String(port),
    WEBHOOK_PUBLIC_URL: url,
    ...(server === undefined ? {} : { TEMPORAL_ADDRESS: server.address }),
    ...options.env,
  };
  const commands =
    workers === undefined ? [START] : [WEBHOOKS, ...Array.from({ length: workers }, () => WORKER)];
  // In a folder where no `.env` of the clone is found, and where it keeps its database.
  const start = () => Promise.all(commands.map((command) => startCommand(command, { cwd: folder, env })));
  let running = await start();
  const kill = async () => {
    await Promise.all(running.map((process) => process.kill()));
  };
  return {
    name: 'Dealseat',
    webhooks: {
      hubspot: `${url}/webhooks/hubspot`,
      salesforce: `${url}/webhooks/salesforce/${sandboxEnvironment(sandbox).SALESFORCE_WEBHOOK_SECRET}`,
    },
    isDelivered: saysDelivered,
    kill,
    restart: async () => {
      running = await start();
    },
    processIds: () => [
      ...running.flatMap((process) => process.processIds()),
      ...(server?.processIds() ?? []),
    ],
    stop: async () => {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function startCommand(
  { args, says }: Command,
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Promise<BenchProcess> {
  const started = startProcess({ command: process.execPath, args: [BUILT_COMMAND, ...args], ...options });
  try {
    await started.untilSaid(says);
  } catch (error) {
    await started.kill();
    throw error;
  }
  return started;
}

/** Ours without the variables of Dealseat and Temporal, and those of the stand-ins. */
function dealseatEnvironment(sandbox: Sandbox): Record<string, string> {
  const ours = /^(DEALSEAT|TEMPORAL|TI|HUBSPOT|SALESFORCE|WEBHOOK|MANUAL)_/;
  const inherited = Object.entries(process.env).flatMap(([name, value]) =>
    value === undefined || ours.test(name) ? [] : [[name, value] as const],
  );
  return {
    ...Object.fromEntries(inherited),
    ...sandboxEnvironment(sandbox),
    DEALSEAT_CATALOG: CATALOG,
    // The allowance of a tenant, which a row that is about it lowers.
    TI_REQUESTS_PER_MINUTE: '10000',
  };
}

/** The last that a run writes on its deal, after its mail. */
function saysDelivered({ hubspot, salesforce }: Sandbox, { crm, dealId }: WonDeal): boolean {
  const status =
    crm === 'hubspot'
      ? hubspot.state.valuesOf('deals', dealId).dealseat_status
      : salesforce.state.opportunity(dealId).Dealseat_Status__c;
  return status === 'Delivered';
}
