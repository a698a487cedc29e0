import { DealseatError } from '../domain/failure.ts';
import { holderColumns, OPEN_OPERATION, type SeatPerson } from '../domain/seats/operation.ts';
import type { Actor } from '../domain/seats/seat-state.ts';
import type { StoreReader } from './change-seat.ts';
import { type OperationRow, requestOperation } from './request-operation.ts';
import type { SeatStore } from './seat-store.ts';

interface Handing {
  /** Of the operation. */
  readonly id: string;
  readonly seatId: string;
  /** Asked for once, when the operation is. */
  readonly person: () => Promise<SeatPerson>;
  readonly actor: Actor;
  readonly reason: string;
  readonly at: Date;
  /** A person asks for it, so that what was refused before is tried once more. */
  readonly isAskedAnew: boolean;
}

/**
 * Whether the seat has gone to the person. If not, the operation that does it is asked for, unless one works on the seat
 * already. Throws `seat.swap_refused` with what came of the operation: of this one, or of one before to which nothing has
 * happened since.
 */
export async function handOn(store: Pick<SeatStore, 'db'>, handing: Handing): Promise<boolean> {
  const { db } = store;
  const { id, seatId, actor, reason, at } = handing;
  const asked = await db.selectFrom('operations').selectAll().where('id', '=', id).executeTakeFirst();
  if (asked !== undefined) {
    if (OPEN_OPERATION.includes(asked.state)) return false;
    if (asked.state === 'done') return true;
    throw refused(asked);
  }
  const seat = await db
    .selectFrom('seats')
    .select(['state', 'operation_id'])
    .where('id', '=', seatId)
    .executeTakeFirst();
  // Somebody else has decided about it: what the deal asks for is read anew.
  if (seat === undefined || seat.state === 'ended') return true;
  if (seat.operation_id !== null) return false;
  const to = await handing.person();
  const before = handing.isAskedAnew ? null : await lastRefusal(db, seatId, to);
  if (before !== null) throw refused(before);
  const input = { to, by: 'code' } as const;
  await requestOperation(store, { id, kind: 'reassign', seatId, input, actor, reason, at });
  return false;
}

function refused({ id, outcome }: Pick<OperationRow, 'id' | 'outcome'>): DealseatError {
  return new DealseatError({
    code: 'seat.swap_refused',
    message: outcome ?? `Operation ${id} ended without an outcome`,
  });
}

/** Of the same seat for the same person, if the seat has come back from it and nothing else has happened to it. */
async function lastRefusal(
  db: StoreReader,
  seatId: string,
  to: SeatPerson,
): Promise<Pick<OperationRow, 'id' | 'outcome'> | null> {
  const last = await db
    .selectFrom('operations')
    .select(['id', 'outcome', 'kind', 'state', 'input'])
    .where('seat_id', '=', seatId)
    .orderBy('asked_at', 'desc')
    .executeTakeFirst();
  if (last === undefined || last.kind !== 'reassign' || last.state === 'done') return null;
  const before = holderColumns(last.input.to as SeatPerson);
  if (before.learner_key !== holderColumns(to).learner_key) return null;
  const event = await db
    .selectFrom('seat_events')
    .select('kind')
    .where('seat_id', '=', seatId)
    .orderBy('version', 'desc')
    .executeTakeFirst();
  return event?.kind === 'kept' ? last : null;
}
