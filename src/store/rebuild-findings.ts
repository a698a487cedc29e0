import type { DealRef } from '../domain/deal/deal.ts';
import type { Actor } from '../domain/seats/seat-state.ts';
import { noteDeed } from './audit-log.ts';
import { takeRequest } from './keyed-request.ts';
import type { SeatStore } from './seat-store.ts';
import { inTransaction } from './transaction.ts';

/** Of a finding: what a rebuild could not tell of one product of an order. */
export const REBUILD_UNSURE = 'rebuild.unsure';

/** Of the finding. */
export function rebuildKey(orderId: number, productKey: string): string {
  return `rebuild:${orderId}:${productKey}`;
}

interface Closing {
  /** The caller's idempotency key. */
  readonly id: string;
  readonly deal: DealRef;
  readonly actor: Actor;
  readonly reason: string;
  readonly at: Date;
}

/** A person has looked at what a rebuild of the deal could not tell. @returns How many findings that closed. */
export async function closeRebuildFindings(
  { db, vault }: SeatStore,
  { id, deal: { crm, account, dealId }, actor, reason, at }: Closing,
): Promise<number> {
  return await inTransaction(db, async (trx) => {
    const content = { crm, account, dealId };
    const { isRepeat } = await takeRequest(trx, vault, { id, what: 'close_findings', content, at });
    if (isRepeat) return 0;
    const closed = await trx
      .updateTable('findings')
      .set({ resolved_at: at })
      .where('kind', '=', REBUILD_UNSURE)
      .where('resolved_at', 'is', null)
      .where('order_id', 'in', (from) =>
        from
          .selectFrom('orders')
          .select('id')
          .where('crm', '=', crm)
          .where('account', '=', account)
          .where('deal_id', '=', dealId),
      )
      .returning(['id', 'order_id'])
      .execute();
    if (closed.length === 0) return 0;
    const orderId = closed[0]?.order_id ?? null;
    await noteDeed(trx, { what: 'rebuild looked at', actor, orderId, detail: { reason }, at });
    return closed.length;
  });
}
