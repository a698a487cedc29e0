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
  approve: { said: 'Approved', expected: ['Delivered'], example: 'signed off by finance' },
  reject: {
    said: 'Rejected',
    expected: ['Skipped', 'Delivered'],
    example: 'the customer ordered 6, not 600',
  },
  withdraw: { said: 'Withdrawal decided', expected: ['Delivered', 'Cancelled'], example: 'returned' },
  keep: { said: 'Seats left with the customer', expected: ['Delivered'], example: 'goodwill' },
} as const;

/** The form of `approve`, `reject`, `withdraw` and `keep`: a deal, its question, and a reason for the run's record. */
export function defineDecision(command: Command, context: CommandContext, verb: keyof typeof VERBS): void {
  const { said, expected, example } = VERBS[verb];
  command
    .argument(DEAL_ARGUMENT, DEAL_ARGUMENT_HELP)
    .addOption(questionOption().makeOptionMandatory())
    .addOption(reasonOption().makeOptionMandatory())
    .addOption(byOption())
    .addOption(noWaitOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Waits for what becomes of the deal, and says it.

Example (\`dealseat status\` shows the whole line to copy):
  dealseat ${verb} hubspot 9001 --question 3f1c0a9b2d4e --reason "${example}"`,
    )
    .action(async (words: string[], options: TellOptions & Decision) => {
      const { question, by, reason } = options;
      await tellRun(context, words, options, async (runs, id) => ({
        told: await runs[verb](id, { question, by, reason }),
        message: { verb, question, by, reason },
        said: `${said} by ${by}: ${reason}`,
        expected,
        question,
      }));
    });
}
