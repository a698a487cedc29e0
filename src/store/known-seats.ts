import type { Selectable } from 'kysely';
import type { DealRef } from '../domain/deal/deal.ts';
import { holderColumns, OPEN_OPERATION, type SeatPerson } from '../domain/seats/operation.ts';
import type { SeatState } from '../domain/seats/seat-state.ts';
import type { StoreReader } from './change-seat.ts';
import type { CodeState, CodesTable, OrdersTable } from './schema.ts';

/** One code of an order, with the seat that it fills. */
export interface KnownCode {
  readonly state: CodeState;
  readonly retiredWhy: Selectable<CodesTable>['retired_why'];
  /** Null: it fills none. */
  readonly seat: {
    readonly state: SeatState;
    readonly contactId: string | null;
    readonly learnerKey: string | null;
  } | null;
}

/** A seat of a learner, ended ones included. */
export interface KnownHolding {
  readonly seatId: string;
  readonly productKey: string;
  readonly contactId: string | null;
  readonly learnerKey: string | null;
  readonly isRedeemed: boolean;
  /** An operation works on it. */
  readonly isBusy: boolean;
  /** It is being taken back. */
  readonly isGoing: boolean;
  /** Of the code's group; null: access was given directly. */
  readonly token: string | null;
  /** Null: the seat is live. */
  readonly endedWhy: string | null;
}

/** A seat that an operation frees or hands on once it is done. */
export interface ComingSeat {
  readonly productKey: string;
  /** Who is to get it; null: it comes free. */
  readonly contactId: string | null;
  readonly learnerKey: string | null;
}

/** All that the store has decided about the seats of a deal. */
export interface KnownSeats {
  readonly orderIds: readonly number[];
  /** `versionOf` the orders: a later one means that something else has been decided since. */
  readonly version: number;
  /** By HMAC. */
  readonly codes: ReadonlyMap<string, KnownCode>;
  readonly holdings: readonly KnownHolding[];
  /** How many codes of a group were retired by a decision about them, by the platform's id of the group. */
  readonly over: ReadonlyMap<string, number>;
  /** Free seats with sealed codes, by product. */
  readonly free: ReadonlyMap<string, number>;
  /** Seats that are being taken back, one entry each. */
  readonly coming: readonly ComingSeat[];
  /** Some codes are of groups that were made for seats which were taken back. */
  readonly hasReplacements: boolean;
}

/** Null: the store knows neither the deal nor one of those that were merged into it. */
export async function readKnownSeats(
  db: StoreReader,
  deal: DealRef,
  mergedDealIds: readonly string[],
): Promise<KnownSeats | null> {
  const orders = await readOrders(db, deal, mergedDealIds);
  if (orders.length === 0) return null;
  const orderIds = orders.map(({ id }) => id);
  const rows = await db
    .selectFrom('codes')
    .innerJoin('code_groups', 'code_groups.id', 'codes.group_id')
    .leftJoin('seats', (join) =>
      join.onRef('seats.code_id', '=', 'codes.id').on('seats.state', '<>', 'ended'),
    )
    .select(['code_mac', 'codes.state', 'retired_why', 'seats.state as seat', 'contact_id', 'learner_key'])
    .select(['platform_group_id', 'code_groups.product_key', 'purpose'])
    .where('code_groups.order_id', 'in', orderIds)
    .execute();
  const codes = new Map(
    rows.map(({ code_mac: mac, state, retired_why: retiredWhy, seat, contact_id, learner_key }) => [
      mac,
      {
        state,
        retiredWhy,
        seat: seat === null ? null : { state: seat, contactId: contact_id, learnerKey: learner_key },
      },
    ]),
  );
  const over = new Map<string, number>();
  const free = new Map<string, number>();
  for (const row of rows) {
    const { state, retired_why: why, platform_group_id: groupId, product_key: product, seat } = row;
    const isFree = state === 'sealed' && seat === 'free';
    free.set(product, (free.get(product) ?? 0) + (isFree ? 1 : 0));
    if (state === 'retired' && OVER.has(why)) {
      over.set(groupId, (over.get(groupId) ?? 0) + 1);
    }
  }
  const holdings = await readHoldings(db, orderIds);
  const hasReplacements = rows.some(({ purpose }) => purpose === 'replacement');
  const coming = await readComing(db, orderIds);
  return { orderIds, version: versionOf(orders), codes, holdings, over, free, coming, hasReplacements };
}

/** By a decision about the very code. */
const OVER: ReadonlySet<string | null> = new Set(['taken_back', 'lost', 'unsure']);
type OrderVersion = Pick<Selectable<OrdersTable>, 'id' | 'seats_version'>;

/** Of the deal, and of deals that were merged into it, in the order of their numbers. */
export async function readOrders(
  db: StoreReader,
  { crm, account, dealId }: DealRef,
  mergedDealIds: readonly string[],
): Promise<OrderVersion[]> {
  return await db
    .selectFrom('orders')
    .select(['id', 'seats_version'])
    .where('crm', '=', crm)
    .where('account', '=', account)
    .where('deal_id', 'in', [dealId, ...mergedDealIds])
    .orderBy('id')
    .execute();
}

/** Rises with all that happens to their seats. 0: nothing has happened to any. */
export function versionOf(orders: readonly Pick<OrderVersion, 'seats_version'>[]): number {
  return orders.reduce((sum, order) => sum + order.seats_version, 0);
}

export async function readVersion(db: StoreReader, orderId: number): Promise<number> {
  const order = await db
    .selectFrom('orders')
    .select('seats_version')
    .where('id', '=', orderId)
    .executeTakeFirstOrThrow();
  return order.seats_version;
}

async function readHoldings(db: StoreReader, orderIds: readonly number[]): Promise<KnownHolding[]> {
  const rows = await db
    .selectFrom('seats')
    .leftJoin('codes', 'codes.id', 'seats.code_id')
    .leftJoin('code_groups', 'code_groups.id', 'codes.group_id')
    .select([
      'seats.id',
      'seats.product_key',
      'contact_id',
      'learner_key',
      'ended_why',
      'seats.state',
      'seats.operation_id',
      'token',
    ])
    .where('seats.order_id', 'in', [...orderIds])
    .where((where) => where.or([where('contact_id', 'is not', null), where('learner_key', 'is not', null)]))
    .execute();
  return rows.map((row) => ({
    seatId: row.id,
    productKey: row.product_key,
    contactId: row.contact_id,
    learnerKey: row.learner_key,
    isRedeemed: IN_USE.has(row.state),
    isBusy: row.operation_id !== null,
    isGoing: row.state === 'removing',
    token: row.token,
    endedWhy: row.ended_why,
  }));
}

async function readComing(db: StoreReader, orderIds: readonly number[]): Promise<ComingSeat[]> {
  const rows = await db
    .selectFrom('operations')
    .innerJoin('seats', 'seats.id', 'operations.seat_id')
    .select(['operations.kind', 'operations.input', 'seats.product_key'])
    .where('operations.order_id', 'in', [...orderIds])
    .where('operations.kind', 'in', ['revoke', 'reassign'])
    .where('operations.state', 'in', [...OPEN_OPERATION])
    .execute();
  return rows.map(({ kind, input, product_key: productKey }) => {
    if (kind === 'revoke') return { productKey, contactId: null, learnerKey: null };
    const { contact_id: contactId, learner_key: learnerKey } = holderColumns(input.to as SeatPerson);
    return { productKey, contactId, learnerKey };
  });
}

/** A code that is used up, or about to be taken away by somebody else. */
const IN_USE: ReadonlySet<SeatState> = new Set(['redeemed', 'granting', 'removing']);
