import { DealseatError } from '../domain/failure.ts';
import { holderColumns, type OperationInputs, type SeatPerson } from '../domain/seats/operation.ts';
import { stateInWords } from '../domain/seats/operation-words.ts';
import { requireLivingCodes } from './access-terms.ts';
import { type NewSeat, replaceSeat, type SeatRow, type StoreTransaction } from './change-seat.ts';
import { stateOfCode } from './keep-code.ts';
import { lastEventAfter } from './last-event.ts';
import { actorOf, changeKept, isOpen, type LockedOperation, lockOperation } from './operation.ts';
import type { SeatStore } from './seat-store.ts';
import { inTransaction } from './transaction.ts';

/**
 * What a revoke, a reassignment or a new code comes to in the ledger. `redeemed`: the code was used in the meantime, so
 * that its access must be ended first. A repeat finds it done.
 */
export async function replaceCode(
  { db }: Pick<SeatStore, 'db'>,
  operationId: string,
  at: Date,
): Promise<'done' | 'redeemed'> {
  return await inTransaction(db, async (trx) => {
    const locked = await lockOperation(trx, operationId);
    const { operation, seat } = locked;
    if (!isOpen(operation)) return 'done';
    if (seat === null || seat.id !== operation.seat_id) {
      await requireReplaced(trx, locked);
      return 'done';
    }
    if (operation.kind === 'reissue') {
      await renewCode(trx, locked, seat, at);
      return 'done';
    }
    if (operation.came_from !== 'redeemed' && (await wasUsed(trx, seat))) {
      await takeAgain(trx, locked, seat, at);
      return 'redeemed';
    }
    await replace(trx, locked, seat, at);
    return 'done';
  });
}

/** By this operation, in an attempt before; or somebody else has ended the seat. */
async function requireReplaced(trx: StoreTransaction, { operation, seat }: LockedOperation): Promise<void> {
  const own = await trx
    .selectFrom('seats')
    .select(['state', 'ended_why'])
    .where('id', '=', operation.seat_id)
    .executeTakeFirstOrThrow();
  const wanted = { revoke: 'revoked', reassign: 'reassigned' } as const;
  const isOwn = seat !== null || own.ended_why === wanted[operation.kind as keyof typeof wanted];
  if (isOwn || (operation.kind === 'reissue' && own.state !== 'ended')) return;
  throw new DealseatError({
    code: 'seat.changed',
    message: `The seat ${stateInWords(own.state)}: ${await lastEventAfter(trx, operation.seat_id, 0)}`,
  });
}

/** Who has the code may use it until it is retired here: then there is access to end. */
async function wasUsed(trx: StoreTransaction, seat: SeatRow): Promise<boolean> {
  const { state, redeemed_at, redeemer_user_id, redeemer_email, code_id } = seat;
  if (state !== 'removing' || (redeemed_at ?? redeemer_user_id ?? redeemer_email) !== null) return true;
  return code_id !== null && (await stateOfCode(trx, code_id)) === 'redeemed';
}

/** What the platform refuses from now on leaves the seat in use. */
async function takeAgain(
  trx: StoreTransaction,
  { operation }: LockedOperation,
  seat: SeatRow,
  at: Date,
): Promise<void> {
  await trx.updateTable('operations').set({ came_from: 'redeemed' }).where('id', '=', operation.id).execute();
  if (seat.state === 'removing') return;
  await changeKept(trx, operation, seat, { kind: 'removing', set: { state: 'removing' }, at });
}

async function renewCode(
  trx: StoreTransaction,
  { operation, order }: LockedOperation,
  seat: SeatRow,
  at: Date,
): Promise<void> {
  if (seat.state === 'redeemed') {
    throw new DealseatError({
      code: 'seat.wrong_state',
      message: `The seat ${stateInWords(seat.state)}: ${await lastEventAfter(trx, seat.id, 0)}`,
    });
  }
  if (operation.input.how === 'same_code' || seat.code_id === operation.code_id) return;
  if (operation.code_id === null) {
    await requireLivingCodes(trx, seat, at);
    throw new Error(`No code was kept for operation ${operation.id}`);
  }
  if (seat.code_id !== null) await retire(trx, seat.code_id, 'lost');
  const isWritten = order.audience === 'learners' && seat.contact_id !== null;
  await changeKept(trx, operation, seat, {
    kind: 'code_changed',
    set: { code_id: operation.code_id, ...(isWritten ? {} : { operation_id: null }) },
    at,
  });
}

async function replace(
  trx: StoreTransaction,
  { operation, order }: LockedOperation,
  seat: SeatRow,
  at: Date,
): Promise<void> {
  const isUntouched = seat.code_id !== null && (await stateOfCode(trx, seat.code_id)) === 'sealed';
  if (seat.code_id !== null && !isUntouched) await retire(trx, seat.code_id, 'taken_back');
  const codeId = isUntouched ? seat.code_id : operation.code_id;
  const input = operation.input as Partial<OperationInputs['reassign']>;
  const isReassigned = operation.kind === 'reassign';
  const happening = { actor: actorOf(operation), reason: operation.reason, at };
  const replaced = await replaceSeat(trx, {
    ...happening,
    kind: 'ended',
    seatId: seat.id,
    version: seat.version,
    set: { state: 'ended', ended_why: isReassigned ? 'reassigned' : 'revoked', operation_id: null },
    next: {
      code_id: codeId,
      state: 'free',
      ...(isReassigned ? await forPerson(trx, { operation, order, input }, seat) : {}),
    },
  });
  if (replaced === null) throw new Error('A seat of a locked order was changed by somebody else');
}

type Next = Partial<Omit<NewSeat, 'order_id' | 'product_key'>>;

/** The delivery may have given the person a seat in the meantime: then the place is free. */
async function forPerson(
  trx: StoreTransaction,
  {
    operation,
    order,
    input,
  }: Pick<LockedOperation, 'operation' | 'order'> & { input: Partial<OperationInputs['reassign']> },
  seat: SeatRow,
): Promise<Next> {
  const to = input.to as SeatPerson;
  const holder = holderColumns(to);
  const held = await trx
    .selectFrom('seats')
    .select('id')
    .where('order_id', '=', seat.order_id)
    .where('product_key', '=', seat.product_key)
    .where('learner_key', '=', holder.learner_key)
    .where('state', '<>', 'ended')
    .where('id', '<>', seat.id)
    .executeTakeFirst();
  if (held !== undefined) return {};
  if (input.by === 'access') return { ...holder, state: 'granting', operation_id: operation.id };
  const isWritten = order.audience === 'learners' && to.contactId !== null;
  return { ...holder, state: 'invited', ...(isWritten ? { operation_id: operation.id } : {}) };
}

async function retire(trx: StoreTransaction, codeId: number, why: 'taken_back' | 'lost'): Promise<void> {
  await trx
    .updateTable('codes')
    .set({ state: 'retired', retired_why: why })
    .where('id', '=', codeId)
    .execute();
}
