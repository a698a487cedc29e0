import { type Kysely, type Selectable, sql } from 'kysely';
import type { OrderRow } from './fill-order.ts';
import type { CodeGroupsTable, StoreSchema } from './schema.ts';

type Db = Kysely<StoreSchema>;

const POSITION = 'audit';

/** Keys of findings by audits begin with it. */
export const AUDIT_KEY = 'audit:';

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

export interface AuditedSeats {
  /** Live ones, by product. */
  readonly live: ReadonlyMap<string, number>;
  /** Live ones that are not free. */
  readonly withPeople: number;
}

export async function seatsOfOrder(db: Db, orderId: number): Promise<AuditedSeats> {
  const rows = await db
    .selectFrom('seats')
    .select(['product_key', 'state', ({ fn }) => fn.countAll<number>().as('count')])
    .where('order_id', '=', orderId)
    .where('state', '<>', 'ended')
    .groupBy(['product_key', 'state'])
    .execute();
  const live = new Map<string, number>();
  let withPeople = 0;
  for (const { product_key: key, state, count } of rows) {
    live.set(key, (live.get(key) ?? 0) + count);
    if (state !== 'free') withPeople += count;
  }
  return { live, withPeople };
}

export interface AuditedGroup extends Selectable<CodeGroupsTable> {
  /** Redemptions that the store knows of. */
  readonly redeemed: number;
  /** Codes that were not retired. */
  readonly inUse: number;
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
  const inUse = await db
    .selectFrom('codes')
    .innerJoin('code_groups', 'code_groups.id', 'codes.group_id')
    .select(['group_id', ({ fn }) => fn.countAll<number>().as('count')])
    .where('order_id', '=', orderId)
    .where('codes.state', '<>', 'retired')
    .groupBy('group_id')
    .execute();
  const redeemedOf = new Map(redeemed.map(({ group_id: id, count }) => [id, count]));
  const inUseOf = new Map(inUse.map(({ group_id: id, count }) => [id, count]));
  return groups.map((group) => ({
    ...group,
    redeemed: redeemedOf.get(group.id) ?? 0,
    inUse: inUseOf.get(group.id) ?? 0,
  }));
}

interface Others {
  readonly orderId: number;
  /** What was found. */
  readonly keys: readonly string[];
  /** Beginnings of keys that were not looked at; each ends with a colon. */
  readonly left: readonly string[];
  readonly at: Date;
}

/**
 * Findings of the order by an audit that were looked for and not found are over, also those of a deal that was merged into
 * it.
 */
export async function resolveOthers(db: Db, { orderId, keys, left, at }: Others): Promise<void> {
  let query = db
    .updateTable('findings')
    .set({ resolved_at: at })
    .where('order_id', '=', orderId)
    .where('resolved_at', 'is', null)
    .where(sql<boolean>`starts_with(key, ${AUDIT_KEY})`);
  if (keys.length > 0) query = query.where('key', 'not in', [...keys]);
  for (const beginning of left) query = query.where(sql<boolean>`not starts_with(key || ':', ${beginning})`);
  await query.execute();
}
