import { type NudgePolicy, type NudgeStanding, nudgeStandings } from '../domain/seats/nudge-standing.ts';
import type { StoreReader } from './change-seat.ts';
import type { OrderRow } from './fill-order.ts';
import { nudgesOf } from './nudges.ts';
import { readUsage } from './seat-usage.ts';

/** Where the nudges of a deal stand; none of one that was merged, because the surviving deal has them. */
export async function readNudgeStandings(
  db: StoreReader,
  order: Pick<OrderRow, 'id' | 'crm' | 'delivered_at' | 'merged_into'>,
  { policy, now }: { readonly policy: NudgePolicy | null; readonly now: number },
): Promise<NudgeStanding[]> {
  if (order.delivered_at === null || order.merged_into !== null) return [];
  return nudgeStandings({
    rules: policy?.rules ?? null,
    tool: policy?.tools[order.crm] ?? null,
    records: await nudgesOf(db, order.id),
    usage: await readUsage(db, order),
    now,
  });
}
