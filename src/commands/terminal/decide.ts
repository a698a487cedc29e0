import type { Command } from 'commander';
import type { Decision } from '../../contracts/run.ts';
import { DEAL_ARGUMENT, DEAL_ARGUMENT_HELP } from './deal-argument.ts';
import { jsonOption } from './print.ts';
import { byOption, type TellOptions, tellRun } from './tell-run.ts';
import type { CommandContext } from './terminal.ts';

/** The form of `cancel`, `approve` and `reject`: a deal and a reason that stays in the run's record. */
export function defineDecision(
  command: Command,
  context: CommandContext,
  message: 'cancel' | 'approve' | 'reject',
): void {
  command
    .argument(DEAL_ARGUMENT, DEAL_ARGUMENT_HELP)
    .requiredOption('--reason <text>', 'why, for the record')
    .addOption(byOption())
    .addOption(jsonOption())
    .action(async (words: string[], options: TellOptions & Decision) => {
      const { by, reason } = options;
      await tellRun(context, words, options, (runs, id) => runs[message](id, { by, reason }));
    });
}
