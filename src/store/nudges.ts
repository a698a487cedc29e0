import { type Kysely, type Selectable, sql } from 'kysely';
import { type DueNudge, dueNudges, type NudgeRule, type SeatUsage } from '../domain/seats/nudges.ts';
import { USE_OF } from '../domain/seats/seat-state.ts';
import type { StoreReader } from './change-seat.ts';
import type { OrderRow } from './fill-order.ts';
import type { CodeGroupsTable, NudgesTable, StoreSchema } from './schema.ts';
import { inTransaction } from './transaction.ts';

type Db = Kysely<StoreSchema>;

export type NudgeRow = Selectable<NudgesTable>;

/** Seats of one product whose codes are of one group, and on what terms they were given. */
export interface UsageLine {
  readonly productKey: string;
  readonly group: Selectable<CodeGroupsTable> | null;
  readonly sold: number;
  readonly used: number;
}

export interface OrderUsage extends SeatUsage {
  readonly lines: readonly UsageLine[];
}

interface OrderSearch {
  /** Id of the last order that was looked at. */
  readonly after: number;
  /** Milliseconds since the epoch; null: however long ago. */
  readonly deliveredSince: number | null;
  readonly limit: number;
}

/** The next delivered orders with seats that are not in use, or with a nudge that may be half sent, by id. */
export async function ordersToNudge(
  db: Db,
  { after, deliveredSince, limit }: OrderSearch,
): Promise<OrderRow[]> {
  const since = deliveredSince === null ? null : new Date(deliveredSince);
  const unused = Object.entries(USE_OF).flatMap(([state, use]) =>
    use === 'free' || use === 'reserved' ? [state as keyof typeof USE_OF] : [],
  );
  return await db
    .selectFrom('orders')
    .selectAll()
    .where('merged_into', 'is', null)
    .where('delivered_at', 'is not', null)
    .where('id', '>', after)
    .where(({ and, or, eb, exists, selectFrom, lit }) =>
      or([
        and([
          since === null ? lit(true) : eb('delivered_at', '>=', since),
          exists(
            selectFrom('seats')
              .select(sql`1`.as('one'))
              .whereRef('seats.order_id', '=', 'orders.id')
              .where('seats.state', 'in', unused),
          ),
        ]),
        exists(
          selectFrom('nudges')
            .select(sql`1`.as('one'))
            .whereRef('nudges.order_id', '=', 'orders.id')
            .where('nudges.state', '=', 'claimed'),
        ),
      ]),
    )
    .orderBy('id')
    .limit(limit)
    .execute();
}

export async function nudgesOf(db: StoreReader, orderId: number): Promise<NudgeRow[]> {
  return await db
    .selectFrom('nudges')
    .selectAll()
    .where('order_id', '=', orderId)
    .orderBy('due_at')
    .execute();
}

/** How many live seats of an order are in use, and until when the others can be used. */
export async function readUsage(
  db: StoreReader,
  order: Pick<OrderRow, 'id' | 'delivered_at'>,
): Promise<OrderUsage> {
  const groups = await db
    .selectFrom('code_groups')
    .selectAll()
    .where('order_id', '=', order.id)
    .orderBy('id')
    .execute();
  const rows = await db
    .selectFrom('seats')
    .leftJoin('codes', 'codes.id', 'seats.code_id')
    .select(['seats.product_key', 'seats.state', 'codes.group_id'])
    .select(({ fn }) => fn.countAll<string>().as('count'))
    .where('seats.order_id', '=', order.id)
    .where('seats.state', '<>', 'ended')
    .groupBy(['seats.product_key', 'seats.state', 'codes.group_id'])
    .orderBy('seats.product_key')
    .execute();
  const lines = new Map<string, UsageLine>();
  for (const { product_key: productKey, state, group_id: groupId, count } of rows) {
    const group =
      groups.find(({ id }) => id === groupId) ??
      groups.find(({ product_key }) => product_key === productKey) ??
      null;
    const key = JSON.stringify([productKey, group?.id]);
    const before = lines.get(key);
    const used = USE_OF[state] === 'used' ? Number(count) : 0;
    lines.set(key, {
      productKey,
      group,
      sold: (before?.sold ?? 0) + Number(count),
      used: (before?.used ?? 0) + used,
    });
  }
  const all = [...lines.values()];
  return {
    deliveredAt: order.delivered_at?.getTime() ?? 0,
    sold: all.reduce((sum, { sold }) => sum + sold, 0),
    used: all.reduce((sum, { used }) => sum + used, 0),
    unusedEnds: all.filter(({ sold, used }) => sold > used).map(({ group }) => endOf(group)),
    lines: all,
  };
}

/** When unused seats of the group are worth nothing any more, by their codes or by the access that they give. */
function endOf(group: Selectable<CodeGroupsTable> | null): number | null {
  const ends = [group?.codes_expire_at, group?.access_until].flatMap((end) => end?.getTime() ?? []);
  return ends.length === 0 ? null : Math.min(...ends);
}

/**
 * Claims what is due for an order, in one transaction with the look at its seats: what is claimed goes out, and nobody else
 * sends it. Of several that are due together, each reader gets the one of the latest day; the others are skipped.
 */
export async function claimNudges(
  db: Db,
  orderId: number,
  { rules, at }: { readonly rules: readonly NudgeRule[]; readonly at: Date },
): Promise<{ readonly nudges: readonly DueNudge[]; readonly usage: OrderUsage }> {
  return await inTransaction(db, async (trx) => {
    const order = await trx
      .selectFrom('orders')
      .selectAll()
      .where('id', '=', orderId)
      .forUpdate()
      .executeTakeFirstOrThrow();
    const usage = await readUsage(trx, order);
    if (order.merged_into !== null || order.delivered_at === null) return { nudges: [], usage };
    const known = new Set((await nudgesOf(trx, orderId)).map(({ rule }) => rule));
    const due = dueNudges(rules, usage, at.getTime()).filter(({ key }) => !known.has(key));
    const reached = new Set<string>();
    const nudges: DueNudge[] = [];
    for (const { rule, key, dueAt } of due) {
      const to = rule.to.filter((reader) => !reached.has(reader));
      const isLeft = to.length > 0;
      await trx
        .insertInto('nudges')
        .values({
          order_id: orderId,
          rule: key,
          due_at: new Date(dueAt),
          at,
          ...(isLeft
            ? { state: 'claimed' as const }
            : { state: 'skipped' as const, outcome: 'Another nudge went out on the same day' }),
        })
        .execute();
      for (const reader of to) reached.add(reader);
      if (isLeft) nudges.push({ rule: { ...rule, to }, key, dueAt });
    }
    return { nudges, usage };
  });
}

/** What came of a nudge that was claimed. */
export async function settleNudge(
  db: StoreReader,
  { orderId, rule }: { readonly orderId: number; readonly rule: string },
  { state, outcome }: { readonly state: 'sent' | 'skipped'; readonly outcome: string },
): Promise<void> {
  await db
    .updateTable('nudges')
    .set({ state, outcome })
    .where('order_id', '=', orderId)
    .where('rule', '=', rule)
    .where('state', '=', 'claimed')
    .execute();
}
