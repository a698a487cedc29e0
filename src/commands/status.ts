import type { Command } from 'commander';
import { provisioningId } from '../domain/deal/ids.ts';
import { dealStatusOf, exitCodeOf, noRun, readRun } from '../runs/report.ts';
import { DEAL_ARGUMENT, DEAL_ARGUMENT_HELP, dealOfWords } from './terminal/deal-argument.ts';
import { lookOf } from './terminal/look.ts';
import { jsonOption, printJson } from './terminal/print.ts';
import { reportText } from './terminal/report-text.ts';
import { type RunSession, withRuns } from './terminal/run-session.ts';
import { type CommandContext, unlessInterrupted } from './terminal/terminal.ts';
import { intervalOf, watchOption, watchUntilInterrupted } from './terminal/watch.ts';

interface StatusOptions {
  readonly json?: boolean;
  readonly watch?: true | number;
}

export function define(command: Command, context: CommandContext): void {
  const { terminal } = context;
  command
    .argument(DEAL_ARGUMENT, DEAL_ARGUMENT_HELP)
    .addOption(jsonOption())
    .addOption(watchOption())
    .addHelpText('after', '\nExit code 0: delivered; 3: not delivered yet; 1: failed, cancelled or unknown.')
    .action(async (words: string[], options: StatusOptions) => {
      const id = provisioningId(dealOfWords(terminal.env, words));
      const work = async ({ runs }: RunSession) => {
        const read = async () => {
          const report = await readRun(runs, id);
          if (report === null) throw noRun(id);
          return report;
        };
        const textOf = async () => reportText(await read(), { look: lookOf(terminal), now: new Date() });
        if (options.watch) return watchUntilInterrupted(terminal, intervalOf(options.watch), textOf);
        const report = await read();
        const status = dealStatusOf(report);
        if (options.json) printJson(terminal, { ...report, status });
        else terminal.paint(reportText(report, { look: lookOf(terminal), now: new Date() }));
        context.exit(exitCodeOf({ ...report, status }));
      };
      // Ctrl-C is the ordinary end of watching.
      if (options.watch) await withRuns(context, work);
      else await unlessInterrupted(terminal.interrupted, () => withRuns(context, work));
    });
}
