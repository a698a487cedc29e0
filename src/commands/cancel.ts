import type { Command } from 'commander';
import type { CancelRequest } from '../contracts/run.ts';
import { sentText } from './terminal/answer-text.ts';
import { DEAL_ARGUMENT, DEAL_ARGUMENT_HELP } from './terminal/deal-argument.ts';
import { jsonOption } from './terminal/print.ts';
import { byOption, noWaitOption, reasonOption, type TellOptions, tellRun } from './terminal/tell-run.ts';
import type { CommandContext } from './terminal/terminal.ts';

export function define(command: Command, context: CommandContext): void {
  command
    .argument(DEAL_ARGUMENT, DEAL_ARGUMENT_HELP)
    .addOption(reasonOption().makeOptionMandatory())
    .addOption(byOption())
    .addOption(noWaitOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nWaits until everything is undone, and prints the result. A run refuses it once codes may be with people.',
    )
    .action(async (words: string[], options: TellOptions & CancelRequest) => {
      const { by, reason } = options;
      await tellRun(context, words, options, async (runs, id) => ({
        progress: await runs.cancel(id, { by, reason }),
        message: { verb: 'cancel', by, reason },
        said: sentText('cancel', { by, reason }),
        expected: ['Cancelled', 'Delivered'],
      }));
    });
}
