import type { Selectable } from 'kysely';
import type { DealRef } from '../domain/deal/deal.ts';
import { countSeats, type SeatCounts, type SeatState } from '../domain/seats/seat-state.ts';
import type { StoreReader } from './change-seat.ts';
import { findOrder } from './order-numbers.ts';
import type { OrdersTable } from './schema.ts';

/** An order with the counts of its seats. */
export interface ReadOrder {
  readonly order: Selectable<OrdersTable>;
  readonly mergedInto: DealRef | null;
  readonly products: readonly ProductCounts[];
}

interface ProductCounts {
  readonly key: string;
  readonly title: string;
  readonly counts: SeatCounts;
}

/** Null: the store knows no such deal. */
export async function readOrder(db: StoreReader, deal: DealRef): Promise<ReadOrder | null> {
  const found = await findOrder(db, deal);
  if (found === null) return null;
  const [order] = await withCounts(db, [found]);
  return order ?? null;
}

interface OrderSearch {
  readonly limit: number;
  /** The id of the last order of the page before. */
  readonly before?: number;
}

/** The orders whose code group has this very label, newest first. */
export async function readOrdersByLabel(
  db: StoreReader,
  label: string,
  { limit, before }: OrderSearch,
): Promise<ReadOrder[]> {
  let query = db
    .selectFrom('orders')
    .selectAll()
    .where('id', 'in', (sub) => sub.selectFrom('code_groups').select('order_id').where('label', '=', label));
  if (before !== undefined) query = query.where('id', '<', before);
  return withCounts(db, await query.orderBy('id', 'desc').limit(limit).execute());
}

/** The orders with this text in the name of the company or of the deal, in any letter case, newest first. */
export async function readOrdersByName(
  db: StoreReader,
  part: string,
  { limit, before }: OrderSearch,
): Promise<ReadOrder[]> {
  const pattern = `%${part.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`;
  let query = db
    .selectFrom('orders')
    .selectAll()
    .where((where) =>
      where.or([
        where(where.fn<string>('lower', ['company_name']), 'like', pattern),
        where(where.fn<string>('lower', ['deal_name']), 'like', pattern),
      ]),
    );
  if (before !== undefined) query = query.where('id', '<', before);
  return withCounts(db, await query.orderBy('id', 'desc').limit(limit).execute());
}

async function withCounts(db: StoreReader, orders: readonly Selectable<OrdersTable>[]): Promise<ReadOrder[]> {
  if (orders.length === 0) return [];
  const ids = orders.map(({ id }) => id);
  const [states, titles, survivors] = await Promise.all([
    db
      .selectFrom('seats')
      .select((query) => ['order_id', 'product_key', 'state', query.fn.countAll<number>().as('count')])
      .where('order_id', 'in', ids)
      .groupBy(['order_id', 'product_key', 'state'])
      .execute(),
    db
      .selectFrom('code_groups')
      .select(['order_id', 'product_key', 'title'])
      .where('order_id', 'in', ids)
      .orderBy('id')
      .execute(),
    readSurvivors(db, orders),
  ]);
  return orders.map((order) => {
    const ofOrder = states.filter(({ order_id }) => order_id === order.id);
    const keys = [...new Set(ofOrder.map(({ product_key }) => product_key))].sort();
    const products = keys.map((key) => ({
      key,
      title:
        titles.find(({ order_id, product_key }) => order_id === order.id && product_key === key)?.title ??
        key,
      counts: countSeats(
        ofOrder
          .filter(({ product_key }) => product_key === key)
          .map(({ state, count }): [SeatState, number] => [state, Number(count)]),
      ),
    }));
    const mergedInto = order.merged_into === null ? undefined : survivors.get(order.merged_into);
    return { order, mergedInto: mergedInto ?? null, products };
  });
}

async function readSurvivors(
  db: StoreReader,
  orders: readonly Selectable<OrdersTable>[],
): Promise<ReadonlyMap<number, DealRef>> {
  const ids = orders.flatMap(({ merged_into }) => merged_into ?? []);
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom('orders')
    .select(['id', 'crm', 'account', 'deal_id'])
    .where('id', 'in', ids)
    .execute();
  return new Map(rows.map(({ id, crm, account, deal_id }) => [id, { crm, account, dealId: deal_id }]));
}
