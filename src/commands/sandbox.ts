import { type Command, Option } from 'commander';
import { PAGE_KEY, sandboxEnvironment } from '../../sandbox/environment.ts';
import { type Sandbox, startSandbox } from '../../sandbox/index.ts';
import { announceWhenReachable } from './sandbox/announce.ts';
import { commandsWith, environmentText } from './sandbox/environment-file.ts';
import { announcerTo, STAND_INS, sandboxPorts } from './sandbox/stand-ins.ts';
import { EXAMPLE_CATALOG } from './terminal/example-catalog.ts';
import { orPortTaken, portOption } from './terminal/ports.ts';
import type { CommandContext, Terminal } from './terminal/terminal.ts';

interface SandboxCommandOptions {
  readonly ports: number;
  readonly webhooks: string;
  /** Name of a CRM. */
  readonly won?: string;
}

export function define(command: Command, context: CommandContext): void {
  command
    .addOption(
      portOption(
        '--ports <first>',
        'the first of four ports: of the page, Thought Industries, HubSpot and Salesforce',
        9100,
      ),
    )
    .option('--webhooks <url>', 'the webhook server that deals are reported to', 'http://127.0.0.1:8080')
    .addOption(
      new Option(
        '--won <crm>',
        'report the example deal as won as soon as the webhook server answers',
      ).choices(STAND_INS.map(({ crm }) => crm)),
    )
    .addHelpText(
      'after',
      `
Prints the environment that points Dealseat at the stand-ins; for example:
  dealseat sandbox > sandbox.env          (in one terminal)
  env $(cat sandbox.env) dealseat start   (in another)
Port 0 takes any free ports. All data is in memory: it is gone when the process ends.`,
    )
    .action(async (options: SandboxCommandOptions) => {
      const { terminal } = context;
      const url = options.webhooks.replace(/\/+$/, '');
      const sandbox = await orPortTaken('--ports', () =>
        startSandbox({
          ports: sandboxPorts(options.ports),
          scenes: {
            report: announcerTo({ url, publicUrl: url }),
            commands: () => commandsWith('sandbox.env'),
          },
          seats: () => ({ url, key: PAGE_KEY }),
        }),
      );
      try {
        terminal.write(environmentText(variablesOf(sandbox, options.webhooks)));
        connectAll(sandbox, url, terminal);
        terminal.note(`The three products as people see them: ${sandbox.page.url}`);
        terminal.note(`Win, change and lose deals there; their CRM reports them to ${url}`);
        terminal.note('Ctrl-C stops it.');
        const standIn = STAND_INS.find(({ crm }) => crm === options.won);
        if (standIn) await announceWhenReachable(sandbox, { url, standIn, terminal });
        await ended(terminal);
      } finally {
        await sandbox.close();
      }
    });
}

/** The keys are the stand-ins' own and open nothing else. */
function variablesOf(sandbox: Sandbox, webhooksUrl: string): Record<string, string> {
  return {
    ...sandboxEnvironment(sandbox),
    // Should both meet on one server all the same, neither takes the other's steps.
    DEALSEAT_TASK_QUEUE: 'dealseat-sandbox',
    WEBHOOK_PUBLIC_URL: webhooksUrl,
    WEBHOOK_PORT: URL.parse(webhooksUrl)?.port || '8080',
    DEALSEAT_CATALOG: EXAMPLE_CATALOG,
    // A person who watches does not wait for an hour.
    DEALSEAT_POLICY_LOOK_AGAIN_MS: '60000',
  };
}

/** HubSpot sends events to https addresses, and its stand-in to this machine as well. */
function connectAll(sandbox: Sandbox, url: string, terminal: Terminal): void {
  for (const { crm, connect } of STAND_INS) {
    try {
      connect(sandbox, { url, publicUrl: url });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      terminal.note(`${crm} reports nothing by itself: ${why}`);
    }
  }
}

function ended({ interrupted }: Terminal): Promise<void> {
  return new Promise((resolve) => {
    if (interrupted.aborted) resolve();
    else interrupted.addEventListener('abort', () => resolve(), { once: true });
  });
}
