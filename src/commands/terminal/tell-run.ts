import { userInfo } from 'node:os';
import { WorkflowNotFoundError } from '@temporalio/client';
import { InvalidArgumentError, Option } from 'commander';
import type { Progress } from '../../contracts/run.ts';
import type { DealRef } from '../../domain/deal/deal.ts';
import { provisioningId } from '../../domain/deal/ids.ts';
import type { RunConsole } from '../../runs/console.ts';
import { untilGoneOn } from '../../runs/follow-run.ts';
import { noRun } from '../../runs/report.ts';
import { dealOfWords } from './deal-argument.ts';
import { printData } from './print.ts';
import { withRuns } from './run-session.ts';
import type { CommandContext } from './terminal.ts';

export interface TellOptions {
  readonly by: string;
  readonly json?: boolean;
}

/** A message that a run has taken. */
interface Told {
  /** What the run said of itself at that moment. */
  readonly told: Progress;
  /** For programs. */
  readonly message: Readonly<Record<string, string>>;
  /** For people. */
  readonly said: string;
  /** Whether a run that says this has not acted on the message yet. */
  readonly isWaiting: (progress: Progress) => boolean;
}

/** Who asks, for the run's own record. */
export function byOption(): Option {
  return new Option('--by <name>', 'who asks, for the record').default(userName()).argParser(someWords);
}

export function reasonOption(): Option {
  return new Option('--reason <text>', 'why, for the record').argParser(someWords);
}

export function questionOption(otherwise = ''): Option {
  const description = `the question that is answered, as status, list and the task in the CRM show it${otherwise}`;
  return new Option('--question <id>', description).argParser(someWords);
}

function someWords(text: string): string {
  if (text.trim() !== '') return text.trim();
  throw new InvalidArgumentError('Expected some text.');
}

/** A run that still asks the same has not acted on the answer, or has found that it has to ask again. */
export function waitsForAnswer(question: string): (progress: Progress) => boolean {
  return (progress) => progress.status === 'NeedsAttention' && progress.question?.id === question;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'somebody'; // A container's user id may have no name.
  }
}

/** Sends one message to the run of a deal and prints what was said, and how the run goes on after it. */
export async function tellRun(
  context: CommandContext,
  words: readonly string[],
  options: TellOptions,
  send: (runs: RunConsole, id: string) => Promise<Told>,
): Promise<void> {
  const { terminal } = context;
  const deal = dealOfWords(terminal.env, words);
  const id = provisioningId(deal);
  await withRuns(context, async ({ runs }) => {
    const { told, message, said, isWaiting } = await send(runs, id).catch(async (error: unknown) => {
      throw error instanceof WorkflowNotFoundError ? await closedRun(runs, id) : error;
    });
    const { progress, hasGoneOn } = await untilGoneOn(runs, id, {
      told,
      isWaiting,
      signal: terminal.interrupted,
    });
    printData(terminal, options, {
      document: { id, message, hasGoneOn, ...progress },
      text: () => `${id}\n${said}\n${hasGoneOn ? standingOf(progress) : stillWaiting(progress, deal)}\n`,
    });
  });
}

function standingOf({ status, step }: Progress): string {
  return `${status}: ${step}`;
}

/** The run has the message, and the same is asked as before: not to be sent twice without a look. */
function stillWaiting(progress: Progress, { crm, dealId }: DealRef): string {
  return `The run has it, and still shows: ${standingOf(progress)}. See: dealseat status ${crm} ${dealId}`;
}

async function closedRun(runs: RunConsole, id: string): Promise<Error> {
  const view = await runs.describe(id);
  if (view === null) return noRun(id);
  if (view.status === 'Delivered') return new Error(`The run ${id} is over: the deal was delivered.`);
  return new Error(
    `The run ${id} is over (${view.status}). To provision the deal anew: \`dealseat provision ${view.crm} ${view.dealId}\`.`,
  );
}
