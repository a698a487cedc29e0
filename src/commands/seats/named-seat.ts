import type { DealRef } from '../../domain/deal/deal.ts';
import { emailKey } from '../../domain/seats/seat-state.ts';
import type { SeatDesk } from '../../seats/desk.ts';
import type { SeatView } from '../../seats/views.ts';
import { dealOfWords } from '../terminal/deal-argument.ts';
import { type CommandContext, UsageError } from '../terminal/terminal.ts';
import { allSeats } from './list-seats.ts';
import type { SeatSession } from './seat-session.ts';

export const SEAT_OR_DEAL = '<seat...>';
export const SEAT_OR_DEAL_HELP =
  'the id of the seat or its beginning; or a CRM and its deal id, with --learner';

interface Named {
  /** A seat, or a deal. */
  readonly words: readonly string[];
  readonly learner?: string;
  readonly product?: string;
}

/** The seat as it is now. Throws `UsageError` where the words name none, or several. */
export async function namedSeat(
  { terminal }: CommandContext,
  { desk }: Pick<SeatSession, 'desk'>,
  { words, ...of }: Named,
): Promise<SeatView> {
  if (of.learner !== undefined) return seatOfLearner(desk, dealOfWords(terminal.env, words), of);
  const [id = '', ...rest] = words;
  if (rest.length === 0) return (await desk.history(id)).seat;
  throw new UsageError(
    'A deal has many seats: name one with --learner <e-mail> (for a grant with --product <key>), or give the id of the seat alone.',
  );
}

async function seatOfLearner(
  desk: SeatDesk,
  deal: DealRef,
  { learner = '', product }: Omit<Named, 'words'>,
): Promise<SeatView> {
  const wanted = emailKey(learner);
  const { seats } = await allSeats(desk, {
    deal,
    narrowed: product === undefined ? {} : { productKey: product },
    limit: Number.POSITIVE_INFINITY,
  });
  const held = seats.filter(({ holder }) => emailKey(holder?.email ?? '') === wanted);
  const [seat, another] = held;
  if (seat === undefined) {
    throw new UsageError(
      'No seat of the deal is held by that person. `dealseat seats <crm> <deal>` shows who has which.',
    );
  }
  if (another === undefined) return seat;
  const products = held.map(({ productKey }) => productKey).join(', ');
  throw new UsageError(
    `The person has ${held.length} seats of the deal; name one with --product: ${products}.`,
  );
}
