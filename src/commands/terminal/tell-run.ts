import { userInfo } from 'node:os';
import { WorkflowNotFoundError } from '@temporalio/client';
import { InvalidArgumentError, Option } from 'commander';
import type { Progress, RunStatus } from '../../contracts/run.ts';
import { provisioningId } from '../../domain/deal/ids.ts';
import type { RunConsole } from '../../runs/console.ts';
import { followToReport } from '../../runs/follow-run.ts';
import { exitCodeOf, noRun } from '../../runs/report.ts';
import { resultText } from './answer-text.ts';
import { dealOfWords } from './deal-argument.ts';
import { EXIT } from './exit-code.ts';
import { printData } from './print.ts';
import { warnIfNoWorker, withRuns } from './run-session.ts';
import type { CommandContext } from './terminal.ts';

export interface TellOptions {
  readonly by: string;
  readonly json?: boolean;
  /** False only with `--no-wait`. */
  readonly wait?: boolean;
}

/** A message that a run has taken. */
interface Told {
  /** What the run said of itself at that moment. */
  readonly progress: Progress;
  /** For programs. */
  readonly message: Readonly<Record<string, string>>;
  /** For people. */
  readonly said: string;
  /** Ends that are what was asked for: exit code 0. */
  readonly expected: readonly RunStatus[];
  /** Id of the question that was answered. */
  readonly question?: string;
}

/** Who asks, for the run's own record. */
export function byOption(): Option {
  return new Option('--by <name>', 'your name, for the record')
    .default(userName(), 'your user name')
    .argParser(someWords);
}

export function reasonOption(): Option {
  return new Option('--reason <text>', 'the reason, for the record').argParser(someWords);
}

export function questionOption(otherwise = ''): Option {
  const description = `the id of the question, as status, list and the task in the CRM show it${otherwise}`;
  return new Option('--question <id>', description).argParser(someWords);
}

function someWords(text: string): string {
  if (text.trim() !== '') return text.trim();
  throw new InvalidArgumentError('Expected some text.');
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown'; // A container's user id may have no name.
  }
}

/** For scripts that look at the deal later. */
export function noWaitOption(): Option {
  return new Option('--no-wait', 'do not wait for the result');
}

/** Sends one message to the run of a deal, prints it, and waits for the result. */
export async function tellRun(
  context: CommandContext,
  words: readonly string[],
  options: TellOptions,
  send: (runs: RunConsole, id: string) => Promise<Told>,
): Promise<void> {
  const { terminal } = context;
  const deal = dealOfWords(terminal.env, words);
  const id = provisioningId(deal);
  await withRuns(context, async (session) => {
    const { runs } = session;
    await warnIfNoWorker(session, terminal);
    const startedAt = performance.now();
    const sent = await send(runs, id).catch(async (error: unknown) => {
      throw error instanceof WorkflowNotFoundError ? await closedRun(runs, id) : error;
    });
    const { progress, message, said } = sent;
    if (options.wait === false) {
      printData(terminal, options, {
        document: { id, message, ...progress },
        text: () => `${said}. See: dealseat status ${deal.crm} ${deal.dealId}\n`,
      });
      return;
    }
    if (!options.json) terminal.write(`${said}. The run goes on …\n`);
    const report = await followToReport(runs, id, {
      onStep: (line) => terminal.note(line),
      signal: terminal.interrupted,
    });
    if (report === null) throw noRun(id);
    const tookMs = Math.round(performance.now() - startedAt);
    // The same may be asked as before: not to be answered twice without a look.
    const hasGoneOn = report.status !== 'NeedsAttention' || report.question?.id !== sent.question;
    printData(terminal, options, {
      document: { ...report, message, hasGoneOn, tookMs },
      text: () => resultText(report, { tookMs, hasGoneOn }),
    });
    const isAsAsked = sent.expected.some((status) => status === report.status);
    context.exit(isAsAsked ? EXIT.ok : exitCodeOf(report));
  });
}

async function closedRun(runs: RunConsole, id: string): Promise<Error> {
  const view = await runs.describe(id);
  if (view === null) return noRun(id);
  if (view.status === 'Delivered') return new Error(`The run ${id} is over: the deal was delivered.`);
  return new Error(
    `The run ${id} is over (${view.status}). To provision the deal anew: \`dealseat provision ${view.crm} ${view.dealId}\`.`,
  );
}
