import { type Kysely, type Selectable, sql } from 'kysely';
import type { OrderRow } from './fill-order.ts';
import type { CodeGroupsTable, StoreSchema } from './schema.ts';

type Db = Kysely<StoreSchema>;

const POSITION = 'audit';

/** The next orders to be audited, from where the last look ended; empty: all were, and the next look begins anew. */
export async function nextOrders(db: Db, limit: number): Promise<OrderRow[]> {
  const position = await db
    .selectFrom('sync_positions')
    .select('state')
    .where('name', '=', POSITION)
    .executeTakeFirst();
  const after = Number((position?.state as { after?: number } | undefined)?.after ?? 0);
  return await db
    .selectFrom('orders')
    .selectAll()
    .where('merged_into', 'is', null)
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
    .execute();
}

/** `after`: the last order that was audited; 0: the next look begins with the first one. */
export async function noteAudited(db: Db, after: number, at: Date): Promise<void> {
  const state = JSON.stringify({ after });
  await db
    .insertInto('sync_positions')
    .values({ name: POSITION, state, updated_at: at })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ state, updated_at: at }))
    .execute();
}

/** Live seats of an order, by product. */
export async function liveSeats(db: Db, orderId: number): Promise<ReadonlyMap<string, number>> {
  const rows = await db
    .selectFrom('seats')
    .select(['product_key', ({ fn }) => fn.countAll<number>().as('count')])
    .where('order_id', '=', orderId)
    .where('state', '<>', 'ended')
    .groupBy('product_key')
    .execute();
  return new Map(rows.map(({ product_key: key, count }) => [key, count]));
}

export interface AuditedGroup extends Selectable<CodeGroupsTable> {
  /** Redemptions that the store knows of. */
  readonly redeemed: number;
}

export async function groupsOfOrder(db: Db, orderId: number): Promise<AuditedGroup[]> {
  const groups = await db
    .selectFrom('code_groups')
    .selectAll()
    .where('order_id', '=', orderId)
    .orderBy('id')
    .execute();
  const redeemed = await db
    .selectFrom('codes')
    .innerJoin('code_groups', 'code_groups.id', 'codes.group_id')
    .select(['group_id', ({ fn }) => fn.countAll<number>().as('count')])
    .where('order_id', '=', orderId)
    .where((where) =>
      where.or([
        where('codes.redeemed_at', 'is not', null),
        where('codes.state', '=', 'redeemed'),
        // Of a code that was retired, when the platform did not say when it was redeemed.
        where.exists(
          where
            .selectFrom('redemptions')
            .select('redemptions.code_mac')
            .whereRef('redemptions.code_mac', '=', 'codes.code_mac'),
        ),
      ]),
    )
    .groupBy('group_id')
    .execute();
  const counts = new Map(redeemed.map(({ group_id: id, count }) => [id, count]));
  return groups.map((group) => ({ ...group, redeemed: counts.get(group.id) ?? 0 }));
}

/** Findings of the order by an audit that were not found this time are over. */
export async function resolveOthers(
  db: Db,
  { orderId, prefix, keys, at }: { orderId: number; prefix: string; keys: readonly string[]; at: Date },
): Promise<void> {
  let query = db
    .updateTable('findings')
    .set({ resolved_at: at })
    .where('order_id', '=', orderId)
    .where('resolved_at', 'is', null)
    .where(sql<boolean>`starts_with(key, ${prefix})`);
  if (keys.length > 0) query = query.where('key', 'not in', [...keys]);
  await query.execute();
}
