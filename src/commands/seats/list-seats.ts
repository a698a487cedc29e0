import { type Command, InvalidArgumentError, Option } from 'commander';
import { SEAT_STATES, type SeatState } from '../../domain/seats/seat-state.ts';
import { numberOf } from '../../domain/words.ts';
import { MAX_PAGE, type SeatDesk } from '../../seats/desk.ts';
import type { NudgeView, OrderView, SeatPageView, SeatView } from '../../seats/views.ts';
import { DEAL_ARGUMENT_HELP, dealOfWords } from '../terminal/deal-argument.ts';
import { type Look, lookOf, Painted } from '../terminal/look.ts';
import { jsonOption, printJson } from '../terminal/print.ts';
import {
  type CommandContext,
  type HarmlessTerminal,
  UsageError,
  unlessInterrupted,
} from '../terminal/terminal.ts';
import { withSeats } from './seat-session.ts';
import { countsText, inTableOrder, seatTable, waitsForText } from './seat-table.ts';

const DEFAULT_LIMIT = 1_000;
const MAX_LIMIT = 1_000_000;

interface ListOptions {
  readonly state?: readonly SeatState[];
  readonly product?: string;
  readonly limit: number;
  readonly json?: boolean;
}

/** `dealseat seats <crm> <deal>`. */
export function defineList(command: Command, context: CommandContext): void {
  const { terminal } = context;
  command
    .argument('[deal...]', DEAL_ARGUMENT_HELP)
    .addOption(stateOption())
    .option('--product <key>', 'show only the seats of this product, by its key in the catalog')
    .option('--limit <n>', 'show at most this many seats', parseLimit, DEFAULT_LIMIT)
    .addOption(jsonOption())
    .action((words: string[], options: ListOptions) => {
      if (words.length === 0) throw new UsageError(`Expected ${DEAL_ARGUMENT_HELP}; found nothing`);
      const deal = dealOfWords(terminal.env, words);
      return unlessInterrupted(terminal.interrupted, () =>
        withSeats(context, async ({ desk }) => {
          const { state: states, product: productKey, limit } = options;
          const narrowed = {
            ...(states === undefined ? {} : { states }),
            ...(productKey === undefined ? {} : { productKey }),
          };
          const found = await allSeats(desk, { deal, narrowed, limit });
          if (options.json) printJson(terminal, found);
          else terminal.paint(listText({ ...found, seats: inTableOrder(found.seats) }, terminal));
        }),
      );
    });
}

/** Comma separated, or given more than once. */
export function stateOption(): Option {
  return new Option(
    '--state <states>',
    `show only seats in these states, comma separated: ${SEAT_STATES.join(', ')}; without it, all but ended ones`,
  ).argParser((text: string): readonly SeatState[] =>
    text.split(',').map((each) => {
      const state = SEAT_STATES.find((candidate) => candidate === each.trim().toLowerCase());
      if (state !== undefined) return state;
      throw new InvalidArgumentError(`Expected one of ${SEAT_STATES.join(', ')}.`);
    }),
  );
}

interface DealSeats extends Pick<SeatPageView, 'order' | 'seats' | 'nudges'> {
  readonly hasMore: boolean;
}

/** Reads page after page, until `limit` seats are there. */
export async function allSeats(
  desk: SeatDesk,
  {
    deal,
    narrowed,
    limit,
  }: {
    readonly deal: Parameters<SeatDesk['seatsOf']>[0];
    readonly narrowed: { readonly states?: readonly SeatState[]; readonly productKey?: string };
    readonly limit: number;
  },
): Promise<DealSeats> {
  const seats: SeatView[] = [];
  let cursor: string | null = null;
  for (;;) {
    const page: Awaited<ReturnType<SeatDesk['seatsOf']>> = await desk.seatsOf(deal, {
      ...narrowed,
      limit: Math.min(MAX_PAGE, limit - seats.length),
      ...(cursor === null ? {} : { cursor }),
    });
    seats.push(...page.seats);
    cursor = page.next;
    if (cursor === null || seats.length >= limit) {
      return { order: page.order, seats, nudges: page.nudges, hasMore: cursor !== null };
    }
  }
}

function listText({ order, seats, nudges, hasMore }: DealSeats, terminal: HarmlessTerminal): Painted {
  const look = lookOf(terminal);
  const columns = terminal.isInteractive ? (terminal.columns?.() ?? null) : null;
  return Painted.join([
    ...headOf(order, look),
    ...(seats.length === 0 ? ['\nNo seats to show.\n'] : ['\n', seatTable(seats, { look, columns })]),
    ...seats.flatMap((seat) => {
      const text = waitsForText(seat);
      return text === null
        ? []
        : ['\n', look.style('yellow', `Seat ${seat.id.slice(0, 8)} waits.`), ` ${text}\n`];
    }),
    ...nudgeLines(nudges, look),
    ...(hasMore
      ? [
          `\nOnly ${numberOf(seats.length)} seats are shown. --limit shows more, --state and --product narrow it down.\n`,
        ]
      : []),
    ...(seats.length === 0
      ? []
      : ['\n', look.style('dim', 'History of a seat: dealseat seats history <seat>'), '\n']),
  ]);
}

function headOf({ products, mergedInto, ...order }: OrderView, look: Look): (string | Painted)[] {
  const company = order.companyName === null ? '' : `, ${order.companyName}`;
  return [
    look.link(order.dealUrl, look.style('bold', order.dealName)),
    ` (${order.crm} ${order.dealId})${company}\n`,
    ...(mergedInto === null ? [] : [`This deal was merged into ${mergedInto.crm} ${mergedInto.dealId}.\n`]),
    `${countsText(order.counts)}\n`,
    ...(products.length < 2
      ? []
      : products.map(({ title, counts }) => `  ${title}: ${countsText(counts)}\n`)),
  ];
}

function nudgeLines(nudges: readonly NudgeView[], look: Look): (string | Painted)[] {
  if (nudges.length === 0) return [];
  const lines = nudges.flatMap(({ rule, text }) => [`  ${rule}\n`, `    ${text}\n`]);
  return ['\n', look.style('bold', 'Reminders of unused seats'), '\n', ...lines];
}

function parseLimit(text: string): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw new InvalidArgumentError(`Expected a whole number from 1 to ${numberOf(MAX_LIMIT)}.`);
}
