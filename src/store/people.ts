import { type Kysely, sql } from 'kysely';
import { emailKey } from '../domain/seats/seat-state.ts';
import type { StoreSchema } from './schema.ts';
import type { SeatStore } from './seat-store.ts';

/** All that the store knows of a person. Without codes. */
export interface KnownPerson {
  readonly seats: readonly PersonSeat[];
  /** Spellings of the address, names, and ids at the platform that stand beside it. */
  readonly emails: readonly string[];
  readonly names: readonly string[];
  readonly platformUserIds: readonly string[];
}

export interface PersonSeat {
  readonly seatId: string;
  readonly crm: string;
  readonly dealId: string;
  readonly dealName: string;
  readonly dealUrl: string;
  readonly product: string;
  readonly state: string;
  /** `holder`: the seat is or was given to the person. `redeemer`: the person used it. */
  readonly as: 'holder' | 'redeemer' | 'both';
  readonly contactId: string | null;
  readonly redeemedAt: string | null;
  readonly accessUntil: string | null;
  readonly history: readonly {
    readonly at: string;
    readonly kind: string;
    readonly by: string | null;
    readonly reason: string | null;
  }[];
}

/** The normal form of an address, as `emailKey` makes it, in SQL. */
const normal = (column: string) =>
  sql<string>`lower(btrim(normalize(${sql.ref(column)}, NFKC), E' \t\n\r\u00a0'))`;

/** What is known of the person with this address, compared by `emailKey`. Nothing known: no seats, no names. */
export async function readPerson({ db }: Pick<SeatStore, 'db'>, email: string): Promise<KnownPerson> {
  const key = emailKey(email);
  const rows = await db
    .selectFrom('seats')
    .innerJoin('orders', 'orders.id', 'seats.order_id')
    .selectAll('seats')
    .select(['orders.crm', 'orders.deal_id', 'orders.deal_name', 'orders.deal_url'])
    .where((where) =>
      where.or([
        where('seats.learner_key', '=', key),
        where(normal('seats.redeemer_email'), '=', key),
        where(
          'seats.id',
          'in',
          where
            .selectFrom('seat_events')
            .select('seat_id')
            .where(sql<boolean>`changed ->> 'learner_key' = ${key}`),
        ),
      ]),
    )
    .orderBy('seats.created_at')
    .execute();
  const events =
    rows.length === 0
      ? []
      : await eventsOf(
          db,
          rows.map(({ id }) => id),
        );
  const told = events.filter(({ changed }) => changed.learner_key === key).map(({ changed }) => changed);
  const asHolder = rows.filter(({ learner_key }) => learner_key === key);
  const asRedeemer = rows.filter(
    ({ redeemer_email }) => redeemer_email !== null && emailKey(redeemer_email) === key,
  );
  return {
    seats: rows.map((row) => {
      const isRedeemer = asRedeemer.includes(row);
      const isHolder = asHolder.includes(row) || !isRedeemer;
      return {
        seatId: row.id,
        crm: row.crm,
        dealId: row.deal_id,
        dealName: row.deal_name,
        dealUrl: row.deal_url,
        product: row.product_key,
        state: row.state,
        as: isHolder && isRedeemer ? 'both' : isHolder ? 'holder' : 'redeemer',
        contactId: isHolder ? row.contact_id : null,
        redeemedAt: row.redeemed_at?.toISOString() ?? null,
        accessUntil: row.access_until?.toISOString() ?? null,
        history: events
          .filter(({ seat_id }) => seat_id === row.id)
          .map(({ at, kind, actor_name, reason }) => ({
            at: at.toISOString(),
            kind,
            by: actor_name,
            reason,
          })),
      };
    }),
    emails: distinct([
      ...asHolder.map(({ learner_email }) => learner_email),
      ...asRedeemer.map(({ redeemer_email }) => redeemer_email),
      ...told.map(({ learner_email }) => learner_email),
    ]),
    names: distinct([
      ...asHolder.map(({ learner_name }) => learner_name),
      ...told.map(({ learner_name }) => learner_name),
    ]),
    platformUserIds: distinct(asRedeemer.map(({ redeemer_user_id }) => redeemer_user_id)),
  };
}

async function eventsOf(db: Kysely<StoreSchema>, seatIds: readonly string[]) {
  return await db
    .selectFrom('seat_events')
    .selectAll()
    .where('seat_id', 'in', [...seatIds])
    .orderBy('seq')
    .execute();
}

function distinct(values: readonly unknown[]): string[] {
  return [
    ...new Set(values.filter((value): value is string => typeof value === 'string' && value !== '')),
  ].sort();
}
