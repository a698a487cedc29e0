import { Command, CommanderError } from 'commander';
import { EXIT, EXIT_CODE_HELP } from './terminal/exit-code.ts';
import {
  type CommandContext,
  harmless,
  type Terminal,
  UsageError,
  unlessInterrupted,
} from './terminal/terminal.ts';
import { ownVersion } from './terminal/version.ts';

/** A sub-command: what the overview shows, and the module that the call itself loads. */
interface Entry {
  readonly name: string;
  readonly summary: string;
  /** Gives the command its arguments, options and action. */
  readonly load: () => Promise<{ define(command: Command, context: CommandContext): void }>;
  /** Ends in its own order when the process is asked to end. All others are dropped as they are. */
  readonly stopsItself?: true;
  /** Runs on stand-ins and must not meet the settings of real tenants. */
  readonly ignoresDotEnv?: true;
}

const ENTRIES: readonly Entry[] = [
  {
    name: 'demo',
    summary: 'watch two won deals, one in each CRM, become delivered rosters in a sandbox',
    load: () => import('./demo.ts'),
    stopsItself: true,
    ignoresDotEnv: true,
  },
  {
    name: 'start',
    summary: 'run the service: worker and webhooks, and a Temporal server unless TEMPORAL_* names one',
    load: () => import('./start.ts'),
    stopsItself: true,
  },
  { name: 'worker', summary: 'run a worker alone', load: () => import('./worker.ts'), stopsItself: true },
  {
    name: 'webhooks',
    summary: 'run the webhook server alone',
    load: () => import('./webhooks.ts'),
    stopsItself: true,
  },
  {
    name: 'sandbox',
    summary: 'run stand-ins of Thought Industries, HubSpot and Salesforce',
    load: () => import('./sandbox.ts'),
    stopsItself: true,
    ignoresDotEnv: true,
  },
  {
    name: 'provision',
    summary: 'provision a deal, or show what would be done',
    load: () => import('./provision.ts'),
  },
  { name: 'status', summary: 'show how a deal stands', load: () => import('./status.ts') },
  {
    name: 'list',
    summary: 'list provisionings: open ones, then the last ended',
    load: () => import('./list.ts'),
  },
  { name: 'retry', summary: 'go on after fixing what a deal needs', load: () => import('./retry.ts') },
  {
    name: 'cancel',
    summary: 'stop a provisioning and undo what can be undone',
    load: () => import('./cancel.ts'),
  },
  {
    name: 'approve',
    summary: 'give a deal the further seats that wait for approval',
    load: () => import('./approve.ts'),
  },
  {
    name: 'reject',
    summary: 'turn down further seats that wait for approval',
    load: () => import('./reject.ts'),
  },
  {
    name: 'withdraw',
    summary: 'take back seats that are no longer sold',
    load: () => import('./withdraw.ts'),
  },
  {
    name: 'keep',
    summary: 'leave the customer seats that are no longer sold',
    load: () => import('./keep.ts'),
  },
  {
    name: 'sweep',
    summary: 'show how the sweeps for missed deals stand, or sweep now',
    load: () => import('./sweep.ts'),
  },
  {
    name: 'verify',
    summary: 'prove a hand-over from the learning platform and the CRM',
    load: () => import('./verify.ts'),
  },
  {
    name: 'doctor',
    summary: 'check configuration, catalog, Temporal and every remote system',
    load: () => import('./doctor.ts'),
  },
  {
    name: 'catalog',
    summary: 'check a catalog file, or print its JSON schema',
    load: () => import('./catalog.ts'),
  },
];

/** Runs one command line to its end and returns the exit code. Never throws. */
export async function runDealseat(argv: readonly string[], given: Terminal): Promise<number> {
  const terminal = harmless(given);
  let exitCode: number = EXIT.ok;
  const context: CommandContext = {
    terminal,
    exit: (code) => {
      exitCode = code;
    },
  };
  // `dealseat help status` is `dealseat status --help`, whose options are known only once it is loaded.
  const words = argv[0] === 'help' ? [...argv.slice(1), '--help'] : argv;
  const name = words.find((word) => !word.startsWith('-'));
  const entry = ENTRIES.find((candidate) => candidate.name === name);
  try {
    const parse = async () => {
      if (entry && !entry.ignoresDotEnv) terminal.loadDotEnv();
      await createProgram(context).parseAsync([...words], { from: 'user' });
    };
    await (entry?.stopsItself ? parse() : unlessInterrupted(terminal.interrupted, parse));
    return exitCode;
  } catch (error) {
    return await reportError(error, words, terminal);
  }
}

function createProgram(context: CommandContext): Command {
  const { terminal } = context;
  const program = new Command('dealseat')
    .description('Closed Won deals become learning seats, exactly once.')
    .addHelpText('after', EXIT_CODE_HELP)
    .version(ownVersion(), '--version', 'show the version of Dealseat')
    .helpCommand(false)
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.write(text),
      writeErr: (text) => terminal.note(text.trimEnd()),
    });
  for (const { name, summary } of ENTRIES) program.command(name).description(summary);
  program.hook('preSubcommand', async (_, command) => {
    const entry = ENTRIES.find(({ name }) => name === command.name());
    (await entry?.load())?.define(command, context);
  });
  return program;
}

async function reportError(error: unknown, words: readonly string[], terminal: Terminal): Promise<number> {
  const told = await explain(error, terminal);
  if (told.message !== null) terminal.note(`dealseat: ${told.message}`);
  if (told.exitCode !== EXIT.ok && words.includes('--json')) {
    const message = told.message ?? 'wrong usage';
    terminal.write(`${JSON.stringify({ error: { exitCode: told.exitCode, message } }, null, 2)}\n`);
  }
  return told.exitCode;
}

/** Commander has already written what it complains of. */
async function explain(
  error: unknown,
  terminal: Terminal,
): Promise<{ readonly exitCode: number; readonly message: string | null }> {
  if (error instanceof CommanderError) {
    return { exitCode: error.exitCode === 0 ? EXIT.ok : EXIT.usage, message: null };
  }
  if (error instanceof UsageError) return { exitCode: EXIT.usage, message: error.message };
  const { explainError } = await import('./terminal/explain-error.ts');
  return explainError(error, { withStack: /^(debug|trace)$/.test(terminal.env.DEALSEAT_LOG_LEVEL ?? '') });
}
