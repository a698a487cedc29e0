import { DealseatError } from '../domain/failure.ts';
import { OPEN_OPERATION, type SeatPerson } from '../domain/seats/operation.ts';
import type { Actor } from '../domain/seats/seat-state.ts';
import { requestOperation } from './request-operation.ts';
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
}

/**
 * Whether the seat has gone to the person. If not, the operation that does it is asked for, unless one works on the seat
 * already. Throws `seat.swap_refused` with what came of the operation.
 */
export async function handOn(store: Pick<SeatStore, 'db'>, handing: Handing): Promise<boolean> {
  const { db } = store;
  const { id, seatId, actor, reason, at } = handing;
  const asked = await db.selectFrom('operations').selectAll().where('id', '=', id).executeTakeFirst();
  if (asked !== undefined) {
    if (OPEN_OPERATION.includes(asked.state)) return false;
    if (asked.state === 'done') return true;
    throw new DealseatError({
      code: 'seat.swap_refused',
      message: asked.outcome ?? `Operation ${id} ended without an outcome`,
    });
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
  const input = { to, by: 'code' } as const;
  await requestOperation(store, { id, kind: 'reassign', seatId, input, actor, reason, at });
  return false;
}
