import { type Command, InvalidArgumentError, Option } from 'commander';
import { RUN_STATUSES, type RunStatus } from '../contracts/run.ts';
import { jsonOption, printData, table } from './terminal/print.ts';
import { withRuns } from './terminal/run-session.ts';
import type { CommandContext } from './terminal/terminal.ts';

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 10_000;

export function define(command: Command, context: CommandContext): void {
  command
    .addOption(new Option('--status <status>', 'only runs of this status').choices(RUN_STATUSES))
    .option('--limit <n>', 'at most this many', parseLimit, DEFAULT_LIMIT)
    .addOption(jsonOption())
    .action(async (options: { status?: RunStatus; limit: number; json?: boolean }) => {
      const { status, limit } = options;
      await withRuns(context, async ({ runs }) => {
        const views = await runs.list({ limit, ...(status === undefined ? {} : { status }) });
        const text = () =>
          views.length === 0
            ? 'No provisionings.\n'
            : table(
                ['id', 'status', 'seats', 'started', 'ended', 'groups'],
                views.map((view) => [
                  view.id,
                  view.status,
                  String(view.seats),
                  view.startedAt,
                  view.closedAt ?? '',
                  view.groupLabels.join('\n'),
                ]),
              );
        printData(context.terminal, options, { document: views, text });
      });
    });
}

function parseLimit(text: string): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw new InvalidArgumentError(`Expected a whole number from 1 to ${MAX_LIMIT}.`);
}
