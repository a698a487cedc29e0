import type { SeatEnd, SeatState } from '../domain/seats/seat-state.ts';
import { accessLeftFinding } from '../domain/texts/seat-findings.ts';
import type { StoreTransaction } from './change-seat.ts';
import { reportFinding } from './findings.ts';

/** Of the finding. */
export const ACCESS_LEFT = 'access_left';

/** Of a finding of the nightly audit: a seat ended, and its access did not. */
export const ACCESS_STAYS = 'audit.access_stays';

/** Of the finding. */
export function accessLeftKey(seatId: string): string {
  return `access-left:${seatId}`;
}

/** In these a person has access, or may have it by the time that the platform answers. */
const MAY_HAVE_ACCESS: readonly SeatState[] = ['redeemed', 'granting', 'removing'];

/**
 * Notes of which seats, that are about to end, somebody may keep the access: whoever ends a seat in the store alone ends
 * nothing at the platform. What a person had asked to be ended is decided. Needs the order's row locked.
 */
export async function noteAccessLeft(
  trx: StoreTransaction,
  seatIds: readonly string[],
  { why, at }: { readonly why: SeatEnd; readonly at: Date },
): Promise<void> {
  const seats = await trx
    .selectFrom('seats')
    .leftJoin('operations', 'operations.id', 'seats.operation_id')
    .select(['seats.id', 'seats.order_id', 'seats.product_key', 'seats.state', 'came_from', 'input'])
    .where('seats.id', 'in', [...seatIds])
    .where('seats.state', 'in', [...MAY_HAVE_ACCESS])
    .orderBy('seats.id')
    .execute();
  for (const { id, order_id, product_key, state, came_from: cameFrom, input } of seats) {
    const isRemoved = state === 'removing';
    if (isRemoved && (cameFrom !== 'redeemed' || input?.accessEndedByHand === true)) continue;
    const { title } = await trx
      .selectFrom('code_groups')
      .select('title')
      .where('order_id', '=', order_id)
      .where('product_key', '=', product_key)
      .orderBy('id', 'desc')
      .executeTakeFirstOrThrow();
    const finding = { key: accessLeftKey(id), order_id, seat_id: id, kind: ACCESS_LEFT };
    await reportFinding(trx, { ...finding, ...accessLeftFinding(title, why) }, at);
    if (!isRemoved) continue;
    await trx.updateTable('findings').set({ decision: 'end' }).where('key', '=', finding.key).execute();
  }
}
