import { sql } from 'kysely';
import { emailKey } from '../domain/seats/seat-state.ts';
import type { StoreReader } from './change-seat.ts';
import type { CodeVault } from './code-vault.ts';
import { type ReadSeat, selectSeats } from './read-seats.ts';

interface SeatSearch {
  readonly limit: number;
  /** The last seat of the page before. */
  readonly before?: { readonly createdAt: string; readonly seatId: string };
}

/** Seats that this person holds, held, or redeemed, newest first. */
export function findSeatsByEmail(db: StoreReader, email: string, search: SeatSearch): Promise<ReadSeat[]> {
  const key = emailKey(email);
  return newestFirst(
    selectSeats(db).where((where) =>
      where.or([
        where('seats.learner_key', '=', key),
        where(where.fn<string>('lower', ['seats.redeemer_email']), '=', key),
      ]),
    ),
    search,
  );
}

/** Seats that this code fills or filled, newest first. `text`: the code, or a link with it. */
export async function findSeatsByCode(
  db: StoreReader,
  vault: CodeVault,
  text: string,
  search: SeatSearch,
): Promise<ReadSeat[]> {
  const macs = codesIn(text).flatMap((code) => vault.macsOf(code));
  if (macs.length === 0) return [];
  return newestFirst(selectSeats(db).where('codes.code_mac', 'in', macs), search);
}

function newestFirst(
  query: ReturnType<typeof selectSeats>,
  { limit, before }: SeatSearch,
): Promise<ReadSeat[]> {
  const page =
    before === undefined
      ? query
      : query.where(
          sql<boolean>`(seats.created_at, seats.id) < (${before.createdAt}::timestamptz, ${before.seatId}::uuid)`,
        );
  return page.orderBy('seats.created_at', 'desc').orderBy('seats.id', 'desc').limit(limit).execute();
}

/** A link has far fewer parts, and each costs a hash for every key. */
const MOST_PARTS = 16;

/** What may be a code in a text: all of it, and each part of a link. */
function codesIn(text: string): string[] {
  const whole = text.trim();
  const parts = whole.split(/[/?#&=\s]/).map(decoded);
  return [...new Set([whole, ...parts])].filter((part) => part !== '').slice(0, MOST_PARTS);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
