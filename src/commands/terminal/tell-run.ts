import { userInfo } from 'node:os';
import { WorkflowNotFoundError } from '@temporalio/client';
import { Option } from 'commander';
import type { Progress } from '../../contracts/run.ts';
import { provisioningId } from '../../domain/deal/ids.ts';
import type { RunConsole } from '../../runs/console.ts';
import { noRun } from '../../runs/report.ts';
import { dealOfWords } from './deal-argument.ts';
import { printData } from './print.ts';
import { withRuns } from './run-session.ts';
import type { CommandContext } from './terminal.ts';

export interface TellOptions {
  readonly by: string;
  readonly json?: boolean;
}

/** Who asks, for the run's own record. */
export function byOption(): Option {
  return new Option('--by <name>', 'who asks, for the record').default(userName());
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'somebody'; // A container's user id may have no name.
  }
}

/** Sends one message to the run of a deal and prints what the run says of itself then. */
export async function tellRun(
  context: CommandContext,
  words: readonly string[],
  options: TellOptions,
  send: (runs: RunConsole, id: string) => Promise<Progress>,
): Promise<void> {
  const id = provisioningId(dealOfWords(context.terminal.env, words));
  await withRuns(context, async ({ runs }) => {
    const progress = await send(runs, id).catch(async (error: unknown) => {
      throw error instanceof WorkflowNotFoundError ? await closedRun(runs, id) : error;
    });
    printData(context.terminal, options, {
      document: { id, ...progress },
      text: () => `${id}\n${progress.status}: ${progress.step}\n`,
    });
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
