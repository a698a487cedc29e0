import { DEALSEAT, type SeatEventKind } from '../domain/seats/seat-state.ts';
import { noteDeed } from './audit-log.ts';
import { changeSeat, type SeatRow, type StoreTransaction } from './change-seat.ts';
import type { OrderRow } from './fill-order.ts';
import { type FilledLearner, learnerColumns } from './holders.ts';
import { hasLiveSeat } from './live-seat.ts';
import { mergeNudges } from './merge-nudges.ts';

/**
 * What the store knows of deals that were merged into another one becomes that one's. A person who has a seat of one
 * product by both keeps both; the second has no key then, as where two contacts are merged. A repeat changes nothing.
 * Needs the row of the surviving order locked.
 */
export async function mergeOrders(
  trx: StoreTransaction,
  { id, crm, account }: Pick<OrderRow, 'id' | 'crm' | 'account'>,
  { mergedDealIds, at }: { readonly mergedDealIds: readonly string[]; readonly at: Date },
): Promise<void> {
  if (mergedDealIds.length === 0) return;
  const merged = await trx
    .selectFrom('orders')
    .select(['id', 'deal_id'])
    .where('crm', '=', crm)
    .where('account', '=', account)
    .where('deal_id', 'in', [...mergedDealIds])
    .where('merged_into', 'is', null)
    .where('id', '<>', id)
    .orderBy('id')
    .forUpdate()
    .execute();
  for (const { id: from, deal_id } of merged) {
    await freeKeys(trx, { from, into: id }, at);
    for (const table of ['code_groups', 'seats', 'seat_events', 'operations'] as const) {
      await trx.updateTable(table).set({ order_id: id }).where('order_id', '=', from).execute();
    }
    await trx.updateTable('findings').set({ order_id: id }).where('order_id', '=', from).execute();
    await mergeNudges(trx, { from, into: id, at });
    await trx.updateTable('orders').set({ merged_into: id }).where('id', '=', from).execute();
    // Who read the seats of one of them has not read those that it has now.
    await trx
      .updateTable('orders')
      .set((order) => ({ seats_version: order('seats_version', '+', 1) }))
      .where('id', 'in', [id, from])
      .execute();
    const detail = { mergedOrder: from, dealId: deal_id };
    await noteDeed(trx, { what: 'order merged', actor: DEALSEAT, orderId: id, detail, at });
  }
}

/** One live seat of a product for each key of an order. */
async function freeKeys(
  trx: StoreTransaction,
  { from, into }: { readonly from: number; readonly into: number },
  at: Date,
): Promise<void> {
  const twice = await trx
    .selectFrom('seats')
    .selectAll('seats')
    .innerJoin('seats as other', (join) =>
      join
        .onRef('other.product_key', '=', 'seats.product_key')
        .onRef('other.learner_key', '=', 'seats.learner_key')
        .on('other.order_id', '=', into)
        .on('other.state', '<>', 'ended'),
    )
    .where('seats.order_id', '=', from)
    .where('seats.state', '<>', 'ended')
    .execute();
  for (const seat of twice) {
    await told(
      trx,
      seat,
      { learner_key: null },
      'Two deals were merged, and this person has a seat by each',
      at,
    );
  }
}

/** Contacts are merged, and made anew: whoever held a seat under another id holds it still. */
export async function followContacts(
  trx: StoreTransaction,
  moves: readonly { readonly seatId: string; readonly learner: FilledLearner }[],
  at: Date,
): Promise<void> {
  for (const { seatId, learner } of moves) {
    const seat = await trx.selectFrom('seats').selectAll().where('id', '=', seatId).executeTakeFirst();
    if (seat === undefined || seat.state === 'ended' || seat.contact_id === learner.contactId) continue;
    const reason = 'The contact was merged into another one, or made anew';
    await told(trx, seat, await movedColumns(trx, seat, learner), reason, at);
  }
}

/** Who was erased stays so. */
async function movedColumns(trx: StoreTransaction, seat: SeatRow, learner: FilledLearner) {
  const { contact_id, learner_key, ...columns } = learnerColumns(learner);
  if (seat.learner_email === null || columns.learner_email === null) return { contact_id };
  const isTaken = await hasLiveSeat(trx, {
    orderId: seat.order_id,
    productKey: seat.product_key,
    learnerKey: learner_key,
    besides: seat.id,
  });
  return { contact_id, ...columns, learner_key: isTaken ? null : learner_key };
}

async function told(
  trx: StoreTransaction,
  { id: seatId, version }: SeatRow,
  set: Parameters<typeof changeSeat>[1]['set'],
  reason: string,
  at: Date,
): Promise<void> {
  const kind: SeatEventKind = 'assigned';
  const row = await changeSeat(trx, { kind, actor: DEALSEAT, reason, at, seatId, version, set });
  if (row === null) throw new Error('A seat of a locked order was changed by somebody else');
}
