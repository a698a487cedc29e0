import { type Command, InvalidArgumentError, Option } from 'commander';
import { answerCommands, questionLine } from '../contracts/answer-commands.ts';
import { RUN_STATUSES, type RunStatus } from '../contracts/run.ts';
import type { ListedRun } from '../runs/console.ts';
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
        printData(context.terminal, options, { document: views, text: () => listText(views) });
      });
    });
}

function listText(views: readonly ListedRun[]): string {
  if (views.length === 0) return 'No provisionings.\n';
  const rows = views.map((view) => [
    view.id,
    view.status,
    String(view.seats),
    view.startedAt,
    view.closedAt ?? '',
    view.groupLabels.join('\n'),
  ]);
  const questions = views.flatMap(({ question, ...deal }) => {
    if (question === null) return [];
    const commands = answerCommands({ deal, question }).map((command) => `  ${command}\n`);
    return [`\n${deal.crm} ${deal.dealId} asks ${questionLine(question)}:\n${commands.join('')}`];
  });
  return table(['id', 'status', 'seats', 'started', 'ended', 'groups'], rows) + questions.join('');
}

function parseLimit(text: string): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw new InvalidArgumentError(`Expected a whole number from 1 to ${MAX_LIMIT}.`);
}
