import type { StoreTransaction } from './change-seat.ts';

/** Whether the learner has a live seat of the product in the order, `besides` the one that is being looked at. */
export async function hasLiveSeat(
  trx: StoreTransaction,
  {
    orderId,
    productKey,
    learnerKey,
    besides,
  }: {
    readonly orderId: number;
    readonly productKey: string;
    readonly learnerKey: string | null;
    readonly besides?: string;
  },
): Promise<boolean> {
  const found = trx
    .selectFrom('seats')
    .select('id')
    .where('order_id', '=', orderId)
    .where('product_key', '=', productKey)
    .where('learner_key', '=', learnerKey)
    .where('state', '<>', 'ended');
  const others = besides === undefined ? found : found.where('id', '<>', besides);
  return (await others.executeTakeFirst()) !== undefined;
}
