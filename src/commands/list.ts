import { type Command, InvalidArgumentError, Option } from 'commander';
import { RUN_STATUSES, type RunStatus } from '../contracts/run.ts';
import { numberOf } from '../domain/words.ts';
import type { DealView } from '../runs/deal-view.ts';
import { VIEWS, viewUrl } from '../runs/run-url.ts';
import { dealTable, questionsOf } from './terminal/deal-table.ts';
import { type Look, lookOf, Painted } from './terminal/look.ts';
import { jsonOption, printJson } from './terminal/print.ts';
import { type RunSession, withRuns } from './terminal/run-session.ts';
import { type CommandContext, type HarmlessTerminal, unlessInterrupted } from './terminal/terminal.ts';
import { intervalOf, watchOption, watchUntilInterrupted } from './terminal/watch.ts';

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 10_000;

interface ListOptions {
  readonly status?: RunStatus;
  readonly limit: number;
  readonly json?: boolean;
  readonly watch?: true | number;
}

export function define(command: Command, context: CommandContext): void {
  const { terminal } = context;
  command
    .addOption(new Option('--status <status>', 'show only deals with this status').choices(RUN_STATUSES))
    .option('--limit <n>', 'show at most this many deals', parseLimit, DEFAULT_LIMIT)
    .addOption(jsonOption())
    .addOption(watchOption())
    .addHelpText('after', '\nOne row for each deal: open deals first, then the most recent of the others.')
    .action((options: ListOptions) =>
      options.watch
        ? withRuns(context, (session) =>
            watchUntilInterrupted(terminal, intervalOf(options.watch ?? true), async () =>
              listText(await dealsOf(session, options), {
                terminal,
                session,
                operations: await waitingOperations(session),
              }),
            ),
          )
        : unlessInterrupted(terminal.interrupted, () =>
            withRuns(context, async (session) => {
              const deals = await dealsOf(session, options);
              if (options.json) printJson(terminal, deals);
              else {
                const operations = await waitingOperations(session);
                terminal.paint(listText(deals, { terminal, session, operations }));
              }
            }),
          ),
    );
}

function dealsOf({ runs }: RunSession, { status, limit }: ListOptions): Promise<DealView[]> {
  return runs.list({ limit, ...(status === undefined ? {} : { status }) });
}

function listText(
  deals: readonly DealView[],
  {
    terminal,
    session,
    operations,
  }: { readonly terminal: HarmlessTerminal; readonly session: RunSession; readonly operations: number },
): Painted {
  const look = lookOf(terminal);
  if (deals.length === 0) return Painted.of('No deals yet.\n');
  const columns = terminal.isInteractive ? (terminal.columns?.() ?? null) : null;
  return Painted.join([
    dealTable(deals, { look, columns, now: new Date() }),
    questionsOf(deals, look),
    ...(operations === 0
      ? []
      : [
          `\n${operations === 1 ? '1 change of a seat waits' : `${numberOf(operations)} changes of seats wait`}: dealseat seats operations --waiting\n`,
        ]),
    ...viewLines(session, look),
  ]);
}

async function waitingOperations({ client }: RunSession): Promise<number> {
  return (await client.workflow.count(VIEWS.waitingOperations)).count;
}

const NAMES: Readonly<Record<keyof typeof VIEWS, string>> = {
  deals: 'All deals',
  waitingDeals: 'Deals that wait for a person',
  waitingOperations: 'Changes of seats that wait for a person',
};

/** Saved views of the Temporal UI. */
function viewLines({ pages }: RunSession, look: Look): (string | Painted)[] {
  const views = Object.entries(NAMES).flatMap(([view, name]) => {
    const url = viewUrl(pages, VIEWS[view as keyof typeof VIEWS]);
    return url === null ? [] : [{ name, url }];
  });
  if (views.length === 0) return [];
  if (!look.hasLinks) return ['\n', ...views.map(({ name, url }) => look.style('dim', `${name}: ${url}\n`))];
  const links = views.map(({ name, url }) => look.link(url, look.style('underline', name)));
  return ['\nIn the Temporal UI: ', Painted.join(links, ', '), '\n'];
}

function parseLimit(text: string): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw new InvalidArgumentError(`Expected a whole number from 1 to ${MAX_LIMIT}.`);
}
