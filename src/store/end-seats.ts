import { changeSeats, ROWS, type SeatHappening, type SeatRow, type StoreTransaction } from './change-seat.ts';
import { noteAccessLeft } from './note-access-left.ts';

/**
 * Ends many seats with their events, as `changeSeats` does. Those that have ended stay as they are. What access that leaves
 * with people is a finding.
 */
export async function endSeats(
  trx: StoreTransaction,
  seatIds: readonly string[],
  why: NonNullable<SeatRow['ended_why']>,
  happening: Omit<SeatHappening, 'kind'>,
): Promise<void> {
  const { at } = happening;
  for (let from = 0; from < seatIds.length; from += ROWS) {
    const ids = seatIds.slice(from, from + ROWS);
    await noteAccessLeft(trx, ids, { why, at });
    await changeSeats(trx, ids, { ...happening, kind: 'ended', set: { state: 'ended', ended_why: why } });
  }
}
