import type { StoreReader } from './change-seat.ts';
import type { OrderRow } from './fill-order.ts';
import { type FindingRow, mayBeNotified } from './findings.ts';
import { LATE_REDEMPTION } from './late-redemptions.ts';
import { ACCESS_LEFT } from './note-access-left.ts';

/** A person has decided that the learner keeps the access, and the owner still has the task that asked for that. */
export interface KeptFinding {
  readonly finding: FindingRow;
  readonly order: OrderRow;
  /** Others of the order are in the same task, and nobody has decided about them. */
  readonly hasOthers: boolean;
}

/** Oldest first. */
export async function keptFindings(
  db: StoreReader,
  { limit, at }: { readonly limit: number; readonly at: Date },
): Promise<readonly KeptFinding[]> {
  const findings = await db
    .selectFrom('findings')
    .selectAll()
    .where('kind', 'in', [LATE_REDEMPTION, ACCESS_LEFT])
    .where('decision', '=', 'keep')
    .where('notified_at', 'is not', null)
    .where(mayBeNotified(at))
    .orderBy('id')
    .limit(limit)
    .execute();
  const kept: KeptFinding[] = [];
  for (const finding of findings) {
    const order = await db
      .selectFrom('orders')
      .selectAll()
      .where('id', '=', finding.order_id)
      .executeTakeFirstOrThrow();
    const other = await db
      .selectFrom('findings')
      .select('id')
      .where('order_id', '=', order.id)
      .where('kind', '=', finding.kind)
      .where('resolved_at', 'is', null)
      .limit(1)
      .executeTakeFirst();
    kept.push({ finding, order, hasOthers: finding.kind === ACCESS_LEFT && other !== undefined });
  }
  return kept;
}

/** Its owner has no task of it any more. */
export async function noteTaskClosed(db: StoreReader, { id }: Pick<FindingRow, 'id'>): Promise<void> {
  await db.updateTable('findings').set({ notified_at: null }).where('id', '=', id).execute();
}
