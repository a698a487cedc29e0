import type { Kysely } from 'kysely';
import type { NudgeRecord } from '../domain/seats/nudge-record.ts';
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
 * sends it. Of several that are due together, each reader gets the one of the latest day; who was reminded on the day of a
 * nudge or later is not reminded by it. So a rule that was changed repeats nothing.
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
    const known = await nudgesOf(trx, orderId);
    const due = dueNudges(rules, usage, hold.at.getTime());
    const nudges = eachReaderOnce(
      due.filter(({ key }) => known.every(({ rule }) => rule !== key)),
      known,
    );
    for (const nudge of nudges) await insertNudge(trx, orderId, { nudge, hold });
    return nudges.filter(({ rule }) => rule.to.length > 0);
  });
}

/** A nudge whose readers all get another one is left without readers. */
function eachReaderOnce(due: readonly DueNudge[], known: readonly NudgeRecord[]): DueNudge[] {
  const reached = new Set<NudgeReader>();
  return due.map((nudge) => {
    const to = nudge.rule.to.filter(
      (reader) => !reached.has(reader) && known.every((record) => !hasReached(record, reader, nudge.dueAt)),
    );
    for (const reader of to) reached.add(reader);
    return { ...nudge, rule: { ...nudge.rule, to } };
  });
}

/** What may be out counts: a reader who gets nothing is better than one who gets it twice. */
function hasReached(record: NudgeRecord, reader: NudgeReader, since: number): boolean {
  if ((record.settledAt ?? record.claimedAt) < since) return false;
  if (record.state === 'claimed') return reader === 'buyer' ? record.toBuyer : record.toOwner;
  return reader === 'buyer' ? record.mail === 'sent' || record.mail === 'in_doubt' : record.task !== null;
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
      to_buyer: rule.to.includes('buyer'),
      to_owner: rule.to.includes('owner'),
      ...(isLeft
        ? { state: 'claimed' as const, held_until: hold.heldUntil }
        : { state: 'skipped' as const, settled_at: hold.at, stopped: 'reminded' as const }),
    })
    .execute();
}
