import type { Command } from 'commander';
import type { Decision } from '../../contracts/run.ts';
import { sentText } from './answer-text.ts';
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

/** The ends that are what was asked for. */
const EXPECTED = {
  approve: ['Delivered'],
  reject: ['Skipped', 'Delivered'],
  withdraw: ['Delivered', 'Cancelled'],
  keep: ['Delivered'],
} as const;

/** The form of `approve`, `reject`, `withdraw` and `keep`: a deal, its question, and a reason for the run's record. */
export function defineDecision(command: Command, context: CommandContext, verb: keyof typeof EXPECTED): void {
  command
    .argument(DEAL_ARGUMENT, DEAL_ARGUMENT_HELP)
    .addOption(questionOption().makeOptionMandatory())
    .addOption(reasonOption().makeOptionMandatory())
    .addOption(byOption())
    .addOption(noWaitOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nWaits until the deal is delivered, has ended, or asks again, and prints the result. `dealseat status` shows the\nwhole command line to copy.',
    )
    .action(async (words: string[], options: TellOptions & Decision) => {
      const { question, by, reason } = options;
      await tellRun(context, words, options, async (runs, id) => ({
        progress: await runs[verb](id, { question, by, reason }),
        message: { verb, question, by, reason },
        said: sentText(verb, { by, reason }),
        expected: EXPECTED[verb],
        question,
      }));
    });
}
