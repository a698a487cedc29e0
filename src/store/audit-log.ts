import type { Actor } from '../domain/seats/seat-state.ts';
import type { StoreTransaction } from './change-seat.ts';

/** What somebody did that changes no seat by itself, or shows what others must not see. */
export interface Deed {
  readonly what: string;
  readonly actor: Actor;
  /** Absent: it is about no order. */
  readonly orderId?: number | null;
  /** Neither codes nor addresses. */
  readonly detail: Readonly<Record<string, unknown>>;
  readonly at: Date;
}

/** Puts it on record, in the transaction that does it. */
export async function noteDeed(
  trx: StoreTransaction,
  { what, actor, orderId = null, detail, at }: Deed,
): Promise<void> {
  await trx
    .insertInto('audit_log')
    .values({
      at,
      actor_kind: actor.kind,
      actor_name: actor.name,
      what,
      order_id: orderId,
      detail: JSON.stringify(detail),
    })
    .execute();
}
