import { randomUUID } from 'node:crypto';
import {
  type Insertable,
  type Kysely,
  type Selectable,
  sql,
  type Transaction,
  type Updateable,
} from 'kysely';
import { type Actor, ENTERED_FROM, type SeatEventKind, type SeatState } from '../domain/seats/seat-state.ts';
import type { SeatsTable, StoreSchema } from './schema.ts';
import { unnested } from './unnested.ts';

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

/** Rows a statement: they are in memory together. */
export const ROWS = 1_000;

/** Appends seats with their first event. Their ids, in the order of `seats`. */
export async function addSeats(
  trx: StoreTransaction,
  seats: readonly NewSeat[],
  happening: Omit<SeatHappening, 'kind'>,
): Promise<readonly string[]> {
  const ids: string[] = [];
  const { at } = happening;
  for (let from = 0; from < seats.length; from += ROWS) {
    const some = seats.slice(from, from + ROWS);
    const rows = some.map((seat) => ({
      ...seat,
      id: randomUUID(),
      version: 1,
      state_since: at,
      created_at: at,
    }));
    const changes = rows.map((row, index) => {
      const { order_id: _, ...changed } = some[index] as NewSeat;
      return { row, changed };
    });
    const made = unnested<'seats', typeof SEAT_COLUMNS>(rows, SEAT_COLUMNS);
    const inserting = trx.with('made', (db) =>
      db.insertInto('seats').columns(made.columns).expression(made.rows),
    );
    await appendEvents(inserting, { ...happening, kind: 'created' }, changes);
    ids.push(...rows.map(({ id }) => id));
  }
  return ids;
}

const SEAT_COLUMNS = {
  id: 'uuid',
  order_id: 'integer',
  product_key: 'text',
  state: 'text',
  version: 'integer',
  code_id: 'integer',
  learner_email: 'text',
  learner_key: 'text',
  learner_name: 'text',
  contact_id: 'text',
  state_since: 'timestamptz',
  redeemed_at: 'timestamptz',
  redeemer_user_id: 'text',
  access_until: 'timestamptz',
  operation_id: 'text',
  created_at: 'timestamptz',
} as const satisfies Record<keyof NewSeat | 'id' | 'version' | 'state_since' | 'created_at', unknown>;

const EVENT_COLUMNS = {
  seat_id: 'uuid',
  order_id: 'integer',
  version: 'integer',
  at: 'timestamptz',
  actor_kind: 'text',
  actor_name: 'text',
  kind: 'text',
  reason: 'text',
  changed: 'jsonb',
} as const;

/** In one statement with what `trx` has before it. */
async function appendEvents(
  trx: Pick<StoreTransaction, 'with'>,
  { kind, actor, reason, at }: SeatHappening,
  changes: readonly {
    readonly row: Pick<SeatRow, 'id' | 'order_id' | 'version'>;
    readonly changed: Readonly<Record<string, unknown>>;
  }[],
): Promise<void> {
  const events = unnested<'seat_events', typeof EVENT_COLUMNS>(
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
    EVENT_COLUMNS,
  );
  await trx
    .with('events', (db) => db.insertInto('seat_events').columns(events.columns).expression(events.rows))
    // What the deal shows of its seats may be old from now on.
    .updateTable('orders')
    .set((order) => ({ seats_version: order('seats_version', '+', changes.length) }))
    .where('id', 'in', [...new Set(changes.map(({ row }) => row.order_id))])
    .execute();
}

/**
 * Changes many seats in the same way, with their events. Only in a transaction that has locked their order, because no
 * version is compared. Those whose state does not allow it stay as they are. The ones that were changed.
 */
export async function changeSeats(
  trx: StoreTransaction,
  seatIds: readonly string[],
  { set, ...happening }: SeatHappening & { readonly set: Told & { readonly state: SeatState } },
): Promise<readonly SeatRow[]> {
  const { at } = happening;
  const changed = set.state === 'ended' ? { ...set, ended_at: at } : set;
  const all: SeatRow[] = [];
  for (let from = 0; from < seatIds.length; from += ROWS) {
    const rows = await trx
      .updateTable('seats')
      .set((column) => ({ ...changed, state_since: at, version: column('version', '+', 1) }))
      .where('id', '=', sql<string>`any(${seatIds.slice(from, from + ROWS)}::uuid[])`)
      .where('state', 'in', [...ENTERED_FROM[set.state]])
      .returningAll()
      .execute();
    const changes = rows.map((row) => ({ row, changed }));
    if (changes.length > 0) await appendEvents(trx, happening, changes);
    all.push(...rows);
  }
  return all;
}

/** Ends a seat and puts a new free one, or one of `next`, in its place. Null: somebody was faster. */
export async function replaceSeat(
  trx: StoreTransaction,
  { next, ...change }: SeatChange & { readonly next: Omit<NewSeat, 'order_id' | 'product_key'> },
): Promise<{ readonly ended: SeatRow; readonly next: SeatRow } | null> {
  const ended = await changeSeat(trx, change);
  if (ended === null) return null;
  const { order_id, product_key } = ended;
  const [id = ''] = await addSeats(trx, [{ ...next, order_id, product_key }], change);
  const added = await trx.selectFrom('seats').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  await trx.updateTable('seats').set({ next_seat_id: added.id }).where('id', '=', ended.id).execute();
  return { ended: { ...ended, next_seat_id: added.id }, next: added };
}
