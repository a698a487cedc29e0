import { type Kysely, sql } from 'kysely';
import { OPEN_OPERATION } from '../domain/seats/operation.ts';
import type { StoreReader } from './change-seat.ts';
import type { StoreSchema } from './schema.ts';

export type ReadOperation = NonNullable<Awaited<ReturnType<typeof readOperation>>>;

/** What was asked of a seat and what became of it, with the deal; undefined: the store has no such operation. */
export function readOperation(db: StoreReader, id: string) {
  return selectOperations(db).where('operations.id', '=', id).executeTakeFirst();
}

interface OpenOperationsOptions {
  readonly limit: number;
  /** Only those that wait for something. */
  readonly isWaiting: boolean;
  /** The last one of the page before. */
  readonly after?: { readonly askedAt: string; readonly id: string };
}

/** Operations that have not ended, oldest first. */
export function readOpenOperations(
  db: StoreReader,
  { limit, isWaiting, after }: OpenOperationsOptions,
): Promise<ReadOperation[]> {
  let query = selectOperations(db).where('operations.state', 'in', [...OPEN_OPERATION]);
  if (isWaiting) query = query.where('operations.failure_code', 'is not', null);
  if (after !== undefined) {
    query = query.where(
      sql<boolean>`(operations.asked_at, operations.id) > (${after.askedAt}::timestamptz, ${after.id})`,
    );
  }
  return query.orderBy('operations.asked_at').orderBy('operations.id').limit(limit).execute();
}

function selectOperations(db: StoreReader) {
  return (db as Kysely<StoreSchema>)
    .selectFrom('operations')
    .innerJoin('orders', 'orders.id', 'operations.order_id')
    .innerJoin('seats', 'seats.id', 'operations.seat_id')
    .selectAll('operations')
    .select(['orders.crm', 'orders.deal_id', 'orders.deal_name', 'orders.deal_url', 'seats.next_seat_id']);
}
