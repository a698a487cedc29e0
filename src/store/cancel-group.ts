import type { DealRef } from '../domain/deal/deal.ts';
import { DEALSEAT } from '../domain/seats/seat-state.ts';
import { countOpenAccessLeft, type OpenAccessLeft } from './access-left.ts';
import type { StoreTransaction } from './change-seat.ts';
import { endSeats } from './end-seats.ts';
import type { SeatStore } from './seat-store.ts';
import { inTransaction } from './transaction.ts';

/**
 * A group whose making was undone: its seats end, and its codes are retired until a run may make use of the group after
 * all. A repeat changes nothing. Gives of how many ended seats of the product somebody may still have access.
 */
export async function cancelGroup(
  { db }: Pick<SeatStore, 'db'>,
  { crm, account, dealId }: DealRef,
  { token, platform, at }: { readonly token: string; readonly platform: string; readonly at: Date },
): Promise<OpenAccessLeft> {
  return await inTransaction(db, async (trx) => {
    const order = await trx
      .selectFrom('orders')
      .select('id')
      .where('crm', '=', crm)
      .where('account', '=', account)
      .where('deal_id', '=', dealId)
      .forUpdate()
      .executeTakeFirst();
    if (order === undefined) return NOTHING_LEFT;
    const group = await trx
      .selectFrom('code_groups')
      .select(['id', 'product_key'])
      .where('order_id', '=', order.id)
      .where('token', '=', token)
      .where('platform', '=', platform)
      .executeTakeFirst();
    if (group === undefined) return NOTHING_LEFT;
    const happening = { actor: DEALSEAT, reason: 'the run was undone', at };
    const ofGroup = trx.selectFrom('codes').select('id').where('group_id', '=', group.id);
    const seats = await trx
      .selectFrom('seats')
      .select('id')
      .where('code_id', 'in', ofGroup)
      .where('state', '<>', 'ended')
      .execute();
    await endSeats(
      trx,
      seats.map(({ id }) => id),
      'cancelled',
      happening,
    );
    await trx
      .updateTable('codes')
      .set({ state: 'retired', retired_why: 'cancelled' })
      .where('id', 'in', ofGroup)
      .where('state', '<>', 'retired')
      .execute();
    const sale = { orderId: order.id, productKey: group.product_key };
    await endSeats(trx, await seatsBeyond(trx, sale), 'cancelled', happening);
    return await countOpenAccessLeft(trx, order.id, group.product_key);
  });
}

const NOTHING_LEFT: OpenAccessLeft = { count: 0, byCode: 0 };

interface Sale {
  readonly orderId: number;
  readonly productKey: string;
}

/** Seats without a code, as where access was given directly, as many as there are more than were sold. */
async function seatsBeyond(trx: StoreTransaction, { orderId, productKey }: Sale): Promise<string[]> {
  const seats = await trx
    .selectFrom('seats')
    .select(['id', 'code_id'])
    .where('order_id', '=', orderId)
    .where('product_key', '=', productKey)
    .where('state', '<>', 'ended')
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .execute();
  const { count } = await trx
    .selectFrom('codes')
    .innerJoin('code_groups', 'code_groups.id', 'codes.group_id')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('order_id', '=', orderId)
    .where('product_key', '=', productKey)
    .where('purpose', '=', 'sold')
    // Another seat took the place of one whose code was taken back or lost.
    .where((code) =>
      code.or([code('retired_why', 'is', null), code('retired_why', 'in', ['taken_back', 'lost'])]),
    )
    .executeTakeFirstOrThrow();
  const withoutCode = seats.flatMap(({ id, code_id: code }) => (code === null ? id : []));
  return withoutCode.slice(0, Math.max(0, seats.length - count));
}
