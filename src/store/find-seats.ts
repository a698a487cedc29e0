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
export async function findSeatsByEmail(
  db: StoreReader,
  email: string,
  { limit, before }: SeatSearch,
): Promise<ReadSeat[]> {
  const key = emailKey(email);
  // First the seats alone: PostgreSQL expects many more of them than there are, and would join them by reading all codes.
  let query = db
    .selectFrom('seats')
    .select('id')
    .where((where) =>
      where.or([
        where('learner_key', '=', key),
        where(where.fn<string>('lower', ['redeemer_email']), '=', key),
      ]),
    );
  if (before !== undefined) query = query.where(olderThan(before));
  const found = await query.orderBy('created_at', 'desc').orderBy('id', 'desc').limit(limit).execute();
  if (found.length === 0) return [];
  const ids = found.map(({ id }) => id);
  return selectSeats(db)
    .where('seats.id', 'in', ids)
    .orderBy('seats.created_at', 'desc')
    .orderBy('seats.id', 'desc')
    .execute();
}

/** Seats that this code fills or filled, newest first. `text`: the code, or a link with it. */
export async function findSeatsByCode(
  db: StoreReader,
  vault: CodeVault,
  text: string,
  { limit, before }: SeatSearch,
): Promise<ReadSeat[]> {
  const macs = codesIn(text).flatMap((code) => vault.macsOf(code));
  if (macs.length === 0) return [];
  const query = selectSeats(db).where('codes.code_mac', 'in', macs);
  return (before === undefined ? query : query.where(olderThan(before)))
    .orderBy('seats.created_at', 'desc')
    .orderBy('seats.id', 'desc')
    .limit(limit)
    .execute();
}

function olderThan({ createdAt, seatId }: NonNullable<SeatSearch['before']>) {
  return sql<boolean>`(seats.created_at, seats.id) < (${createdAt}::timestamptz, ${seatId}::uuid)`;
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
