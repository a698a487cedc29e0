import type { Actor, SeatState } from '../domain/seats/seat-state.ts';
import { changeSeat, type StoreReader, type StoreTransaction } from './change-seat.ts';
import type { CodeVault } from './code-vault.ts';
import { type ReadSeat, selectSeats } from './read-seats.ts';
import { lockOrder } from './request-operation.ts';
import type { SeatStore } from './seat-store.ts';
import { inTransaction } from './transaction.ts';

export interface ExportedSeat {
  readonly seat: ReadSeat;
  /** Null: not asked for, used already, or the seat has none now. */
  readonly code: string | null;
}

interface ExportOptions {
  readonly orderId: number;
  readonly states: readonly SeatState[];
  readonly productKey?: string;
}

/** Every seat of an order, without codes. */
export async function exportSeats(db: StoreReader, options: ExportOptions): Promise<readonly ExportedSeat[]> {
  const seats = await selectFor(db, options).execute();
  return seats.map((seat) => ({ seat, code: null }));
}

interface CodesAsked {
  readonly actor: Actor;
  readonly reason: string;
  readonly at: Date;
}

/**
 * The same with the codes that can still be used. In one transaction they are noted as handed out, with who asked and why,
 * before the caller has them. The code of a seat that is being changed is left out: it may be replaced any moment.
 */
export async function exportSeatsWithCodes(
  { db, vault }: SeatStore,
  options: ExportOptions,
  asked: CodesAsked,
): Promise<{ readonly seats: readonly ExportedSeat[]; readonly exposedCount: number }> {
  return await inTransaction(db, async (trx) => {
    await lockOrder(trx, options.orderId);
    const seats = await selectFor(trx, options).select(['codes.id as code_id', 'codes.code_enc']).execute();
    const exported: ExportedSeat[] = [];
    const sealed: number[] = [];
    let exposedCount = 0;
    for (const seat of seats) {
      const code = usableCode(vault, seat);
      if (code === null) {
        exported.push({ seat, code });
        continue;
      }
      if (seat.code_state === 'sealed' && seat.code_id !== null) sealed.push(seat.code_id);
      const isNew = seat.state === 'free' || seat.state === 'invited';
      if (isNew) exposedCount += 1;
      exported.push({ seat: isNew ? await expose(trx, seat, asked) : seat, code });
    }
    await noteHandedOut(trx, sealed, asked.at);
    await trx
      .insertInto('audit_log')
      .values({
        at: asked.at,
        actor_kind: asked.actor.kind,
        actor_name: asked.actor.name,
        what: 'codes exported',
        order_id: options.orderId,
        detail: JSON.stringify({
          reason: asked.reason,
          seats: exported.length,
          codes: exported.filter(({ code }) => code !== null).length,
          exposed: exposedCount,
        }),
      })
      .execute();
    return { seats: exported, exposedCount };
  });
}

function selectFor(db: StoreReader, { orderId, states, productKey }: ExportOptions) {
  const ofOrder = selectSeats(db)
    .where('seats.order_id', '=', orderId)
    .where('seats.state', 'in', [...states]);
  return (productKey === undefined ? ofOrder : ofOrder.where('seats.product_key', '=', productKey))
    .orderBy('seats.product_key')
    .orderBy('seats.id');
}

const USABLE: readonly SeatState[] = ['free', 'invited', 'exposed', 'claimed'];

function usableCode(
  vault: CodeVault,
  { state, operation_id, code_state, code_enc }: ReadSeat & { readonly code_enc: string | null },
): string | null {
  const isUsable = USABLE.includes(state) && (code_state === 'sealed' || code_state === 'handed_out');
  return isUsable && operation_id === null && code_enc !== null ? vault.open(code_enc) : null;
}

async function expose(trx: StoreTransaction, seat: ReadSeat, asked: CodesAsked): Promise<ReadSeat> {
  const { id: seatId, version } = seat;
  const row = await changeSeat(trx, {
    ...asked,
    kind: 'exposed',
    seatId,
    version,
    set: { state: 'exposed' },
  });
  if (row === null) throw new Error('A seat of a locked order was changed by somebody else');
  return {
    ...seat,
    state: row.state,
    state_since: row.state_since,
    version: row.version,
    code_state: 'handed_out',
  };
}

/** Codes a statement. */
const CODES = 5_000;

async function noteHandedOut(trx: StoreTransaction, codeIds: readonly number[], at: Date): Promise<void> {
  for (let from = 0; from < codeIds.length; from += CODES) {
    await trx
      .updateTable('codes')
      .set({ state: 'handed_out', handed_out_at: at })
      .where('id', 'in', codeIds.slice(from, from + CODES))
      .execute();
  }
}
