import type { Command } from 'commander';
import { loadConfig } from '../../config/config.ts';
import { crmsInUse } from '../../config/crm-settings.ts';
import { countOf } from '../../domain/words.ts';
import { openRebuild } from '../../processes/open-rebuild.ts';
import type { RebuildDeps } from '../../runs/rebuild/rebuild-deps.ts';
import { type RebuiltDeal, rebuildDeal, rebuildSeats } from '../../runs/rebuild/rebuild-seats.ts';
import { dealOfWords } from '../terminal/deal-argument.ts';
import { EXIT } from '../terminal/exit-code.ts';
import { jsonOption, printJson } from '../terminal/print.ts';
import { type CommandContext, unlessInterrupted } from '../terminal/terminal.ts';

interface RebuildOptions {
  readonly since: string;
  readonly json?: boolean;
}

/** Before any deal that Dealseat delivered. */
const EVER = '2015-01-01T00:00:00.000Z';

/** `dealseat seats rebuild [<crm> <deal>]`. */
export function defineRebuild(command: Command, context: CommandContext): void {
  const { terminal } = context;
  command
    .command('rebuild')
    .description('write lost seats into the database again, as deals, platform and CRM still know them')
    .argument('[deal...]', 'one deal, as <crm> <deal>; without it, every won deal')
    .option('--since <instant>', 'only deals that changed since this instant', EVER)
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Seats that the database has stay as they are, so the command may be stopped and run again. What cannot be known again: who
acted on a seat and when, which codes were exported, access that was given directly, and seats of deals that are no longer won.
Where codes were replaced, Dealseat asks the learning platform who still has access: one request for each used code that no
contact has. A code that somebody may have is given to no one, and each use of one is a question for the deal's owner. What
cannot be told of a deal is a finding: see \`dealseat seats audit\`.
With the embedded database, stop the service first.

Examples:
  dealseat seats rebuild
  dealseat seats rebuild hubspot 9001`,
    )
    .action((words: string[], options: RebuildOptions) =>
      unlessInterrupted(terminal.interrupted, async () => {
        const config = loadConfig(terminal.env);
        const one = words.length === 0 ? null : dealOfWords(terminal.env, words);
        const { deps, close } = await openRebuild(config, terminal.openStore);
        try {
          const accounts = crmsInUse(config).map(({ module, account }) => ({ crm: module.name, account }));
          const deals =
            one === null
              ? everyDeal(deps, accounts, { since: options.since, signal: terminal.interrupted })
              : theDeal(rebuildDeal(deps, one, terminal.interrupted));
          const all: RebuiltDeal[] = [];
          for await (const deal of deals) {
            all.push(deal);
            if (!options.json) terminal.write(`${lineOf(deal)}\n`);
          }
          if (options.json) printJson(terminal, all);
          else terminal.write(`${sumOf(all)}\n`);
          if (all.some(({ is }) => is === 'failed' || is === 'unbelievable')) context.exit(EXIT.failed);
        } finally {
          await close();
        }
      }),
    );
}

async function* everyDeal(
  deps: RebuildDeps,
  accounts: readonly Parameters<typeof rebuildSeats>[1][],
  bounds: Parameters<typeof rebuildSeats>[2],
): AsyncIterable<RebuiltDeal> {
  for (const account of accounts) yield* rebuildSeats(deps, account, bounds);
}

async function* theDeal(deal: Promise<RebuiltDeal>): AsyncIterable<RebuiltDeal> {
  yield await deal;
}

function lineOf({ deal, dealName, is, seats, unsure, unlisted, why }: RebuiltDeal): string {
  const name = `${deal.crm} ${deal.dealId} ${dealName}`;
  switch (is) {
    case 'rebuilt':
      return `${name}: ${countOf(seats, 'seat')} written${unsureText(unsure)}${unlistedText(unlisted)}`;
    case 'there':
      return `${name}: the database has all of its seats`;
    case 'nothing':
      return `${name}: nothing was delivered`;
    case 'unbelievable':
      return `${name}: the Dealseat ledger on the deal was edited or copied, so its seats are not written`;
    default:
      return `${name}: ${why}`;
  }
}

function unsureText(unsure: number): string {
  return unsure === 0
    ? ''
    : `; ${countOf(unsure, 'code')} that somebody may have ${unsure === 1 ? 'is' : 'are'} given to no one`;
}

function unlistedText(unlisted: number): string {
  return unlisted === 0
    ? ''
    : `; ${countOf(unlisted, 'seat')} left out, because the learning platform no longer has the code group`;
}

function sumOf(all: readonly RebuiltDeal[]): string {
  const seats = all.reduce((sum, deal) => sum + deal.seats, 0);
  const rebuilt = all.filter(({ is }) => is === 'rebuilt').length;
  return `${countOf(all.length, 'deal')} looked at, ${countOf(seats, 'seat')} of ${countOf(rebuilt, 'deal')} written.`;
}
