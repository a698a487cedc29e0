import type { Command } from 'commander';
import type { Decision } from '../../contracts/run.ts';
import { DEAL_ARGUMENT, DEAL_ARGUMENT_HELP } from './deal-argument.ts';
import { jsonOption } from './print.ts';
import {
  byOption,
  questionOption,
  reasonOption,
  type TellOptions,
  tellRun,
  waitsForAnswer,
} from './tell-run.ts';
import type { CommandContext } from './terminal.ts';

/** What the command says that it did. */
const SAID = {
  approve: 'Further seats approved',
  reject: 'Further seats rejected',
  withdraw: 'Seats to be withdrawn',
  keep: 'Seats left with the customer',
} as const;

/** The form of `approve`, `reject`, `withdraw` and `keep`: a deal, its question, and a reason for the run's record. */
export function defineDecision(command: Command, context: CommandContext, verb: keyof typeof SAID): void {
  command
    .argument(DEAL_ARGUMENT, DEAL_ARGUMENT_HELP)
    .addOption(questionOption().makeOptionMandatory())
    .addOption(reasonOption().makeOptionMandatory())
    .addOption(byOption())
    .addOption(jsonOption())
    .action(async (words: string[], options: TellOptions & Decision) => {
      const { question, by, reason } = options;
      await tellRun(context, words, options, async (runs, id) => ({
        told: await runs[verb](id, { question, by, reason }),
        message: { verb, question, by, reason },
        said: `${SAID[verb]} by ${by}: ${reason}`,
        isWaiting: waitsForAnswer(question),
      }));
    });
}
