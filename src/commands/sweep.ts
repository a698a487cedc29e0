import type { Command } from 'commander';
import { crmsInUse } from '../config/crm-settings.ts';
import type { SweepScope } from '../contracts/sweep.ts';
import { numberOf } from '../domain/words.ts';
import { readSweep, type SweepView, sweepNow } from '../runs/sweep-console.ts';
import { EXIT } from './terminal/exit-code.ts';
import { jsonOption, printData, table } from './terminal/print.ts';
import { withRuns } from './terminal/run-session.ts';
import { type CommandContext, UsageError } from './terminal/terminal.ts';

export function define(command: Command, context: CommandContext): void {
  command
    .option('--now', 'run a sweep now and wait for the result (a running sweep finishes first)')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
A sweep looks for won deals that no webhook reported, and starts their runs. The worker makes one schedule for each CRM;
pause or trigger it in the Temporal UI under the id shown here.`,
    )
    .action(async (options: { readonly now?: boolean; readonly json?: boolean }) => {
      await withRuns(context, async ({ config, client }) => {
        const scopes = crmsInUse(config).map(
          ({ module, account }): SweepScope => ({ crm: module.name, account }),
        );
        if (scopes.length === 0) throw new UsageError('No CRM is configured, so there is nothing to sweep.');
        if (options.now) await Promise.all(scopes.map((scope) => sweepNow(client, scope)));
        const views = await Promise.all(scopes.map((scope) => readSweep(client, scope)));
        printData(context.terminal, options, { document: views, text: () => sweepText(views) });
        if (views.some(({ state }) => state === 'missing')) context.exit(EXIT.notDelivered);
      });
    });
}

export function sweepText(views: readonly SweepView[]): string {
  return table(
    ['schedule', 'state', 'next', 'last ended', 'seen up to', 'found', 'missed', 'changed'],
    views.map(({ id, state, next, last }) => [
      id,
      state === 'missing' ? 'missing: start a worker' : state,
      next ?? '',
      last?.endedAt ?? '',
      last?.result?.cursor ?? last?.status ?? '',
      counted(last?.result?.found),
      counted(last?.result?.missed),
      counted(last?.result?.changed),
    ]),
  );
}

function counted(count: number | undefined): string {
  return count === undefined ? '' : numberOf(count);
}
