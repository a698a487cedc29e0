import type { StoreReader } from './change-seat.ts';

export type ReadOperation = NonNullable<Awaited<ReturnType<typeof readOperation>>>;

/** What was asked of a seat and what became of it, with the deal; undefined: the store has no such operation. */
export function readOperation(db: StoreReader, id: string) {
  return db
    .selectFrom('operations')
    .innerJoin('orders', 'orders.id', 'operations.order_id')
    .innerJoin('seats', 'seats.id', 'operations.seat_id')
    .selectAll('operations')
    .select(['orders.crm', 'orders.deal_id', 'seats.next_seat_id'])
    .where('operations.id', '=', id)
    .executeTakeFirst();
}
