import { PAGE_KEY, sandboxEnvironment } from '../../../sandbox/environment.ts';
import { type Sandbox, startSandbox } from '../../../sandbox/index.ts';
import { type Config, loadConfig } from '../../config/config.ts';
import { SEARCH_ATTRIBUTES } from '../../contracts/search-attributes.ts';
import type { Logger } from '../../observability/logging.ts';
import type { RunningPart, ServiceContext } from '../../processes/context.ts';
import { type OpenConsole, openConsole } from '../../processes/open-console.ts';
import { type RunningStore, startStore } from '../../processes/store.ts';
import { type RunningWebhooks, startWebhooks } from '../../processes/webhooks.ts';
import { startWorker } from '../../processes/worker.ts';
import type { StoreDatabase } from '../../store/database.ts';
import { embeddedImage } from '../../store/embedded-image.ts';
import { type DevServer, startDevServer } from '../../temporal/dev-server/dev-server.ts';
import { commandsWith, makeSandboxFolder, type SandboxFolder } from './environment-file.ts';
import { announcerTo, STAND_INS, sandboxPorts, type WebhookAddress } from './stand-ins.ts';

/** Everything of the service in one process: all of it real but the three remote systems. */
export interface SandboxStack {
  readonly temporal: DevServer;
  readonly sandbox: Sandbox;
  /** What a command needs to work on it. */
  readonly environment: Readonly<Record<string, string>>;
  /** How a command begins that a person runs on it in another terminal. */
  readonly commands: string;
  readonly config: Config;
  readonly logger: Logger;
  /** In memory: it goes with the stack. */
  readonly store: StoreDatabase;
  readonly worker: RunningPart;
  readonly webhooks: RunningWebhooks;
  readonly console: OpenConsole;
}

interface StackOptions {
  readonly catalogPath: string;
  readonly logger: Logger;
  /** Where parts listen; any free port where none is given. */
  readonly ports?: StackPorts;
  /** Whether the example deals are still to be won, by a person on the page. Default: they are won. */
  readonly areDealsOpen?: boolean;
}

export interface StackPorts {
  readonly temporal?: number;
  readonly temporalUi?: number;
  readonly webhooks?: number;
  /** The first of four: the page, and the three stand-ins. */
  readonly page?: number;
}

/** What HubSpot signs over, wherever the webhook server listens. */
const PUBLIC_URL = 'https://dealseat.example.com';

/** Short bounds and frequent sweeps: a person who watches waits for nothing. */
const QUICK = {
  DEALSEAT_POLICY_ATTEMPT_MS: '30000',
  DEALSEAT_POLICY_ROSTER_ATTEMPT_MS: '40000',
  DEALSEAT_POLICY_RETRY_INITIAL_MS: '200',
  DEALSEAT_POLICY_HOLD_PAUSE_MS: '1000',
  DEALSEAT_POLICY_POLL_INTERVAL_MS: '1000',
  DEALSEAT_POLICY_LOOK_UP_MS: '5000',
  DEALSEAT_POLICY_LOOK_UP_INTERVAL_MS: '500',
  DEALSEAT_POLICY_LOOK_AGAIN_MS: '60000',
  DEALSEAT_SWEEP_INTERVAL_MS: '10000',
  // HubSpot's search needs five seconds to see a change.
  DEALSEAT_SWEEP_LAG_MS: '6000',
  DEALSEAT_SWEEP_LOOK_BACK_MS: '60000',
  DEALSEAT_SEATS_INTERVAL_MS: '10000',
  DEALSEAT_SEATS_SHOW_EVERY_MS: '0',
};
/** Codes appear in batches, so that the poll has something to show. */
const LISTING_DELAY_MS = 3_000;
const LISTING_BATCHES = 3;

interface Step {
  readonly title: string;
  run(report: (line: string) => void): Promise<void>;
}

/**
 * The start of each part as a step, in order, and the stack once all have run. `stop` stops what was started, last
 * part first, also when a step failed.
 */
export function createSandboxStack(options: StackOptions): {
  readonly steps: readonly Step[];
  stack(): SandboxStack;
  stop(): Promise<void>;
} {
  const { ports = {} } = options;
  const parts: Partial<{ -readonly [K in keyof SandboxStack]: SandboxStack[K] }> = {};
  const stops: (() => Promise<void>)[] = [];
  const need = <K extends keyof SandboxStack>(name: K): SandboxStack[K] => {
    const part = parts[name];
    if (part === undefined) throw new Error(`${name} has not been started`);
    return part as SandboxStack[K];
  };

  let opening: Promise<RunningStore> | undefined;
  let folder: SandboxFolder | undefined;

  const needFolder = (): SandboxFolder => {
    if (folder === undefined) throw new Error('The folder of the sandbox has not been made');
    return folder;
  };

  const steps: Step[] = [
    {
      title: 'Temporal dev server',
      async run(report) {
        folder = makeSandboxFolder();
        const { seats, remove } = folder;
        stops.push(remove);
        opening = openInMemory(options.logger, seats);
        opening.catch(() => undefined); // It is told where the worker starts.
        const temporal = await startDevServer({
          ui: true,
          searchAttributes: SEARCH_ATTRIBUTES,
          report,
          ...(ports.temporal && { port: ports.temporal }),
          ...(ports.temporalUi && { uiPort: ports.temporalUi }),
        });
        parts.temporal = temporal;
        stops.push(() => temporal.stop());
        report(`UI at ${temporal.uiUrl}`);
      },
    },
    {
      title: 'Sandbox: Thought Industries, HubSpot, Salesforce',
      async run(report) {
        const sandbox = await startSandbox({
          ports: sandboxPorts(ports.page),
          ti: { listingDelayMs: LISTING_DELAY_MS, listingBatches: LISTING_BATCHES },
          // The server of the webhooks comes later.
          scenes: {
            report: (all, deals) => announcerTo(addressOf(need('webhooks')))(all, deals),
            commands: () => parts.commands,
          },
          seats: () => ({ url: need('webhooks').url, key: PAGE_KEY }),
        });
        parts.sandbox = sandbox;
        stops.push(() => sandbox.close());
        const { uiUrl } = need('temporal');
        if (uiUrl !== null) sandbox.page.link({ name: 'Temporal UI', url: uiUrl });
        if (options.areDealsOpen) for (const { reopenExample } of STAND_INS) reopenExample(sandbox);
        report(`the three products as people see them: ${sandbox.page.url}`);
      },
    },
    {
      title: 'Worker',
      async run() {
        const temporal = need('temporal');
        const environment = {
          ...sandboxEnvironment(need('sandbox')),
          ...QUICK,
          DEALSEAT_CATALOG: options.catalogPath,
          DEALSEAT_SEATS_FOLDER: needFolder().seats,
          DEALSEAT_TEMPORAL_UI_URL: temporal.uiUrl ?? '',
          WEBHOOK_PORT: String(ports.webhooks ?? 0),
          WEBHOOK_PUBLIC_URL: PUBLIC_URL,
        };
        const config = loadConfig(environment);
        parts.environment = environment;
        parts.config = config;
        const { address, namespace } = temporal;
        const variables = { ...environment, TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace };
        parts.commands = commandsWith(needFolder().writeEnvironment(variables));
        const seats = await (opening ?? openInMemory(options.logger, needFolder().seats));
        stops.push(() => seats.stop());
        const context = { ...contextOf(config, temporal, options.logger), store: seats.store };
        const worker = await startWorker(context, { shutdownGraceMs: 1_000 });
        parts.store = seats.store;
        parts.worker = worker;
        stops.push(() => worker.stop());
      },
    },
    {
      title: 'Webhook server',
      async run(report) {
        const given = contextOf(need('config'), need('temporal'), options.logger);
        const context = { ...given, store: need('store') };
        const webhooks = await startWebhooks(context);
        parts.webhooks = webhooks;
        stops.push(() => webhooks.stop());
        for (const { connect } of STAND_INS) connect(need('sandbox'), addressOf(webhooks));
        const console = openConsole(context);
        parts.console = console;
        stops.push(() => console.close());
        report(`listening on ${webhooks.url}`);
      },
    },
  ];

  return {
    steps,
    stack: () => ({
      temporal: need('temporal'),
      sandbox: need('sandbox'),
      environment: need('environment'),
      commands: need('commands'),
      config: need('config'),
      logger: options.logger,
      store: need('store'),
      worker: need('worker'),
      webhooks: need('webhooks'),
      console: need('console'),
    }),
    stop: async () => {
      for (const stop of stops.splice(0).reverse()) await stop();
    },
  };
}

async function openInMemory(logger: Logger, lockFolder: string): Promise<RunningStore> {
  return startStore(
    { config: { databaseUrl: null, seatsFolder: lockFolder }, logger },
    { folder: null, lockFolder, image: await embeddedImage() },
  );
}

function contextOf(config: Config, temporal: DevServer, logger: Logger): ServiceContext {
  const target = { connectionOptions: { address: temporal.address }, namespace: temporal.namespace };
  return { config, target, logger };
}

export function addressOf({ url }: Pick<RunningWebhooks, 'url'>): WebhookAddress {
  return { url, publicUrl: PUBLIC_URL };
}
