import { sql } from 'kysely';
import type { Actor, SeatState } from '../domain/seats/seat-state.ts';
import { noteDeed } from './audit-log.ts';
import { changeSeats, type StoreReader, type StoreTransaction } from './change-seat.ts';
import type { CodeVault } from './code-vault.ts';
import { noteProgress, takeRequest } from './keyed-request.ts';
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
  /** The caller's idempotency key. */
  readonly id: string;
  readonly actor: Actor;
  readonly reason: string;
  readonly at: Date;
}

/**
 * The same with the codes that can still be used. In one transaction they are noted as handed out, with who asked and why,
 * before the caller has them. The code of a seat that is being changed is left out: it may be replaced any moment. A
 * repeat has the seats that the first call handed out, whatever states were asked for. Throws `seat.id_used`.
 */
export async function exportSeatsWithCodes(
  { db, vault }: SeatStore,
  options: ExportOptions,
  { id, ...asked }: CodesAsked,
): Promise<{ readonly seats: readonly ExportedSeat[]; readonly exposedCount: number }> {
  return await inTransaction(db, async (trx) => {
    await lockOrder(trx, options.orderId);
    const request = { id, what: 'export', content: options, at: asked.at } as const;
    const { isRepeat, progress } = await takeRequest<{ exposed: string[] }>(trx, vault, request);
    const before = progress?.exposed ?? [];
    const seats = await selectFor(trx, options, before)
      .select(['codes.id as code_id', 'codes.code_enc'])
      .execute();
    const opened = seats.map((seat) => ({ seat, code: usableCode(vault, seat) }));
    const handedOut = opened.filter(({ code }) => code !== null).map(({ seat }) => seat);
    const exposed = await expose(trx, handedOut, asked);
    await noteHandedOut(trx, handedOut, asked.at);
    const exported = opened.map(({ seat, code }) => ({ seat: { ...seat, ...exposed.get(seat.id) }, code }));
    const counts = { seats: exported.length, codes: handedOut.length, exposed: exposed.size };
    await noteDeed(trx, {
      what: 'codes exported',
      actor: asked.actor,
      orderId: options.orderId,
      detail: { reason: asked.reason, ...counts, isRepeat },
      at: asked.at,
    });
    const all = [...before, ...exposed.keys()];
    await noteProgress(trx, id, { exposed: all });
    return { seats: exported, exposedCount: all.length };
  });
}

function selectFor(
  db: StoreReader,
  { orderId, states, productKey }: ExportOptions,
  seatIds: readonly string[] = [],
) {
  const ofOrder = selectSeats(db)
    .where('seats.order_id', '=', orderId)
    .where((seat) =>
      seat.or([
        seat('seats.state', 'in', [...states]),
        seat('seats.id', '=', sql<string>`any(${seatIds}::uuid[])`),
      ]),
    );
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

type HandedOut = ReadSeat & { readonly code_id: number | null };

/** Those that nobody had count as handed out from now on. What that changes, by seat. */
async function expose(trx: StoreTransaction, seats: readonly HandedOut[], asked: Omit<CodesAsked, 'id'>) {
  const fresh = seats.filter(({ state }) => state === 'free' || state === 'invited');
  const rows = await changeSeats(
    trx,
    fresh.map(({ id }) => id),
    { ...asked, kind: 'exposed', set: { state: 'exposed' } },
  );
  if (rows.length < fresh.length) throw new Error('A seat of a locked order was changed by somebody else');
  const code_state = 'handed_out' as const;
  return new Map(
    rows.map(({ id, state, state_since, version }) => [id, { state, state_since, version, code_state }]),
  );
}

async function noteHandedOut(trx: StoreTransaction, seats: readonly HandedOut[], at: Date): Promise<void> {
  const codeIds = seats.filter(({ code_state }) => code_state === 'sealed').map(({ code_id }) => code_id);
  await trx
    .updateTable('codes')
    .set({ state: 'handed_out', handed_out_at: at })
    .where('id', '=', sql<number>`any(${codeIds}::integer[])`)
    .execute();
}
