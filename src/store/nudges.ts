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

/** The next delivered orders with seats that are not in use, a nudge that may be half sent, or an open task, by id. */
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
            .where((nudge) =>
              nudge.or([nudge('nudges.state', '=', 'claimed'), nudge('nudges.task', '=', 'open')]),
            ),
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

/** Which worker may send a nudge: the one that wrote `heldUntil`. */
interface Hold {
  readonly at: Date;
  readonly heldUntil: Date;
}

interface NudgeId {
  readonly orderId: number;
  readonly rule: string;
}

/** Takes over a nudge that was claimed and not settled. False: it is settled, merged away, or another worker's. */
export async function takeNudge(
  db: StoreReader,
  { orderId, rule }: NudgeId,
  { at, heldUntil }: Hold,
): Promise<boolean> {
  const taken = await db
    .updateTable('nudges')
    .set({ held_until: heldUntil })
    .where('order_id', '=', orderId)
    .where('rule', '=', rule)
    .where('state', '=', 'claimed')
    .where(({ or, eb }) => or([eb('held_until', 'is', null), eb('held_until', '<=', at)]))
    .returning('rule')
    .execute();
  return taken.length > 0;
}

/** A try that ended without an answer lets go, so that the next one need not wait until the claim is too old. */
export async function releaseNudge(
  db: StoreReader,
  { orderId, rule }: NudgeId,
  heldUntil: Date,
): Promise<void> {
  await db
    .updateTable('nudges')
    .set({ held_until: null })
    .where('order_id', '=', orderId)
    .where('rule', '=', rule)
    .where('held_until', '=', heldUntil)
    .execute();
}

/** The seats as they are right before a nudge goes out; null: it is not this worker's, or its deal was merged. */
export async function lookBeforeNudge(
  db: StoreReader,
  { orderId, rule }: NudgeId,
  heldUntil: Date,
): Promise<OrderUsage | null> {
  const order = await db
    .selectFrom('orders')
    .innerJoin('nudges', 'nudges.order_id', 'orders.id')
    .select(['orders.id', 'orders.delivered_at'])
    .where('orders.id', '=', orderId)
    .where('orders.merged_into', 'is', null)
    .where('orders.delivered_at', 'is not', null)
    .where('nudges.rule', '=', rule)
    .where('nudges.state', '=', 'claimed')
    .where('nudges.held_until', '=', heldUntil)
    .executeTakeFirst();
  return order === undefined ? null : await readUsage(db, order);
}

/** All open tasks of an order, or all but one, are over. */
export async function noteTasksClosed(db: StoreReader, orderId: number, except?: string): Promise<void> {
  let query = db
    .updateTable('nudges')
    .set({ task: 'closed' })
    .where('order_id', '=', orderId)
    .where('task', '=', 'open');
  if (except !== undefined) query = query.where('rule', '<>', except);
  await query.execute();
}

/**
 * What merged deals were reminded of, the surviving one was. A nudge that is being sent meanwhile is settled as one that may
 * be out: under the name of the surviving deal it would be looked for in vain, and sent again.
 */
export async function mergeNudges(
  trx: StoreReader,
  { from, into }: { readonly from: number; readonly into: number },
): Promise<void> {
  await trx
    .updateTable('nudges')
    .set({
      state: 'skipped',
      held_until: null,
      outcome: 'The deal was merged while this was sent; it may have gone out, and is not sent again',
    })
    .where('order_id', '=', from)
    .where('state', '=', 'claimed')
    .execute();
  const known = new Set((await nudgesOf(trx, into)).map(({ rule }) => rule));
  for (const { rule, task } of await nudgesOf(trx, from)) {
    if (!known.has(rule)) {
      await trx
        .updateTable('nudges')
        .set({ order_id: into })
        .where('order_id', '=', from)
        .where('rule', '=', rule)
        .execute();
    } else if (task === 'open') {
      // The CRM moves the tasks of a merged deal, so both are on the surviving one now.
      await trx
        .updateTable('nudges')
        .set({ task })
        .where('order_id', '=', into)
        .where('rule', '=', rule)
        .execute();
    }
  }
}

/**
 * Claims what is due for an order, in one transaction with the look at its seats: what is claimed goes out, and nobody else
 * sends it. Of several that are due together, each reader gets the one of the latest day; the others are skipped.
 */
export async function claimNudges(
  db: Db,
  orderId: number,
  { rules, at, heldUntil }: Hold & { readonly rules: readonly NudgeRule[] },
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
            ? { state: 'claimed' as const, held_until: heldUntil }
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
  { orderId, rule }: NudgeId,
  {
    state,
    outcome,
    task = null,
  }: {
    readonly state: 'sent' | 'skipped';
    readonly outcome: string;
    /** `open`: the owner got a task of it. */
    readonly task?: 'open' | null;
  },
): Promise<void> {
  await db
    .updateTable('nudges')
    .set({ state, outcome, task, held_until: null })
    .where('order_id', '=', orderId)
    .where('rule', '=', rule)
    .where('state', '=', 'claimed')
    .execute();
}
