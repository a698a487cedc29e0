import { sandboxEnvironment } from '../../../sandbox/environment.ts';
import { type Sandbox, startSandbox } from '../../../sandbox/index.ts';
import { type Config, loadConfig } from '../../config/config.ts';
import { SEARCH_ATTRIBUTES } from '../../contracts/search-attributes.ts';
import type { Logger } from '../../observability/logging.ts';
import type { RunningPart, ServiceContext } from '../../processes/context.ts';
import { type OpenConsole, openConsole } from '../../processes/open-console.ts';
import { type RunningWebhooks, startWebhooks } from '../../processes/webhooks.ts';
import { startWorker } from '../../processes/worker.ts';
import { type DevServer, startDevServer } from '../../temporal/dev-server/dev-server.ts';

/** Everything the demo runs: all of it real but the three remote systems. */
export interface DemoStack {
  readonly temporal: DevServer;
  readonly sandbox: Sandbox;
  readonly config: Config;
  readonly worker: RunningPart;
  readonly webhooks: RunningWebhooks;
  readonly console: OpenConsole;
}

interface StackOptions {
  readonly catalogPath: string;
  readonly logger: Logger;
}

/** What HubSpot signs over, wherever the webhook server listens. */
export const PUBLIC_URL = 'https://dealseat.example.com';

/** Short bounds: nobody wants to watch a minute of polling. */
const DEMO_POLICY = {
  DEALSEAT_POLICY_ATTEMPT_MS: '30000',
  DEALSEAT_POLICY_ROSTER_ATTEMPT_MS: '40000',
  DEALSEAT_POLICY_RETRY_INITIAL_MS: '200',
  DEALSEAT_POLICY_HOLD_PAUSE_MS: '1000',
  DEALSEAT_POLICY_POLL_INTERVAL_MS: '1000',
  DEALSEAT_POLICY_LOOK_UP_MS: '5000',
  DEALSEAT_POLICY_LOOK_UP_INTERVAL_MS: '500',
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
export function createDemoStack(options: StackOptions): {
  readonly steps: readonly Step[];
  stack(): DemoStack;
  stop(): Promise<void>;
} {
  const parts: Partial<{ -readonly [K in keyof DemoStack]: DemoStack[K] }> = {};
  const stops: (() => Promise<void>)[] = [];
  const need = <K extends keyof DemoStack>(name: K): DemoStack[K] => {
    const part = parts[name];
    if (part === undefined) throw new Error(`The demo's ${name} has not been started`);
    return part as DemoStack[K];
  };

  const steps: Step[] = [
    {
      title: 'Temporal dev server',
      async run(report) {
        const temporal = await startDevServer({ ui: true, searchAttributes: SEARCH_ATTRIBUTES, report });
        parts.temporal = temporal;
        stops.push(() => temporal.stop());
        report(`UI at ${temporal.uiUrl}`);
      },
    },
    {
      title: 'Sandbox: Thought Industries, HubSpot, Salesforce',
      async run(report) {
        const sandbox = await startSandbox({
          ti: { listingDelayMs: LISTING_DELAY_MS, listingBatches: LISTING_BATCHES },
        });
        parts.sandbox = sandbox;
        stops.push(() => sandbox.close());
        report(`state page at ${sandbox.page.url}`);
      },
    },
    {
      title: 'Worker',
      async run() {
        const temporal = need('temporal');
        const config = loadConfig({
          ...sandboxEnvironment(need('sandbox')),
          ...DEMO_POLICY,
          DEALSEAT_CATALOG: options.catalogPath,
          DEALSEAT_TEMPORAL_UI_URL: temporal.uiUrl ?? '',
          WEBHOOK_PORT: '0',
          WEBHOOK_PUBLIC_URL: PUBLIC_URL,
        });
        parts.config = config;
        const worker = await startWorker(contextOf(config, temporal, options.logger), {
          shutdownGraceMs: 1_000,
        });
        parts.worker = worker;
        stops.push(() => worker.stop());
      },
    },
    {
      title: 'Webhook server',
      async run(report) {
        const context = contextOf(need('config'), need('temporal'), options.logger);
        const webhooks = await startWebhooks(context);
        parts.webhooks = webhooks;
        stops.push(() => webhooks.stop());
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
      config: need('config'),
      worker: need('worker'),
      webhooks: need('webhooks'),
      console: need('console'),
    }),
    stop: async () => {
      for (const stop of stops.splice(0).reverse()) await stop();
    },
  };
}

function contextOf(config: Config, temporal: DevServer, logger: Logger): ServiceContext {
  const target = { connectionOptions: { address: temporal.address }, namespace: temporal.namespace };
  return { config, target, logger };
}
