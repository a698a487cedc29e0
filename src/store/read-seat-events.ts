import type { Selectable } from 'kysely';
import type { StoreReader } from './change-seat.ts';
import type { SeatEventsTable } from './schema.ts';

/** Everything that happened to a seat, oldest first. */
export function readSeatEvents(db: StoreReader, seatId: string): Promise<Selectable<SeatEventsTable>[]> {
  return db.selectFrom('seat_events').selectAll().where('seat_id', '=', seatId).orderBy('version').execute();
}

/** The seat whose place this one took; null: it was sold as it is. */
export async function readPreviousSeatId(db: StoreReader, seatId: string): Promise<string | null> {
  const row = await db.selectFrom('seats').select('id').where('next_seat_id', '=', seatId).executeTakeFirst();
  return row?.id ?? null;
}
