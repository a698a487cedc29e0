import type { StoreTransaction } from './change-seat.ts';

/**
 * Each seat that went to another person at this moment is followed by one that was added at it, so that the chain of seats
 * can be read. In the transaction that ended and added them.
 */
export async function nameNextSeats(trx: StoreTransaction, orderId: number, at: Date): Promise<void> {
  const ended = await trx
    .selectFrom('seats')
    .select(['id', 'product_key'])
    .where('order_id', '=', orderId)
    .where('ended_why', '=', 'reassigned')
    .where('next_seat_id', 'is', null)
    .where('ended_at', '=', at)
    .orderBy('id')
    .execute();
  if (ended.length === 0) return;
  const added = await trx
    .selectFrom('seats')
    .select(['id', 'product_key'])
    .where('order_id', '=', orderId)
    .where('created_at', '=', at)
    .where('state', '<>', 'ended')
    .orderBy('learner_key')
    .orderBy('id')
    .execute();
  for (const [product, seats] of Map.groupBy(ended, ({ product_key: key }) => key)) {
    const next = added.filter(({ product_key: key }) => key === product);
    for (const [index, { id }] of seats.entries()) {
      const successor = next[index];
      if (successor === undefined) continue;
      await trx.updateTable('seats').set({ next_seat_id: successor.id }).where('id', '=', id).execute();
    }
  }
}
