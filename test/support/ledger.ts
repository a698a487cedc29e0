import { playBack } from '../../src/domain/seats/play-back.ts';
import { countSeats } from '../../src/domain/seats/seat-state.ts';
import type { SeatRow } from '../../src/store/change-seat.ts';
import type { SeatStore } from '../../src/store/seat-store.ts';

/**
 * What must be so of the ledger whatever was done to it. Empty: it is. `sold`: seats of the order that were sold.
 */
export async function ledgerFaults(
  { db }: Pick<SeatStore, 'db'>,
  orderId: number,
  sold: number,
): Promise<string[]> {
  const faults: string[] = [];
  const seats = await db.selectFrom('seats').selectAll().where('order_id', '=', orderId).execute();
  const counts = countSeats(seats.map(({ state }) => [state, 1] as const));
  const { used, reserved, free } = counts;
  if (used + reserved + free !== sold) faults.push(`${used} + ${reserved} + ${free} is not ${sold}`);
  const live = seats.filter(({ state }) => state !== 'ended');
  for (const [what, values] of [
    // Of one product.
    ['person', live.map(({ learner_key: key, product_key: product }) => key && `${key} ${product}`)],
    ['code', live.map(({ code_id }) => code_id)],
  ] as const) {
    const known = values.filter((value) => value !== null);
    if (new Set(known).size !== known.length) faults.push(`a ${what} has two live seats`);
  }
  const events = await db
    .selectFrom('seat_events')
    .selectAll()
    .where('order_id', '=', orderId)
    .orderBy('version')
    .execute();
  const bySeat = Map.groupBy(events, ({ seat_id }) => seat_id);
  for (const seat of seats) {
    const played = JSON.stringify(inOrder(playBack(bySeat.get(seat.id) ?? [])));
    const is = JSON.stringify(inOrder(asJson(seat)));
    if (played !== is) faults.push(`seat ${seat.id} is ${is} and its events make ${played}`);
  }
  const dead = await db
    .selectFrom('seats')
    .innerJoin('codes', 'codes.id', 'seats.code_id')
    .select('seats.id')
    .where('seats.order_id', '=', orderId)
    .where('seats.state', 'in', ['free', 'invited', 'exposed', 'claimed', 'granting'])
    .where('codes.state', '=', 'retired')
    .execute();
  for (const { id } of dead) faults.push(`seat ${id} waits with a code that was retired`);
  const open = await db
    .selectFrom('operations')
    .select('id')
    .where('order_id', '=', orderId)
    .where('state', 'in', ['asked', 'running', 'unknown'])
    .execute();
  const held = new Set(live.map(({ operation_id }) => operation_id).filter((id) => id !== null));
  for (const id of held)
    if (!open.some((one) => one.id === id)) faults.push(`a seat waits for ${id}, which ended`);
  return faults;
}

function asJson({ id: _, order_id: _order, next_seat_id: _next, ...seat }: SeatRow) {
  return JSON.parse(JSON.stringify(seat));
}

function inOrder(seat: object) {
  return Object.entries(seat).sort(([a], [b]) => (a < b ? -1 : 1));
}
