import { accessEndOf } from '../domain/seats/access-end.ts';
import { OPEN_OPERATION } from '../domain/seats/operation.ts';
import { type GroupRow, groupOfSeat } from './access-terms.ts';
import type { SeatRow, StoreReader } from './change-seat.ts';
import { LATE_REDEMPTION } from './late-redemptions.ts';
import { ACCESS_LEFT } from './note-access-left.ts';

/** A seat whose access the platform can be asked about. */
export interface AccessToSee {
  readonly seat: SeatRow;
  readonly group: GroupRow;
  readonly userId: string | null;
  readonly email: string | null;
  /** A difference was found before, and it is not over. */
  readonly isOpen: boolean;
}

const DAY_MS = 24 * 60 * 60 * 1_000;

/** The platform may show a change late, and an administrator needs a day for what only they can do. */
const RESTED_MS = DAY_MS;

/** What was in order is looked at again after so long. */
const AGAIN_MS = 7 * DAY_MS;

/**
 * Seats of an order whose access is due to be looked at: first those that changed, then those that were looked at longest
 * ago. Of live seats those that were given directly, for codes have counters; of ended ones
 * those that somebody used, until the access is seen to be gone. Codes that were redeemed late, and access that a
 * withdrawal left, are settled by another rule.
 */
export async function accessToSee(db: StoreReader, orderId: number, at: Date): Promise<AccessToSee[]> {
  const rows = await db
    .selectFrom('seats')
    .leftJoin('access_looks', 'access_looks.seat_id', 'seats.id')
    .selectAll('seats')
    .select(['looked_at'])
    .select(({ exists, selectFrom }) =>
      exists(
        selectFrom('findings')
          .select('findings.id')
          .whereRef('findings.seat_id', '=', 'seats.id')
          .where('kind', 'in', ['audit.access_gone', 'audit.access_stays'])
          .where('resolved_at', 'is', null),
      ).as('is_open'),
    )
    .where('seats.order_id', '=', orderId)
    .where('state_since', '<', before(at, RESTED_MS))
    .where((where) =>
      where.or([
        where.and([
          where('state', '=', 'redeemed'),
          where('code_id', 'is', null),
          where('operation_id', 'is', null),
          where('redeemer_user_id', 'is not', null),
        ]),
        where.and([
          where('state', '=', 'ended'),
          where('ended_why', 'in', ['revoked', 'reassigned', 'withdrawn']),
          where.or([where('redeemed_at', 'is not', null), where('redeemer_user_id', 'is not', null)]),
          where.or([where('is_gone', 'is', null), where('is_gone', '=', false)]),
        ]),
      ]),
    )
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('findings')
            .select('findings.id')
            .whereRef('findings.seat_id', '=', 'seats.id')
            .where('kind', 'in', [LATE_REDEMPTION, ACCESS_LEFT]),
        ),
      ),
    )
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('operations')
            .select('operations.id')
            .whereRef('operations.seat_id', '=', 'seats.id')
            .where('operations.state', 'in', [...OPEN_OPERATION]),
        ),
      ),
    )
    .execute();
  const due: (AccessToSee & { readonly lookedAt: number })[] = [];
  for (const { looked_at, is_open, ...seat } of rows) {
    const hasChanged = looked_at === null || looked_at < seat.state_since;
    const isOpen = Boolean(is_open);
    if (!isOpen && !hasChanged && looked_at > before(at, AGAIN_MS)) continue;
    const email = seat.redeemer_email ?? (seat.used_by_other ? null : seat.learner_email);
    const userId = seat.redeemer_user_id;
    if (userId === null && email === null) continue;
    const group = await groupOfSeat(db, seat);
    const end = accessEndOf(seat, group);
    // About to end by itself.
    if (end !== null && end < new Date(at.getTime() + DAY_MS)) continue;
    const lookedAt = hasChanged ? 0 : looked_at.getTime();
    due.push({ seat, group, userId, email, isOpen, lookedAt });
  }
  return due.sort((a, b) => a.lookedAt - b.lookedAt);
}

function before(at: Date, ms: number): Date {
  return new Date(at.getTime() - ms);
}

export async function noteLooked(
  db: StoreReader,
  { id: seat_id }: Pick<SeatRow, 'id'>,
  { isGone: is_gone, at }: { readonly isGone: boolean; readonly at: Date },
): Promise<void> {
  await db
    .insertInto('access_looks')
    .values({ seat_id, looked_at: at, is_gone })
    .onConflict((conflict) => conflict.column('seat_id').doUpdateSet({ looked_at: at, is_gone }))
    .execute();
}
