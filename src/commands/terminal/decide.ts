import type { Command } from 'commander';
import type { Decision } from '../../contracts/run.ts';
import { DEAL_ARGUMENT, DEAL_ARGUMENT_HELP } from './deal-argument.ts';
import { jsonOption } from './print.ts';
import {
  byOption,
  noWaitOption,
  questionOption,
  reasonOption,
  type TellOptions,
  tellRun,
} from './tell-run.ts';
import type { CommandContext } from './terminal.ts';

/** What the command says that was done, and the ends that are what was asked for. */
const VERBS = {
  approve: { said: 'Approved', expected: ['Delivered'] },
  reject: {
    said: 'Rejected',
    expected: ['Skipped', 'Delivered'],
  },
  withdraw: { said: 'Withdrawal decided', expected: ['Delivered', 'Cancelled'] },
  keep: { said: 'Seats left with the customer', expected: ['Delivered'] },
} as const;

/** The form of `approve`, `reject`, `withdraw` and `keep`: a deal, its question, and a reason for the run's record. */
export function defineDecision(command: Command, context: CommandContext, verb: keyof typeof VERBS): void {
  const { said, expected } = VERBS[verb];
  command
    .argument(DEAL_ARGUMENT, DEAL_ARGUMENT_HELP)
    .addOption(questionOption().makeOptionMandatory())
    .addOption(reasonOption().makeOptionMandatory())
    .addOption(byOption())
    .addOption(noWaitOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nWaits for what becomes of the deal, and says it. `dealseat status` shows the whole line to copy.',
    )
    .action(async (words: string[], options: TellOptions & Decision) => {
      const { question, by, reason } = options;
      await tellRun(context, words, options, async (runs, id) => ({
        progress: await runs[verb](id, { question, by, reason }),
        message: { verb, question, by, reason },
        said: `${said} by ${by}: ${reason}`,
        expected,
        question,
      }));
    });
}
