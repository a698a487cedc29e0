import { type Kysely, sql } from 'kysely';
import type { SeatState } from '../domain/seats/seat-state.ts';
import type { StoreReader } from './change-seat.ts';
import type { StoreSchema } from './schema.ts';

/** A seat with what people need to know it by. Never its code. */
export type ReadSeat = Awaited<ReturnType<ReturnType<typeof selectSeats>['executeTakeFirstOrThrow']>>;

/** Seats with their order, their product and the group of their code. */
export function selectSeats(db: StoreReader) {
  return (db as Kysely<StoreSchema>)
    .selectFrom('seats')
    .innerJoin('orders', 'orders.id', 'seats.order_id')
    .leftJoin('codes', 'codes.id', 'seats.code_id')
    .leftJoin('code_groups', 'code_groups.id', 'codes.group_id')
    .leftJoin('operations', 'operations.id', 'seats.operation_id')
    .select([
      'seats.id',
      'seats.order_id',
      'seats.product_key',
      'seats.state',
      'seats.version',
      'seats.learner_email',
      'seats.learner_name',
      'seats.contact_id',
      'seats.state_since',
      'seats.redeemed_at',
      'seats.redeemer_email',
      'seats.used_by_other',
      'seats.access_until',
      'seats.operation_id',
      'seats.created_at',
      'seats.ended_at',
      'seats.ended_why',
      'seats.next_seat_id',
      'orders.crm',
      'orders.account',
      'orders.deal_id',
      'orders.deal_name',
      'orders.company_name',
      'codes.state as code_state',
      'code_groups.label as group_label',
      'code_groups.access_days',
      'code_groups.access_until as group_access_until',
      'code_groups.codes_expire_at',
      'code_groups.redeem_url',
      'operations.failure_code as waits_for',
      'operations.outcome as waits_for_text',
    ])
    .select((query) =>
      // Of a seat without a code, any group of its product names the product.
      query.fn
        .coalesce(
          'code_groups.title',
          query
            .selectFrom('code_groups as named')
            .select('named.title')
            .whereRef('named.order_id', '=', 'seats.order_id')
            .whereRef('named.product_key', '=', 'seats.product_key')
            .orderBy('named.id')
            .limit(1),
          'seats.product_key',
        )
        .as('product_title'),
    );
}

interface OrderSeatsOptions {
  readonly orderId: number;
  readonly limit: number;
  readonly states: readonly SeatState[];
  readonly productKey?: string;
  /** The last seat of the page before. */
  readonly after?: { readonly productKey: string; readonly seatId: string };
}

/** The seats of an order in a lasting sequence: by product, then by id. */
export function readOrderSeats(
  db: StoreReader,
  { orderId, limit, states, productKey, after }: OrderSeatsOptions,
): Promise<ReadSeat[]> {
  let query = selectSeats(db)
    .where('seats.order_id', '=', orderId)
    .where('seats.state', 'in', [...states]);
  if (productKey !== undefined) query = query.where('seats.product_key', '=', productKey);
  if (after !== undefined) {
    query = query.where(
      sql<boolean>`(seats.product_key, seats.id) > (${after.productKey}, ${after.seatId}::uuid)`,
    );
  }
  return query.orderBy('seats.product_key').orderBy('seats.id').limit(limit).execute();
}

/** The whole length of a UUID in hexadecimal digits. */
const UUID_DIGITS = 32;

/** At most two seats whose ids begin so: more than one is ambiguous. `beginning`: as people copy it, with or without dashes. */
export async function readSeatsBeginning(db: StoreReader, beginning: string): Promise<ReadSeat[]> {
  const digits = beginning.trim().toLowerCase().replaceAll('-', '');
  if (!/^[0-9a-f]{4,32}$/.test(digits)) return [];
  return selectSeats(db)
    .where('seats.id', '>=', uuidOf(digits.padEnd(UUID_DIGITS, '0')))
    .where('seats.id', '<=', uuidOf(digits.padEnd(UUID_DIGITS, 'f')))
    .limit(2)
    .execute();
}

function uuidOf(digits: string): string {
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
