import type { Selectable } from 'kysely';
import type { SeatUsage } from '../domain/seats/nudges.ts';
import { USE_OF } from '../domain/seats/seat-state.ts';
import type { StoreReader } from './change-seat.ts';
import type { OrderRow } from './fill-order.ts';
import type { CodeGroupsTable } from './schema.ts';

type GroupRow = Selectable<CodeGroupsTable>;

/** Seats of one product whose codes are of one group, and on what terms they were given. */
interface UsageLine {
  readonly productKey: string;
  readonly group: GroupRow | null;
  readonly sold: number;
  readonly used: number;
}

export interface OrderUsage extends SeatUsage {
  readonly lines: readonly UsageLine[];
}

/** How many live seats of an order are in use, and until when the others can be used. */
export async function readUsage(
  db: StoreReader,
  order: Pick<OrderRow, 'id' | 'delivered_at'>,
): Promise<OrderUsage> {
  const lines = await readLines(db, order.id);
  return {
    deliveredAt: order.delivered_at?.getTime() ?? 0,
    sold: lines.reduce((sum, { sold }) => sum + sold, 0),
    used: lines.reduce((sum, { used }) => sum + used, 0),
    unusedEnds: lines.filter(({ sold, used }) => sold > used).map(({ group }) => endOf(group)),
    lines,
  };
}

async function readLines(db: StoreReader, orderId: number): Promise<UsageLine[]> {
  const groups = await db
    .selectFrom('code_groups')
    .selectAll()
    .where('order_id', '=', orderId)
    .orderBy('id')
    .execute();
  const lines = new Map<string, UsageLine>();
  for (const { product_key: productKey, state, group_id, count } of await countSeatsOf(db, orderId)) {
    const group =
      groups.find(({ id }) => id === group_id) ??
      groups.find(({ product_key }) => product_key === productKey) ??
      null;
    const key = JSON.stringify([productKey, group?.id]);
    const before = lines.get(key) ?? { sold: 0, used: 0 };
    const sold = before.sold + Number(count);
    const used = before.used + (USE_OF[state] === 'used' ? Number(count) : 0);
    lines.set(key, { productKey, group, sold, used });
  }
  return [...lines.values()];
}

/** The live seats, by product, state and group of their codes. */
async function countSeatsOf(db: StoreReader, orderId: number) {
  return await db
    .selectFrom('seats')
    .leftJoin('codes', 'codes.id', 'seats.code_id')
    .select(['seats.product_key', 'seats.state', 'codes.group_id'])
    .select(({ fn }) => fn.countAll<string>().as('count'))
    .where('seats.order_id', '=', orderId)
    .where('seats.state', '<>', 'ended')
    .groupBy(['seats.product_key', 'seats.state', 'codes.group_id'])
    .orderBy('seats.product_key')
    .execute();
}

/** When unused seats of the group are worth nothing any more, by their codes or by the access that they give. */
function endOf(group: GroupRow | null): number | null {
  const ends = [group?.codes_expire_at, group?.access_until].flatMap((end) => end?.getTime() ?? []);
  return ends.length === 0 ? null : Math.min(...ends);
}
