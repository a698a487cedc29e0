import type { DealRef } from '../domain/deal/deal.ts';
import { countSeats } from '../domain/seats/seat-state.ts';
import type { StoreReader } from './change-seat.ts';
import type { OrderRow } from './fill-order.ts';

/** What a deal shows of its seats. */
export interface OrderNumbers {
  readonly used: number;
  /** Not in use yet, those that were handed out included. */
  readonly free: number;
  /** By the platform; where it did not say when, the moment at which Dealseat heard of it. */
  readonly lastRedemption: Date | null;
}

export async function findOrder(db: StoreReader, deal: DealRef): Promise<OrderRow | null> {
  const order = await db
    .selectFrom('orders')
    .selectAll()
    .where('crm', '=', deal.crm)
    .where('account', '=', deal.account)
    .where('deal_id', '=', deal.dealId)
    .executeTakeFirst();
  return order ?? null;
}

export async function readOrderNumbers(db: StoreReader, orderId: number): Promise<OrderNumbers> {
  const states = await db
    .selectFrom('seats')
    .select(({ fn }) => ['state', fn.countAll<string>().as('count')])
    .where('order_id', '=', orderId)
    .groupBy('state')
    .execute();
  const counts = countSeats(states.map(({ state, count }) => [state, Number(count)] as const));
  const { last } = await db
    .selectFrom('redemptions')
    .innerJoin('seats', 'seats.id', 'redemptions.seat_id')
    .select(({ fn }) =>
      fn.max(fn.coalesce('redemptions.redeemed_at', 'seats.redeemed_at', 'redemptions.heard_at')).as('last'),
    )
    .where('seats.order_id', '=', orderId)
    .executeTakeFirstOrThrow();
  return { used: counts.used, free: counts.sold - counts.used, lastRedemption: last };
}

/** Delivered orders whose seats have changed since their deal showed them, longest waiting first. */
export async function findOrdersToShow(
  db: StoreReader,
  { shownBefore, limit }: { readonly shownBefore: Date; readonly limit: number },
): Promise<readonly OrderRow[]> {
  return await db
    .selectFrom('orders')
    .selectAll()
    .whereRef('seats_version', '<>', 'shown_version')
    .where((order) => order.or([order('shown_at', 'is', null), order('shown_at', '<', shownBefore)]))
    .where('delivered_at', 'is not', null)
    .where('merged_into', 'is', null)
    .orderBy('shown_at', (order) => order.asc().nullsFirst())
    .orderBy('id')
    .limit(limit)
    .execute();
}

/** A delivery itself writes these numbers, so an order that was never shown has them on its deal. */
export function isShown(order: OrderRow, { used, free, lastRedemption }: OrderNumbers): boolean {
  if (order.shown_used === null) return used === 0 && lastRedemption === null;
  return (
    order.shown_used === used &&
    order.shown_free === free &&
    order.shown_last_redemption?.getTime() === lastRedemption?.getTime()
  );
}

/** What the deal shows now. `seats_version` is that of the row from before the numbers were read. */
export async function noteShown(
  db: StoreReader,
  { id, seats_version }: Pick<OrderRow, 'id' | 'seats_version'>,
  { numbers, at }: { readonly numbers: OrderNumbers; readonly at: Date | null },
): Promise<void> {
  await db
    .updateTable('orders')
    .set({
      shown_version: seats_version,
      shown_used: numbers.used,
      shown_free: numbers.free,
      shown_last_redemption: numbers.lastRedemption,
      shown_at: at,
    })
    .where('id', '=', id)
    .execute();
}

/** The deal does not show them: it is tried again when its seats change once more. */
export async function noteNotShown(
  db: StoreReader,
  { id, seats_version }: Pick<OrderRow, 'id' | 'seats_version'>,
  at: Date,
): Promise<void> {
  await db
    .updateTable('orders')
    .set({ shown_version: seats_version, shown_at: at })
    .where('id', '=', id)
    .execute();
}

/** UTC instants of the CRM. */
export interface OwnChange {
  readonly before: string;
  readonly by: string;
}

/** That of the deal's changes from `before` to `by`, none but Dealseat's own made it differ. */
export async function noteOwnChange(
  db: StoreReader,
  order: OrderRow,
  { before, by }: OwnChange,
): Promise<void> {
  const isNext = order.changed_by_showing?.getTime() === Date.parse(before);
  await db
    .updateTable('orders')
    .set({
      changed_by_showing: by,
      // One after the other is one change.
      ...(isNext ? {} : { changed_before_showing: before }),
    })
    .where('id', '=', order.id)
    .execute();
}

/** Of those deals of an account whose last change was Dealseat's own: when people had changed them last. */
export async function changesOfPeople(
  db: StoreReader,
  {
    crm,
    account,
    deals,
  }: Omit<DealRef, 'dealId'> & {
    readonly deals: readonly { readonly dealId: string; readonly changedAt: string }[];
  },
): Promise<ReadonlyMap<string, string>> {
  if (deals.length === 0) return new Map();
  const orders = await db
    .selectFrom('orders')
    .select(['deal_id', 'changed_before_showing', 'changed_by_showing'])
    .where('crm', '=', crm)
    .where('account', '=', account)
    .where(
      'deal_id',
      'in',
      deals.map(({ dealId }) => dealId),
    )
    .execute();
  const changedAt = new Map(deals.map((deal) => [deal.dealId, Date.parse(deal.changedAt)]));
  return new Map(
    orders.flatMap(({ deal_id, changed_before_showing: before, changed_by_showing: by }) =>
      before !== null && by?.getTime() === changedAt.get(deal_id)
        ? [[deal_id, before.toISOString()] as const]
        : [],
    ),
  );
}
