import type { NudgeEnd } from '../domain/seats/nudge-record.ts';
import type { StoreReader } from './change-seat.ts';
import { type OrderUsage, readUsage } from './seat-usage.ts';

/** Which worker may send a nudge: the one that wrote `heldUntil`. */
export interface Hold {
  readonly at: Date;
  readonly heldUntil: Date;
}

interface NudgeId {
  readonly orderId: number;
  readonly rule: string;
}

/** Takes over a nudge that was claimed and not settled. False: it is settled, merged away, or another worker's. */
export async function takeNudge(
  db: StoreReader,
  { orderId, rule }: NudgeId,
  { at, heldUntil }: Hold,
): Promise<boolean> {
  const taken = await db
    .updateTable('nudges')
    .set({ held_until: heldUntil })
    .where('order_id', '=', orderId)
    .where('rule', '=', rule)
    .where('state', '=', 'claimed')
    .where(({ or, eb }) => or([eb('held_until', 'is', null), eb('held_until', '<=', at)]))
    .returning('rule')
    .execute();
  return taken.length > 0;
}

/** A try that ended without an answer lets go, so that the next one need not wait until the claim is too old. */
export async function releaseNudge(
  db: StoreReader,
  { orderId, rule }: NudgeId,
  heldUntil: Date,
): Promise<void> {
  await db
    .updateTable('nudges')
    .set({ held_until: null })
    .where('order_id', '=', orderId)
    .where('rule', '=', rule)
    .where('held_until', '=', heldUntil)
    .execute();
}

/** The seats as they are right before a nudge goes out; null: it is not this worker's, or its deal was merged. */
export async function lookBeforeNudge(
  db: StoreReader,
  { orderId, rule }: NudgeId,
  heldUntil: Date,
): Promise<OrderUsage | null> {
  const order = await db
    .selectFrom('orders')
    .innerJoin('nudges', 'nudges.order_id', 'orders.id')
    .select(['orders.id', 'orders.delivered_at'])
    .where('orders.id', '=', orderId)
    .where('orders.merged_into', 'is', null)
    .where('orders.delivered_at', 'is not', null)
    .where('nudges.rule', '=', rule)
    .where('nudges.state', '=', 'claimed')
    .where('nudges.held_until', '=', heldUntil)
    .executeTakeFirst();
  return order === undefined ? null : await readUsage(db, order);
}

/** What came of a nudge that was claimed. */
export async function settleNudge(
  db: StoreReader,
  { orderId, rule }: NudgeId,
  { at, ...end }: NudgeEnd & { readonly at: Date },
): Promise<void> {
  await db
    .updateTable('nudges')
    .set({ ...end, settled_at: at, held_until: null })
    .where('order_id', '=', orderId)
    .where('rule', '=', rule)
    .where('state', '=', 'claimed')
    .execute();
}
