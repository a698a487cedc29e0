import { type Kysely, type Selectable, sql } from 'kysely';
import type { NudgeRecord } from '../domain/seats/nudge-record.ts';
import { USE_OF } from '../domain/seats/seat-state.ts';
import type { StoreReader } from './change-seat.ts';
import type { OrderRow } from './fill-order.ts';
import type { NudgesTable, StoreSchema } from './schema.ts';

type NudgeRow = Selectable<NudgesTable>;

interface OrderSearch {
  /** Id of the last order that was looked at. */
  readonly after: number;
  /** Milliseconds since the epoch; null: however long ago. */
  readonly deliveredSince: number | null;
  readonly limit: number;
}

/** The next delivered orders with seats that are not in use, a nudge that may be half sent, or an open task, by id. */
export async function ordersToNudge(
  db: Kysely<StoreSchema>,
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

export async function nudgesOf(db: StoreReader, orderId: number): Promise<NudgeRecord[]> {
  const rows = await db
    .selectFrom('nudges')
    .selectAll()
    .where('order_id', '=', orderId)
    .orderBy('due_at')
    .execute();
  return rows.map(toRecord);
}

function toRecord({ due_at, at, held_until, settled_at, to_buyer, to_owner, ...row }: NudgeRow): NudgeRecord {
  const { order_id: _, ...same } = row;
  return {
    ...same,
    toBuyer: to_buyer,
    toOwner: to_owner,
    dueAt: due_at.getTime(),
    claimedAt: at.getTime(),
    heldUntil: held_until?.getTime() ?? null,
    settledAt: settled_at?.getTime() ?? null,
  };
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
