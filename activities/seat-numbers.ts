import type { DealFields } from '../src/clients/crm.ts';
import type { RecordFacts } from '../src/contracts/activities.ts';
import type { RunStatus } from '../src/contracts/run.ts';
import type { DealRef } from '../src/domain/deal/deal.ts';
import type { OrderRow } from '../src/store/fill-order.ts';
import { findOrder, noteShown, type OrderNumbers, readOrderNumbers } from '../src/store/order-numbers.ts';
import type { ActivityDeps } from './deps.ts';

type NumberFields = Pick<DealFields, 'seatsUsed' | 'seatsFree' | 'lastRedemption'>;

interface Marked {
  readonly order: OrderRow;
  readonly numbers: OrderNumbers;
}

/** What a mark says of the use of the seats; null: no store knows of the deal. */
export async function numbersOfMark(
  { seats }: Pick<ActivityDeps, 'seats'>,
  deal: DealRef,
  { seatCount }: Pick<RecordFacts, 'seatCount'>,
): Promise<Marked | null> {
  if (seats === undefined) return null;
  const order = await findOrder(seats.db, deal);
  if (order === null) return null;
  const { used, lastRedemption } = await readOrderNumbers(seats.db, order.id);
  return { order, numbers: { used, free: Math.max(0, seatCount - used), lastRedemption } };
}

export function numberFields({ used, free, lastRedemption }: OrderNumbers): NumberFields {
  return { seatsUsed: used, seatsFree: free, lastRedemption: lastRedemption?.toISOString() ?? null };
}

/** The mark stands on the deal, so the numbers are written again only when they change. */
export async function noteMarked(
  { seats, now }: Pick<ActivityDeps, 'seats' | 'now'>,
  marked: Marked | null,
  status: RunStatus,
): Promise<void> {
  if (seats === undefined || marked === null) return;
  const at = new Date(now());
  const { order, numbers } = marked;
  await noteShown(seats.db, order, { numbers, at });
  if (status !== 'Delivered' || order.delivered_at !== null) return;
  await seats.db.updateTable('orders').set({ delivered_at: at }).where('id', '=', order.id).execute();
}
