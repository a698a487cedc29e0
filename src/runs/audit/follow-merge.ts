import type { OrderRow } from '../../store/fill-order.ts';
import { mergeOrders } from '../../store/merge-orders.ts';
import { inTransaction } from '../../store/transaction.ts';
import type { DealOnRecord } from '../deal-on-record.ts';
import type { RebuildDeps } from '../rebuild/rebuild-deps.ts';

/** The deal lives on in another one, whose order may be there by now. */
export async function followMerge(
  { seats, now }: Pick<RebuildDeps, 'seats' | 'now'>,
  order: OrderRow,
  { deal }: DealOnRecord,
): Promise<void> {
  const at = new Date(now());
  await inTransaction(seats.db, async (trx) => {
    const survivor = await trx
      .selectFrom('orders')
      .selectAll()
      .where('crm', '=', order.crm)
      .where('account', '=', order.account)
      .where('deal_id', '=', deal.dealId)
      .forUpdate()
      .executeTakeFirst();
    if (survivor !== undefined) {
      await mergeOrders(trx, survivor, { mergedDealIds: [order.deal_id], at });
      return;
    }
    // The seats are the surviving deal's now.
    const renamed = { deal_id: deal.dealId, deal_name: deal.name, deal_url: deal.url };
    await trx.updateTable('orders').set(renamed).where('id', '=', order.id).execute();
  });
}
