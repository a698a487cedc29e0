import type { Command } from 'commander';
import { provisioningId } from '../domain/deal/ids.ts';
import { exitCodeOf, noRun, readRun, reportText } from '../runs/report.ts';
import { DEAL_ARGUMENT, DEAL_ARGUMENT_HELP, dealOfWords } from './terminal/deal-argument.ts';
import { jsonOption, printData } from './terminal/print.ts';
import { withRuns } from './terminal/run-session.ts';
import type { CommandContext } from './terminal/terminal.ts';

export function define(command: Command, context: CommandContext): void {
  command
    .argument(DEAL_ARGUMENT, DEAL_ARGUMENT_HELP)
    .addOption(jsonOption())
    .addHelpText('after', '\nExit code 0: delivered; 3: not delivered yet; 1: failed, cancelled or unknown.')
    .action(async (words: string[], options: { json?: boolean }) => {
      const id = provisioningId(dealOfWords(context.terminal.env, words));
      await withRuns(context, async ({ runs }) => {
        const report = await readRun(runs, id);
        if (report === null) throw noRun(id);
        printData(context.terminal, options, { document: report, text: () => reportText(report) });
        context.exit(exitCodeOf(report));
      });
    });
}
