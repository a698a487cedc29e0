import type { DealRef } from '../domain/deal/deal.ts';
import type { Linked } from '../domain/seats/redeem-link.ts';
import type { SeatRow, StoreTransaction } from './change-seat.ts';
import { changeKept, isOpen, lockOperation } from './operation.ts';
import type { SeatStore } from './seat-store.ts';
import { inTransaction } from './transaction.ts';

/** What the link fields of contacts are to say after an operation. Secret: exists only in memory. */
export interface SeatLinks {
  readonly deal: DealRef;
  /** The contact loses the link of this code. */
  readonly drop: { readonly contactId: string; readonly seat: Linked } | null;
  /** The contact gets this link. */
  readonly put: { readonly contactId: string; readonly seat: Linked } | null;
}

/**
 * Null: the deal delivers to its buyer, or no contact is concerned. A code that is to be put on a contact counts as
 * handed out from now on, because a write may arrive of which we do not hear.
 */
export async function readSeatLinks(
  { db, vault }: SeatStore,
  operationId: string,
  at: Date,
): Promise<SeatLinks | null> {
  return await inTransaction(db, async (trx) => {
    const { operation, order, seat: waiting } = await lockOperation(trx, operationId);
    if (!isOpen(operation) || order.audience !== 'learners') return null;
    const linked = async (codeId: number): Promise<Linked> => {
      const { code_enc, redeem_url } = await trx
        .selectFrom('codes')
        .innerJoin('code_groups', 'code_groups.id', 'codes.group_id')
        .select(['codes.code_enc', 'code_groups.redeem_url'])
        .where('codes.id', '=', codeId)
        .executeTakeFirstOrThrow();
      return { code: vault.open(code_enc), template: redeem_url };
    };
    const old = await trx
      .selectFrom('seats')
      .selectAll()
      .where('id', '=', operation.seat_id)
      .executeTakeFirstOrThrow();
    const dropped = await codeBefore(trx, old, operation.code_id);
    const drop =
      old.contact_id !== null && dropped !== null
        ? { contactId: old.contact_id, seat: await linked(dropped) }
        : null;
    // Who is given access directly needs no link.
    const isPut =
      waiting !== null &&
      waiting.state !== 'granting' &&
      waiting.contact_id !== null &&
      waiting.code_id !== null;
    const put = isPut
      ? { contactId: waiting.contact_id ?? '', seat: await linked(waiting.code_id ?? 0) }
      : null;
    if (drop === null && put === null) return null;
    if (isPut) {
      await trx
        .updateTable('codes')
        .set({ state: 'handed_out', handed_out_at: at })
        .where('id', '=', waiting.code_id)
        .where('state', '=', 'sealed')
        .execute();
    }
    return { deal: { crm: order.crm, account: order.account, dealId: order.deal_id }, drop, put };
  });
}

/** The code that the operation has retired: of the seat that ended, or the one before the new one. */
async function codeBefore(trx: StoreTransaction, seat: SeatRow, newCodeId: number | null) {
  if (seat.code_id !== newCodeId) return seat.code_id;
  const events = await trx
    .selectFrom('seat_events')
    .select('changed')
    .where('seat_id', '=', seat.id)
    .orderBy('version', 'desc')
    .execute();
  const codes = events.map(({ changed }) => changed.code_id).filter((id) => typeof id === 'number');
  return codes.find((id) => id !== newCodeId) ?? null;
}

/** The new link is out. */
export async function noteLinksWritten(
  { db }: Pick<SeatStore, 'db'>,
  operationId: string,
  at: Date,
): Promise<void> {
  await inTransaction(db, async (trx) => {
    const { operation, seat } = await lockOperation(trx, operationId);
    if (seat === null || seat.state === 'granting' || !isOpen(operation)) return;
    const state = seat.state === 'invited' ? { state: 'exposed' as const } : {};
    await changeKept(trx, operation, seat, { kind: 'exposed', set: { ...state, operation_id: null }, at });
  });
}
