import { randomUUID } from 'node:crypto';
import type { Insertable, Kysely, Selectable, Transaction, Updateable } from 'kysely';
import { type Actor, ENTERED_FROM, type SeatEventKind, type SeatState } from '../domain/seats/seat-state.ts';
import type { SeatsTable, StoreSchema } from './schema.ts';

export type SeatRow = Selectable<SeatsTable>;
/** Every write to seats stands in a transaction with its event. */
export type StoreTransaction = Transaction<StoreSchema>;
export type StoreReader = Kysely<StoreSchema> | StoreTransaction;

/** The columns of a seat that its events tell; the others follow from them. */
type Told = Omit<
  Updateable<SeatsTable>,
  'id' | 'order_id' | 'product_key' | 'version' | 'state_since' | 'created_at'
>;

export interface SeatHappening {
  readonly kind: SeatEventKind;
  readonly actor: Actor;
  readonly reason?: string | null;
  readonly at: Date;
}

export interface SeatChange extends SeatHappening {
  readonly seatId: string;
  /** As the caller saw it. */
  readonly version: number;
  /** With a `state` only if that may be entered from the seat's own. */
  readonly set: Told;
}

/** Changes one seat and appends its event. Null: somebody was faster, or the state does not allow it; nothing is changed. */
export async function changeSeat(trx: StoreTransaction, change: SeatChange): Promise<SeatRow | null> {
  const { seatId, version, set, at } = change;
  const ending = set.state === 'ended' ? { ended_at: at } : {};
  const changed = { ...set, ...ending };
  let update = trx
    .updateTable('seats')
    .set({ ...changed, ...(set.state === undefined ? {} : { state_since: at }), version: version + 1 })
    .where('id', '=', seatId)
    .where('version', '=', version);
  if (set.state !== undefined) {
    update = update.where('state', 'in', [...ENTERED_FROM[set.state as SeatState]]);
  }
  const row = await update.returningAll().executeTakeFirst();
  if (row === undefined) return null;
  await appendEvents(trx, change, [{ row, changed }]);
  return row;
}

export type NewSeat = Pick<Insertable<SeatsTable>, 'order_id' | 'product_key' | 'state'> &
  Pick<
    Told,
    | 'code_id'
    | 'learner_email'
    | 'learner_key'
    | 'learner_name'
    | 'contact_id'
    | 'redeemed_at'
    | 'redeemer_user_id'
    | 'access_until'
    | 'operation_id'
  >;

/** Rows a statement: PostgreSQL takes 65,535 parameters. */
const ROWS = 1_000;

/** Appends seats with their first event. In the order of `seats`. */
export async function addSeats(
  trx: StoreTransaction,
  seats: readonly NewSeat[],
  happening: Omit<SeatHappening, 'kind'>,
): Promise<readonly SeatRow[]> {
  const rows: SeatRow[] = [];
  for (let from = 0; from < seats.length; from += ROWS) {
    const some = seats.slice(from, from + ROWS);
    const made = await trx
      .insertInto('seats')
      .values(
        some.map((seat) => ({
          ...seat,
          id: randomUUID(),
          version: 1,
          state_since: happening.at,
          created_at: happening.at,
        })),
      )
      .returningAll()
      .execute();
    await appendEvents(
      trx,
      { ...happening, kind: 'created' },
      made.map((row, index) => {
        const { order_id: _, ...changed } = some[index] as NewSeat;
        return { row, changed };
      }),
    );
    rows.push(...made);
  }
  return rows;
}

async function appendEvents(
  trx: StoreTransaction,
  { kind, actor, reason, at }: SeatHappening,
  changes: readonly { readonly row: SeatRow; readonly changed: Readonly<Record<string, unknown>> }[],
): Promise<void> {
  await trx
    .insertInto('seat_events')
    .values(
      changes.map(({ row, changed }) => ({
        seat_id: row.id,
        order_id: row.order_id,
        version: row.version,
        at,
        actor_kind: actor.kind,
        actor_name: actor.name,
        kind,
        reason: reason ?? null,
        changed: JSON.stringify(changed),
      })),
    )
    .execute();
  // What the deal shows of its seats may be old from now on.
  await trx
    .updateTable('orders')
    .set((order) => ({ seats_version: order('seats_version', '+', changes.length) }))
    .where('id', 'in', [...new Set(changes.map(({ row }) => row.order_id))])
    .execute();
}

/**
 * Ends many seats with their events. Only in a transaction that has locked their order, because no version is compared.
 * Those that have ended stay as they are.
 */
export async function endSeats(
  trx: StoreTransaction,
  seatIds: readonly string[],
  why: NonNullable<SeatRow['ended_why']>,
  happening: Omit<SeatHappening, 'kind'>,
): Promise<void> {
  const { at } = happening;
  const changed = { state: 'ended', ended_why: why, ended_at: at } as const;
  for (let from = 0; from < seatIds.length; from += ROWS) {
    const rows = await trx
      .updateTable('seats')
      .set((set) => ({ ...changed, state_since: at, version: set('version', '+', 1) }))
      .where('id', 'in', seatIds.slice(from, from + ROWS))
      .where('state', '<>', 'ended')
      .returningAll()
      .execute();
    if (rows.length > 0) {
      await appendEvents(
        trx,
        { ...happening, kind: 'ended' },
        rows.map((row) => ({ row, changed })),
      );
    }
  }
}

/** Ends a seat and puts a new free one, or one of `next`, in its place. Null: somebody was faster. */
export async function replaceSeat(
  trx: StoreTransaction,
  { next, ...change }: SeatChange & { readonly next: Omit<NewSeat, 'order_id' | 'product_key'> },
): Promise<{ readonly ended: SeatRow; readonly next: SeatRow } | null> {
  const ended = await changeSeat(trx, change);
  if (ended === null) return null;
  const { order_id, product_key } = ended;
  const [added] = await addSeats(trx, [{ ...next, order_id, product_key }], change);
  if (added === undefined) throw new Error('A seat that was added has no row');
  await trx.updateTable('seats').set({ next_seat_id: added.id }).where('id', '=', ended.id).execute();
  return { ended: { ...ended, next_seat_id: added.id }, next: added };
}
