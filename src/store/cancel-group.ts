import type { DealRef } from '../domain/deal/deal.ts';
import { DEALSEAT } from '../domain/seats/seat-state.ts';
import { endSeats } from './change-seat.ts';
import type { SeatStore } from './seat-store.ts';
import { inTransaction } from './transaction.ts';

/**
 * A group whose making was undone: its seats end, and its codes are retired until a run may make use of the group after
 * all. A repeat changes nothing.
 */
export async function cancelGroup(
  { db }: Pick<SeatStore, 'db'>,
  { crm, account, dealId }: DealRef,
  { token, platform, at }: { readonly token: string; readonly platform: string; readonly at: Date },
): Promise<void> {
  await inTransaction(db, async (trx) => {
    const order = await trx
      .selectFrom('orders')
      .select('id')
      .where('crm', '=', crm)
      .where('account', '=', account)
      .where('deal_id', '=', dealId)
      .forUpdate()
      .executeTakeFirst();
    if (order === undefined) return;
    const codesOfGroup = trx
      .selectFrom('codes')
      .innerJoin('code_groups', 'code_groups.id', 'codes.group_id')
      .select('codes.id')
      .where('code_groups.order_id', '=', order.id)
      .where('code_groups.token', '=', token)
      .where('code_groups.platform', '=', platform);
    const seats = await trx
      .selectFrom('seats')
      .select('id')
      .where('code_id', 'in', codesOfGroup)
      .where('state', '<>', 'ended')
      .execute();
    const seatIds = seats.map(({ id }) => id);
    await endSeats(trx, seatIds, 'cancelled', { actor: DEALSEAT, reason: 'the run was undone', at });
    await trx
      .updateTable('codes')
      .set({ state: 'retired', retired_why: 'cancelled' })
      .where('id', 'in', codesOfGroup)
      .where('state', '<>', 'retired')
      .execute();
  });
}
