import type { HeldCode } from '../domain/seats/judge-links.ts';
import { OPEN_OPERATION } from '../domain/seats/operation.ts';
import type { SeatState } from '../domain/seats/seat-state.ts';
import type { StoreReader } from './change-seat.ts';
import type { SeatStore } from './seat-store.ts';

/** Who has which link of an order, by its seats. Secret: exists only in memory. */
export interface HeldLinks {
  readonly codes: ReadonlyMap<string, HeldCode>;
  readonly templates: readonly string[];
  /** Everyone who has or had a seat of it. */
  readonly contactIds: readonly string[];
  /** Seats and contacts that an operation works on. */
  readonly busy: ReadonlySet<string>;
}

/** Whose code was not used, and whose link was written. */
const CARRIED: ReadonlySet<SeatState> = new Set(['exposed', 'claimed']);

/** What no contact ever had is left out. */
export async function readHeldLinks({ db, vault }: SeatStore, orderId: number, at: Date): Promise<HeldLinks> {
  const rows = await db
    .selectFrom('codes')
    .innerJoin('code_groups', 'code_groups.id', 'codes.group_id')
    .leftJoin('seats', (join) =>
      join.onRef('seats.code_id', '=', 'codes.id').on('seats.state', '<>', 'ended'),
    )
    .select(['code_enc', 'codes.state as code', 'redeem_url', 'codes_expire_at'])
    .select(['seats.id', 'seats.state', 'contact_id', 'learner_key'])
    .where('code_groups.order_id', '=', orderId)
    .where((where) => where.or([where('codes.state', '=', 'retired'), where('contact_id', 'is not', null)]))
    .execute();
  const busy = await readBusy(db, orderId);
  const codes = rows.map(({ code_enc, code, id, state, contact_id, learner_key, codes_expire_at: end }) => {
    const isUsable = code === 'handed_out' && (end === null || end > at);
    const seat = id !== null &&
      contact_id !== null &&
      state !== null && {
        id,
        contactId: contact_id,
        learnerKey: learner_key,
        isWanted: isUsable && CARRIED.has(state) && !busy.has(id),
      };
    return [vault.open(code_enc), { seat: seat || null }] as const;
  });
  const contacts = await db
    .selectFrom('seats')
    .select('contact_id')
    .distinct()
    .where('order_id', '=', orderId)
    .where('contact_id', 'is not', null)
    .execute();
  return {
    codes: new Map(codes),
    templates: [...new Set(rows.map(({ redeem_url }) => redeem_url))],
    contactIds: contacts.flatMap(({ contact_id: id }) => id ?? []),
    busy,
  };
}

/** An operation writes links last: until then the seat, the one after it and their contacts are on the way. */
async function readBusy(db: StoreReader, orderId: number): Promise<ReadonlySet<string>> {
  const rows = await db
    .selectFrom('operations')
    .innerJoin('seats', 'seats.id', 'operations.seat_id')
    .leftJoin('seats as next', 'next.id', 'seats.next_seat_id')
    .select(['seats.id', 'seats.contact_id', 'next.id as next_id', 'next.contact_id as next_contact'])
    .where('operations.order_id', '=', orderId)
    .where('operations.state', 'in', [...OPEN_OPERATION])
    .execute();
  const parts = rows.flatMap((row) => [row.id, row.contact_id, row.next_id, row.next_contact]);
  return new Set(parts.filter((part) => part !== null));
}
