import { DealseatError } from '../domain/failure.ts';
import { OPEN_OPERATION } from '../domain/seats/operation.ts';
import { isLiving, newestSold } from './access-terms.ts';
import type { SeatRow, StoreTransaction } from './change-seat.ts';
import { type LockedOperation, lockOperation } from './operation.ts';
import type { OperationRow } from './request-operation.ts';
import type { CodeState } from './schema.ts';
import type { SeatStore } from './seat-store.ts';
import { inTransaction } from './transaction.ts';

/** A group that is to be made, on the terms of one that was sold. */
export interface NeededGroup {
  /** Of the store. */
  readonly likeGroupId: number;
  readonly codes: number;
}

/**
 * Keeps a sealed code for what comes after the operation: of those that fill no seat. Null: one is kept, or none is needed.
 * Where there is none, the group that is to be made; the same again at a repeat. Throws `lms.codes_not_listed` while
 * another operation makes codes of the product, which will be enough for all that wait now.
 */
export async function keepCode(
  { db }: Pick<SeatStore, 'db'>,
  operationId: string,
  at: Date,
): Promise<NeededGroup | null> {
  return await inTransaction(db, async (trx) => {
    const locked = await lockOperation(trx, operationId);
    const { operation, seat } = locked;
    if (seat === null || operation.code_id !== null || !(await needsCode(trx, operation, seat))) return null;
    const like = await newestSold(trx, seat);
    // A free seat of an order whose codes are dead has none: it can only be counted.
    if (!isLiving(like, at)) return null;
    if (await keepSpare(trx, operation, seat, at)) return null;
    if (operation.top_up_of !== null && operation.top_up_codes !== null) {
      return { likeGroupId: operation.top_up_of, codes: operation.top_up_codes };
    }
    const codes = await neededCodes(trx, locked, seat);
    await trx
      .updateTable('operations')
      .set({ top_up_of: like.id, top_up_codes: codes })
      .where('id', '=', operationId)
      .execute();
    return { likeGroupId: like.id, codes };
  });
}

/** A code that nobody has seen stays with the place. */
async function needsCode(
  trx: StoreTransaction,
  { kind, input }: OperationRow,
  seat: SeatRow,
): Promise<boolean> {
  if (kind === 'reissue') return input.how === 'new_code';
  if (kind !== 'revoke' && kind !== 'reassign') return false;
  return seat.code_id === null || (await stateOfCode(trx, seat.code_id)) !== 'sealed';
}

export async function stateOfCode(trx: StoreTransaction, codeId: number): Promise<CodeState> {
  const { state } = await trx
    .selectFrom('codes')
    .select('state')
    .where('id', '=', codeId)
    .executeTakeFirstOrThrow();
  return state;
}

/** True: one is kept now. */
export async function keepSpare(
  trx: StoreTransaction,
  operation: OperationRow,
  seat: Pick<SeatRow, 'order_id' | 'product_key'>,
  at: Date,
): Promise<boolean> {
  const spare = await trx
    .selectFrom('codes')
    .innerJoin('code_groups', 'code_groups.id', 'codes.group_id')
    .select('codes.id')
    .where('code_groups.order_id', '=', seat.order_id)
    .where('code_groups.product_key', '=', seat.product_key)
    .where('codes.state', '=', 'sealed')
    .where((where) =>
      where.and([
        where.or([
          where('code_groups.codes_expire_at', 'is', null),
          where('code_groups.codes_expire_at', '>', at),
        ]),
        where.or([where('code_groups.access_until', 'is', null), where('code_groups.access_until', '>', at)]),
        where.not(
          where.exists(
            where
              .selectFrom('seats')
              .select('seats.id')
              .whereRef('seats.code_id', '=', 'codes.id')
              .where('seats.state', '<>', 'ended'),
          ),
        ),
        where.not(
          where.exists(
            where
              .selectFrom('operations')
              .select('operations.id')
              .whereRef('operations.code_id', '=', 'codes.id')
              .where('operations.state', 'in', [...OPEN_OPERATION]),
          ),
        ),
      ]),
    )
    .orderBy('codes.id')
    .limit(1)
    .executeTakeFirst();
  if (spare === undefined) return false;
  await trx.updateTable('operations').set({ code_id: spare.id }).where('id', '=', operation.id).execute();
  return true;
}

/** Beyond those that are needed now: not every seat that is taken back is worth a group of its own. */
const LEAST_SPARE = 2;
const MOST_SPARE = 20;
const SEATS_A_SPARE = 20;

/** For all that wait for one now, and some to spare. */
async function neededCodes(
  trx: StoreTransaction,
  { operation, order }: LockedOperation,
  { product_key }: SeatRow,
): Promise<number> {
  const waiting = await trx
    .selectFrom('operations')
    .innerJoin('seats', 'seats.id', 'operations.seat_id')
    .select(['operations.id', 'operations.top_up_codes'])
    .where('operations.order_id', '=', order.id)
    .where('seats.product_key', '=', product_key)
    .where('operations.state', 'in', [...OPEN_OPERATION])
    .where('operations.code_id', 'is', null)
    .where('operations.kind', 'in', ['revoke', 'reassign', 'reissue'])
    .execute();
  const maker = waiting.find(({ id, top_up_codes }) => id !== operation.id && top_up_codes !== null);
  if (maker !== undefined) {
    throw new DealseatError({
      code: 'lms.codes_not_listed',
      message: `Operation ${maker.id} is making codes of product "${product_key}"`,
    });
  }
  const { sold } = await trx
    .selectFrom('seats')
    .select((select) => select.fn.countAll<number>().as('sold'))
    .where('order_id', '=', order.id)
    .where('product_key', '=', product_key)
    .where('state', '<>', 'ended')
    .executeTakeFirstOrThrow();
  const spare = Math.min(MOST_SPARE, Math.max(LEAST_SPARE, Math.ceil(Number(sold) / SEATS_A_SPARE)));
  return waiting.length + spare;
}
