import type { FailureCode } from '../domain/failure.ts';
import { NO_HOLDER, type OperationState } from '../domain/seats/operation.ts';
import { doneInWords } from '../domain/seats/operation-words.ts';
import type { SeatRow, StoreTransaction } from './change-seat.ts';
import { changeKept, isOpen, lockOperation } from './operation.ts';
import type { OperationRow } from './request-operation.ts';
import type { SeatStore } from './seat-store.ts';
import { inTransaction } from './transaction.ts';

/** The workflow has it. Whatever state it is in, an operation that has ended stays as it is. */
export function beginOperation(
  { db }: Pick<SeatStore, 'db'>,
  operationId: string,
  at: Date,
): Promise<OperationRow> {
  return inTransaction(db, async (trx) => {
    const { operation } = await lockOperation(trx, operationId);
    if (operation.state !== 'asked') return operation;
    return write(trx, operationId, { state: 'running', started_at: at });
  });
}

interface Note {
  readonly state: Extract<OperationState, 'running' | 'unknown'>;
  readonly outcome: string | null;
  readonly failure_code: FailureCode | null;
}

/** How it stands, for people, while it goes on. */
export async function noteOperation(
  { db }: Pick<SeatStore, 'db'>,
  operationId: string,
  note: Note,
): Promise<void> {
  await inTransaction(db, async (trx) => {
    const { operation } = await lockOperation(trx, operationId);
    if (isOpen(operation)) await write(trx, operationId, note);
  });
}

/** What it waits for, for people. An outcome that is not known stays so, and is looked up when it goes on. */
export async function noteWait(
  { db }: Pick<SeatStore, 'db'>,
  operationId: string,
  { code, message }: { readonly code: FailureCode; readonly message: string },
): Promise<void> {
  await inTransaction(db, async (trx) => {
    const { operation } = await lockOperation(trx, operationId);
    if (!isOpen(operation)) return;
    await write(trx, operationId, {
      ...(operation.state === 'asked' ? { state: 'running' } : {}),
      outcome: message,
      failure_code: code,
    });
  });
}

/** Done. A seat that still waits for it does so no longer. */
export async function settleOperation(
  { db }: Pick<SeatStore, 'db'>,
  operationId: string,
  at: Date,
): Promise<OperationRow> {
  return await inTransaction(db, async (trx) => {
    const { operation, seat } = await lockOperation(trx, operationId);
    if (!isOpen(operation)) return operation;
    if (seat !== null) {
      await changeKept(trx, operation, seat, { kind: 'kept', set: { operation_id: null }, at });
    }
    return write(trx, operationId, { state: 'done', settled_at: at, ...(await outcomeOf(trx, operation)) });
  });
}

/** Who was to get the seat may have got another one from the delivery, before this one was free. */
async function outcomeOf(trx: StoreTransaction, { kind, seat_id }: OperationRow) {
  const done = { outcome: doneInWords(kind), failure_code: null };
  if (kind !== 'reassign') return done;
  const next = await trx
    .selectFrom('seats')
    .innerJoin('seats as ended', 'ended.next_seat_id', 'seats.id')
    .select('seats.state')
    .where('ended.id', '=', seat_id)
    .executeTakeFirst();
  if (next?.state !== 'free') return done;
  return {
    outcome: `${doneInWords('revoke')} The other person got another seat of the product in the meantime.`,
    failure_code: 'seat.learner_has_one',
  };
}

interface Refusal {
  readonly state: Extract<OperationState, 'refused' | 'failed'>;
  readonly code: FailureCode;
  readonly message: string;
  readonly at: Date;
}

/** The seat goes back to where it was before it was asked for. */
export async function refuseOperation(
  { db }: Pick<SeatStore, 'db'>,
  operationId: string,
  { state, code, message, at }: Refusal,
): Promise<OperationRow> {
  return await inTransaction(db, async (trx) => {
    const { operation, seat } = await lockOperation(trx, operationId);
    if (!isOpen(operation)) return operation;
    if (seat !== null) {
      const set = { operation_id: null, ...before(operation, seat) };
      await changeKept(trx, operation, seat, { kind: 'kept', set, at });
    }
    const outcome = `${await doneBefore(trx, operation)}${message}`;
    return write(trx, operationId, { state, outcome, failure_code: code, settled_at: at });
  });
}

/** A seat that was to be given to another person may have been taken back by then. */
async function doneBefore(trx: StoreTransaction, { kind, seat_id }: OperationRow): Promise<string> {
  if (kind !== 'reassign') return '';
  const { ended_why } = await trx
    .selectFrom('seats')
    .select('ended_why')
    .where('id', '=', seat_id)
    .executeTakeFirstOrThrow();
  return ended_why === 'reassigned' ? `${doneInWords('revoke')} The other person did not get it: ` : '';
}

function before({ came_from }: OperationRow, { state }: SeatRow) {
  if (state === 'granting') return { state: 'free' as const, ...NO_HOLDER };
  return state === 'removing' ? { state: came_from } : {};
}

function write(trx: StoreTransaction, operationId: string, set: object): Promise<OperationRow> {
  return trx
    .updateTable('operations')
    .set(set)
    .where('id', '=', operationId)
    .returningAll()
    .executeTakeFirstOrThrow();
}
