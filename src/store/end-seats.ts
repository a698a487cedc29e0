import {
  appendEvents,
  ROWS,
  type SeatHappening,
  type SeatRow,
  type StoreTransaction,
} from './change-seat.ts';
import { noteAccessLeft } from './note-access-left.ts';

/**
 * Ends many seats with their events. Only in a transaction that has locked their order, because no version is compared.
 * Those that have ended stay as they are. What access that leaves with people is a finding.
 */
export async function endSeats(
  trx: StoreTransaction,
  seatIds: readonly string[],
  why: NonNullable<SeatRow['ended_why']>,
  happening: Omit<SeatHappening, 'kind'>,
): Promise<void> {
  const { at } = happening;
  const changed = { state: 'ended', ended_why: why, ended_at: at } as const;
  for (let from = 0; from < seatIds.length; from += ROWS) {
    const ids = seatIds.slice(from, from + ROWS);
    await noteAccessLeft(trx, ids, { why, at });
    const rows = await trx
      .updateTable('seats')
      .set((set) => ({ ...changed, state_since: at, version: set('version', '+', 1) }))
      .where('id', 'in', ids)
      .where('state', '<>', 'ended')
      .returningAll()
      .execute();
    if (rows.length > 0) {
      await appendEvents(
        trx,
        { ...happening, kind: 'ended' },
        rows.map((row) => ({ row, changed })),
      );
    }
  }
}
