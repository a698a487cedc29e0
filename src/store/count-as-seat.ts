import { emailKey } from '../domain/seats/seat-state.ts';
import { changeSeat, type SeatHappening, type StoreTransaction } from './change-seat.ts';
import { hasLiveSeat } from './live-seat.ts';

/** Somebody who has access and is to have a seat for it. */
export interface SeatlessAccess {
  readonly orderId: number;
  readonly productKey: string;
  readonly userId: string | null;
  readonly email: string | null;
  readonly redeemedAt: Date | null;
  /** As it was set for the learner; absent: by the terms of the product. */
  readonly accessUntil?: Date | null;
}

/**
 * One of the sold seats: the learner's own that is not in use, or a free one, whose code is spare from then on. Its id;
 * null: all are somebody else's. Needs the order's row locked.
 */
export async function countAsSeat(
  trx: StoreTransaction,
  { orderId, productKey, userId, email, redeemedAt, accessUntil = null }: SeatlessAccess,
  happening: Omit<SeatHappening, 'kind'>,
): Promise<string | null> {
  const learner = email === null ? null : emailKey(email);
  const seat = await trx
    .selectFrom('seats')
    .selectAll()
    .where('order_id', '=', orderId)
    .where('product_key', '=', productKey)
    .where('operation_id', 'is', null)
    .where((where) =>
      where.or([
        where.and([where('state', '=', 'free'), where('learner_key', 'is', null)]),
        ...(learner === null ? [] : [where('learner_key', '=', learner)]),
      ]),
    )
    .where('state', 'in', ['free', 'invited', 'exposed', 'claimed'])
    .orderBy('learner_key', (key) => key.desc().nullsLast())
    .orderBy('created_at')
    .executeTakeFirst();
  if (seat === undefined) return null;
  const isOwn = seat.learner_key !== null;
  const hasOther =
    learner !== null && !isOwn && (await hasLiveSeat(trx, { orderId, productKey, learnerKey: learner }));
  const changed = await changeSeat(trx, {
    ...happening,
    seatId: seat.id,
    version: seat.version,
    kind: 'redeemed',
    set: {
      state: 'redeemed',
      redeemed_at: redeemedAt,
      redeemer_user_id: userId,
      redeemer_email: email,
      ...(accessUntil === null ? {} : { access_until: accessUntil }),
      ...(isOwn ? {} : { code_id: null }),
      ...(learner === null || isOwn || hasOther ? {} : { learner_key: learner, learner_email: email }),
    },
  });
  if (changed === null) throw new Error('A seat of a locked order was changed by somebody else');
  return seat.id;
}
