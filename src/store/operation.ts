import type { Selectable } from 'kysely';
import { DealseatError } from '../domain/failure.ts';
import { OPEN_OPERATION } from '../domain/seats/operation.ts';
import type { Actor } from '../domain/seats/seat-state.ts';
import { changeSeat, type SeatChange, type SeatRow, type StoreTransaction } from './change-seat.ts';
import { lockOrder, type OperationRow } from './request-operation.ts';
import type { OrdersTable } from './schema.ts';

/** An operation with what it works on, read under the lock of its order. */
export interface LockedOperation {
  readonly operation: OperationRow;
  readonly order: Selectable<OrdersTable>;
  /** What waits for its end now; null: nothing any more. */
  readonly seat: SeatRow | null;
}

/** Throws `seat.not_found`. */
export async function lockOperation(
  trx: StoreTransaction,
  operationId: string,
  lock: 'order' | 'none' = 'order',
): Promise<LockedOperation> {
  const orderId = (await readOperation(trx, operationId)).order_id;
  if (lock === 'order') await lockOrder(trx, orderId);
  const operation = await readOperation(trx, operationId);
  // Its deal was merged into another one meanwhile.
  if (operation.order_id !== orderId) return lockOperation(trx, operationId, lock);
  const order = await trx
    .selectFrom('orders')
    .selectAll()
    .where('id', '=', orderId)
    .executeTakeFirstOrThrow();
  const seat = await trx
    .selectFrom('seats')
    .selectAll()
    .where('order_id', '=', orderId)
    .where('operation_id', '=', operationId)
    .where('state', '<>', 'ended')
    .executeTakeFirst();
  return { operation, order, seat: seat ?? null };
}

async function readOperation(trx: StoreTransaction, operationId: string): Promise<OperationRow> {
  const operation = await trx
    .selectFrom('operations')
    .selectAll()
    .where('id', '=', operationId)
    .executeTakeFirst();
  if (operation !== undefined) return operation;
  throw new DealseatError({ code: 'seat.not_found', message: `No operation has the id "${operationId}"` });
}

export function isOpen({ state }: Pick<OperationRow, 'state'>): boolean {
  return OPEN_OPERATION.includes(state);
}

/** Who asked: the events of the seat are theirs. */
export function actorOf({ actor_kind, actor_name }: OperationRow): Actor {
  return { kind: actor_kind, name: actor_name };
}

/** A change of the seat that the operation works on, under the lock of its order, in the name of who asked for it. */
export async function changeKept(
  trx: StoreTransaction,
  operation: OperationRow,
  seat: SeatRow,
  change: Pick<SeatChange, 'kind' | 'set' | 'at'>,
): Promise<SeatRow> {
  const changed = await changeSeat(trx, {
    ...change,
    actor: actorOf(operation),
    reason: operation.reason,
    seatId: seat.id,
    version: seat.version,
  });
  if (changed === null) {
    throw new Error(`A seat that is ${seat.state} did not take ${change.kind} under the lock of its order`);
  }
  return changed;
}
