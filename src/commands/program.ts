import { Command, CommanderError } from 'commander';
import { type Entry, GROUPS } from './entry.ts';
import { SEATS_ENTRY } from './seats/entry.ts';
import { EXIT, EXIT_CODE_HELP } from './terminal/exit-code.ts';
import {
  type CommandContext,
  harmless,
  type Terminal,
  UsageError,
  unlessInterrupted,
} from './terminal/terminal.ts';
import { ownVersion } from './terminal/version.ts';

const ENTRIES: readonly Entry[] = [
  {
    name: 'demo',
    group: 'try',
    summary: 'deliver two won deals in a sandbox, one in each CRM, and show each step',
    examples: [
      'dealseat demo',
      'dealseat demo --keep',
      `dealseat demo --fault '{"system":"ti","kind":"dropAfterCommit","method":"POST"}'`,
    ],
    load: () => import('./demo.ts'),
    stopsItself: true,
    ignoresDotEnv: true,
  },
  {
    name: 'start',
    group: 'run',
    summary:
      'run the service: the worker, the webhook server, and a Temporal server unless a TEMPORAL_* variable names one',
    examples: [
      'dealseat start',
      'dealseat start --db /var/lib/dealseat/temporal.db',
      'TEMPORAL_ADDRESS=temporal.example.com:7233 dealseat start',
    ],
    load: () => import('./start.ts'),
    stopsItself: true,
  },
  {
    name: 'worker',
    group: 'run',
    summary: 'run a worker alone',
    examples: ['TEMPORAL_ADDRESS=temporal.example.com:7233 dealseat worker'],
    load: () => import('./worker.ts'),
    stopsItself: true,
  },
  {
    name: 'webhooks',
    group: 'run',
    summary: 'run the webhook server alone',
    examples: ['WEBHOOK_HOST=0.0.0.0 WEBHOOK_PORT=8080 dealseat webhooks'],
    load: () => import('./webhooks.ts'),
    stopsItself: true,
  },
  {
    name: 'sandbox',
    group: 'try',
    summary: 'run stand-ins of Thought Industries, HubSpot and Salesforce',
    examples: ['dealseat sandbox > sandbox.env', 'dealseat sandbox --won hubspot > sandbox.env'],
    load: () => import('./sandbox.ts'),
    stopsItself: true,
    ignoresDotEnv: true,
  },
  {
    name: 'provision',
    group: 'act',
    summary: 'provision a deal, or show what Dealseat would do',
    examples: [
      'dealseat provision hubspot 9001 --dry-run',
      'dealseat provision hubspot 9001 --wait',
      'dealseat provision salesforce 0065Y00001Suvw6 --by ana',
    ],
    load: () => import('./provision.ts'),
  },
  {
    name: 'status',
    group: 'look',
    summary: 'show one deal: what it waits for, what to do next, and what the customer has',
    examples: [
      'dealseat status hubspot 9001',
      'dealseat status salesforce 0065Y00001Suvw6 --json',
      'dealseat status hubspot 9001 --watch',
    ],
    load: () => import('./status.ts'),
    stopsItself: true,
  },
  {
    name: 'list',
    group: 'look',
    summary: 'list deals: what each one waits for, and why',
    examples: [
      'dealseat list',
      'dealseat list --status NeedsAttention',
      'dealseat list --watch',
      'dealseat list --json --limit 1000',
    ],
    load: () => import('./list.ts'),
    stopsItself: true,
  },
  {
    name: 'retry',
    group: 'act',
    summary: 'resume a deal after you fixed its problem',
    examples: [
      'dealseat retry hubspot 9001',
      'dealseat retry hubspot 9001 --question 3f1c0a9b --mail-was-sent',
    ],
    load: () => import('./retry.ts'),
  },
  {
    name: 'cancel',
    group: 'act',
    summary: 'stop a deal and undo what can be undone',
    examples: ['dealseat cancel hubspot 9001 --reason "won by mistake"'],
    load: () => import('./cancel.ts'),
  },
  {
    name: 'approve',
    group: 'act',
    summary: 'approve the seats that wait for approval',
    examples: ['dealseat approve hubspot 9001 --question 3f1c0a9b2d4e --reason "signed off by finance"'],
    load: () => import('./approve.ts'),
  },
  {
    name: 'reject',
    group: 'act',
    summary: 'reject the seats that wait for approval',
    examples: [
      'dealseat reject hubspot 9001 --question 3f1c0a9b2d4e --reason "the customer ordered 6, not 600"',
    ],
    load: () => import('./reject.ts'),
  },
  {
    name: 'withdraw',
    group: 'act',
    summary: 'take back seats that are no longer sold',
    examples: ['dealseat withdraw hubspot 9001 --question 3f1c0a9b2d4e --reason "returned"'],
    load: () => import('./withdraw.ts'),
  },
  {
    name: 'keep',
    group: 'act',
    summary: 'leave seats that are no longer sold with the customer',
    examples: ['dealseat keep hubspot 9001 --question 3f1c0a9b2d4e --reason "goodwill"'],
    load: () => import('./keep.ts'),
  },
  {
    name: 'sweep',
    group: 'look',
    summary: 'show the status of the sweeps for missed deals, or run one',
    examples: ['dealseat sweep', 'dealseat sweep --now'],
    load: () => import('./sweep.ts'),
  },
  {
    name: 'verify',
    group: 'look',
    summary: 'prove a delivery by reading the learning platform and the CRM',
    examples: ['dealseat verify hubspot 9001'],
    load: () => import('./verify.ts'),
  },
  {
    name: 'replay',
    group: 'look',
    summary: 'run the installed code over the history of a run, and show where the two differ',
    examples: ['dealseat replay hubspot 9001', 'dealseat replay history.json'],
    load: () => import('./replay.ts'),
  },
  {
    name: 'doctor',
    group: 'check',
    summary: 'check the configuration, the catalog, Temporal and every remote system',
    examples: ['dealseat doctor', 'dealseat doctor --fix', 'dealseat doctor --deal hubspot 9001'],
    load: () => import('./doctor.ts'),
  },
  {
    name: 'codes',
    group: 'act',
    summary: 'import codes if the learning platform does not list them by API',
    examples: ['dealseat codes import hubspot 9001 download.csv'],
    load: () => import('./codes.ts'),
  },
  {
    name: 'catalog',
    group: 'check',
    summary: 'check a catalog file, or print its JSON schema',
    examples: [
      'dealseat catalog check',
      'dealseat catalog check new-catalog.yaml --json',
      'dealseat catalog schema > catalog.schema.json',
    ],
    load: () => import('./catalog.ts'),
  },
  {
    name: 'mail',
    group: 'check',
    summary: 'write the mails of a deal to files, so that you can read them before customers do',
    examples: ['dealseat mail preview hubspot 9001', 'dealseat mail preview --sample'],
    load: () => import('./mail.ts'),
  },
  SEATS_ENTRY,
  {
    name: 'people',
    group: 'seats',
    summary: 'show what the store of seats knows of a person, or erase it',
    examples: [
      'dealseat people export kim@example.com',
      'dealseat people erase kim@example.com',
      'dealseat people erase kim@example.com --yes',
    ],
    load: () => import('./people.ts'),
  },
  {
    name: 'keys',
    group: 'check',
    summary: 'seal the codes of the store of seats with the newest secret key',
    examples: ['dealseat keys rotate'],
    load: () => import('./keys.ts'),
  },
];

/** In the order in which they are defined. */
export const COMMAND_NAMES: readonly string[] = ENTRIES.map(({ name }) => name);

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
      if (entry && !entry.ignoresDotEnv && !words.includes('--sandbox')) {
        terminal.loadDotEnv();
        await warnOfMisspelling(terminal);
      }
      await createProgram(context).parseAsync([...words], { from: 'user' });
    };
    await (entry?.stopsItself ? parse() : unlessInterrupted(terminal.interrupted, parse));
    return exitCode;
  } catch (error) {
    return await reportError(error, words, terminal);
  }
}

/** An unknown variable is ignored, so a misspelt one would have no effect without a word. */
async function warnOfMisspelling({ env, note }: Terminal): Promise<void> {
  const { misspeltVariables } = await import('../config/misspelt-variables.ts');
  for (const { name, meant } of misspeltVariables(env)) {
    note(`Warning: ${name} is not a known setting; did you mean ${meant}?`);
  }
}

/** Of help that goes to a file or a pipe. */
const HELP_WIDTH = 80;

function createProgram(context: CommandContext): Command {
  const { terminal } = context;
  const program = new Command('dealseat')
    .description('Closed Won deals become learning seats, exactly once.')
    .addHelpText('after', EXIT_CODE_HELP)
    .version(ownVersion(), '--version', 'show the version of Dealseat')
    .helpCommand(false)
    .helpOption('-h, --help', 'show this help')
    // What stands behind the name of a sub-command is that one's: `seats` and `seats find` both have --json.
    .enablePositionalOptions()
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      getOutHelpWidth: () => terminal.columns?.() ?? HELP_WIDTH,
      writeOut: (text) => terminal.write(text),
      writeErr: (text) => terminal.note(text.trimEnd()),
    });
  for (const group of Object.keys(GROUPS)) {
    for (const entry of ENTRIES.filter((candidate) => candidate.group === group)) {
      program
        .command(entry.name)
        .description(entry.summary)
        .helpGroup(GROUPS[entry.group])
        .helpCommand('help [command]', 'show the help of a command');
    }
  }
  program.hook('preSubcommand', async (_, command) => {
    const entry = ENTRIES.find(({ name }) => name === command.name());
    (await entry?.load())?.define(command, context);
    if (entry)
      command.addHelpText('after', `\nExamples:\n${entry.examples.map((line) => `  ${line}`).join('\n')}`);
  });
  return program;
}

async function reportError(error: unknown, words: readonly string[], terminal: Terminal): Promise<number> {
  const explained = await explain(error, terminal);
  if (explained.message !== null) terminal.note(`dealseat: ${explained.message}`);
  if (explained.exitCode !== EXIT.ok && words.includes('--json')) {
    const message = explained.message ?? 'wrong usage';
    terminal.write(`${JSON.stringify({ error: { exitCode: explained.exitCode, message } }, null, 2)}\n`);
  }
  return explained.exitCode;
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
