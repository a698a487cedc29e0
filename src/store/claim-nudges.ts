import type { Kysely } from 'kysely';
import { type DueNudge, dueNudges, type NudgeReader, type NudgeRule } from '../domain/seats/nudges.ts';
import type { StoreTransaction } from './change-seat.ts';
import type { Hold } from './claimed-nudge.ts';
import { nudgesOf } from './nudges.ts';
import type { StoreSchema } from './schema.ts';
import { readUsage } from './seat-usage.ts';
import { inTransaction } from './transaction.ts';

interface ClaimOptions extends Hold {
  readonly rules: readonly NudgeRule[];
}

/**
 * Claims what is due for an order, in one transaction with the look at its seats: what is claimed goes out, and nobody else
 * sends it. Of several that are due together, each reader gets the one of the latest day; the others are skipped.
 */
export async function claimNudges(
  db: Kysely<StoreSchema>,
  orderId: number,
  { rules, ...hold }: ClaimOptions,
): Promise<DueNudge[]> {
  return await inTransaction(db, async (trx) => {
    const order = await trx
      .selectFrom('orders')
      .selectAll()
      .where('id', '=', orderId)
      .forUpdate()
      .executeTakeFirstOrThrow();
    if (order.merged_into !== null || order.delivered_at === null) return [];
    const usage = await readUsage(trx, order);
    const known = new Set((await nudgesOf(trx, orderId)).map(({ rule }) => rule));
    const due = dueNudges(rules, usage, hold.at.getTime()).filter(({ key }) => !known.has(key));
    const nudges = eachReaderOnce(due);
    for (const nudge of nudges) await insertNudge(trx, orderId, { nudge, hold });
    return nudges.filter(({ rule }) => rule.to.length > 0);
  });
}

/** A nudge whose readers all get another one is left without readers. */
function eachReaderOnce(due: readonly DueNudge[]): DueNudge[] {
  const reached = new Set<NudgeReader>();
  return due.map((nudge) => {
    const to = nudge.rule.to.filter((reader) => !reached.has(reader));
    for (const reader of to) reached.add(reader);
    return { ...nudge, rule: { ...nudge.rule, to } };
  });
}

async function insertNudge(
  trx: StoreTransaction,
  orderId: number,
  { nudge: { rule, key, dueAt }, hold }: { readonly nudge: DueNudge; readonly hold: Hold },
): Promise<void> {
  const isLeft = rule.to.length > 0;
  await trx
    .insertInto('nudges')
    .values({
      order_id: orderId,
      rule: key,
      due_at: new Date(dueAt),
      at: hold.at,
      ...(isLeft
        ? { state: 'claimed' as const, held_until: hold.heldUntil }
        : { state: 'skipped' as const, outcome: 'Another nudge went out on the same day' }),
    })
    .execute();
}
