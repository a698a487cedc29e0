import type { Selectable } from 'kysely';
import type { Grants } from '../domain/deal/catalog.ts';
import { DEALSEAT, emailKey } from '../domain/seats/seat-state.ts';
import { changeSeat, type SeatRow, type StoreReader, type StoreTransaction } from './change-seat.ts';
import { countAsSeat } from './count-as-seat.ts';
import type { OrderRow } from './fill-order.ts';
import { type FindingRow, mayBeNotified } from './findings.ts';
import { lockOrder } from './request-operation.ts';
import type { CodeGroupsTable } from './schema.ts';
import type { SeatStore } from './seat-store.ts';
import { inTransaction } from './transaction.ts';

export const LATE_REDEMPTION = 'late_redemption';

const KEY = 'late-redemption:';

/** Of the finding. */
export function lateRedemptionKey(codeId: number): string {
  return `${KEY}${codeId}`;
}

/** The code that the finding is about. */
export function codeIdOf({ key }: Pick<FindingRow, 'key'>): number {
  return Number(key.slice(KEY.length));
}

/** A code that must not be used any more was redeemed, and it has not been settled what comes of it. */
export interface LateRedemption {
  readonly finding: FindingRow;
  readonly codeId: number;
  readonly order: OrderRow;
  readonly group: Selectable<CodeGroupsTable>;
  /** The seat that the code filled last; null: it never filled one. */
  readonly seat: SeatRow | null;
  readonly redeemer: { readonly userId: string | null; readonly email: string | null };
  /** UTC instant; null: the platform did not say. */
  readonly redeemedAt: Date | null;
  /** An attempt before has counted it as one of the sold seats. */
  readonly isCounted: boolean;
}

/** Those whose owner was not notified yet, oldest first. */
export async function openLateRedemptions(
  db: StoreReader,
  { limit, at }: { readonly limit: number; readonly at: Date },
): Promise<readonly LateRedemption[]> {
  const findings = await db
    .selectFrom('findings')
    .selectAll()
    .where('kind', '=', LATE_REDEMPTION)
    .where('resolved_at', 'is', null)
    .where('notified_at', 'is', null)
    .where(mayBeNotified(at))
    .orderBy('id')
    .limit(limit)
    .execute();
  const late: LateRedemption[] = [];
  for (const finding of findings) late.push(await readLate(db, finding));
  return late;
}

async function readLate(db: StoreReader, finding: FindingRow): Promise<LateRedemption> {
  const codeId = codeIdOf(finding);
  const group = await db
    .selectFrom('code_groups')
    .innerJoin('codes', 'codes.group_id', 'code_groups.id')
    .selectAll('code_groups')
    .where('codes.id', '=', codeId)
    .executeTakeFirstOrThrow();
  const seat =
    finding.seat_id === null
      ? undefined
      : await db.selectFrom('seats').selectAll().where('id', '=', finding.seat_id).executeTakeFirst();
  const order = await db
    .selectFrom('orders')
    .selectAll()
    .where('id', '=', seat?.order_id ?? group.order_id)
    .executeTakeFirstOrThrow();
  const redemption = await db
    .selectFrom('redemptions')
    .innerJoin('codes', 'codes.code_mac', 'redemptions.code_mac')
    .select(['redemptions.user_id', 'redemptions.email', 'redemptions.redeemed_at', 'redemptions.seat_id'])
    .where('codes.id', '=', codeId)
    .executeTakeFirst();
  return {
    finding,
    codeId,
    order,
    group,
    seat: seat ?? null,
    redeemer: { userId: redemption?.user_id ?? null, email: redemption?.email ?? null },
    redeemedAt: redemption?.redeemed_at ?? null,
    isCounted: redemption !== undefined && redemption.seat_id !== finding.seat_id,
  };
}

/** Whether the learner has some of the same content by another seat, whose access would end, too. */
export async function hasOtherAccess(
  db: StoreReader,
  { redeemer: { userId, email }, group, seat: itsOwn }: LateRedemption,
): Promise<boolean> {
  if (userId === null && email === null) return false;
  const seats = await db
    .selectFrom('seats')
    .innerJoin('code_groups', (join) =>
      join
        .onRef('code_groups.order_id', '=', 'seats.order_id')
        .onRef('code_groups.product_key', '=', 'seats.product_key'),
    )
    .select(['code_groups.grants', 'code_groups.platform'])
    .where('seats.state', '<>', 'ended')
    .where('seats.id', '<>', itsOwn?.id ?? NO_ID)
    .where((seat) =>
      seat.or([
        ...(userId === null ? [] : [seat('seats.redeemer_user_id', '=', userId)]),
        ...(email === null ? [] : [seat('seats.learner_key', '=', emailKey(email))]),
      ]),
    )
    .execute();
  return seats.some(({ platform, grants }) => platform === group.platform && overlap(grants, group.grants));
}

const NO_ID = '00000000-0000-0000-0000-000000000000';

const KINDS = ['courses', 'learningPaths', 'bundles', 'licenses'] as const;

function overlap(some: Grants, others: Grants): boolean {
  return KINDS.some((kind) => some[kind].some((id) => others[kind].includes(id)));
}

/** Access was ended at the platform. A repeat changes nothing. */
export async function noteAccessEnded(
  { db }: Pick<SeatStore, 'db'>,
  { finding, seat }: Pick<LateRedemption, 'finding' | 'seat'>,
  at: Date,
): Promise<void> {
  if (finding.outcome === 'revoked') return;
  await inTransaction(db, async (trx) => {
    await trx.updateTable('findings').set({ outcome: 'revoked' }).where('id', '=', finding.id).execute();
    if (seat === null) return;
    await lockOrder(trx, seat.order_id);
    const { version } = await rereadSeat(trx, seat.id);
    await changeSeat(trx, {
      seatId: seat.id,
      version,
      kind: 'access_changed',
      actor: DEALSEAT,
      reason: 'Its code was redeemed late, and by the rule of the catalog Dealseat ended the access',
      at,
      set: { access_until: at },
    });
  });
}

/**
 * Counts the late redemption as one of the sold seats: the learner's own that is not in use, or a free one. False: all
 * are somebody else's. The code stays retired, and the one of a free seat is spare from then on.
 */
export async function countLateRedemption(
  { db }: Pick<SeatStore, 'db'>,
  late: LateRedemption,
  at: Date,
): Promise<boolean> {
  const { order, group, redeemer, redeemedAt, codeId } = late;
  if (late.isCounted) return true;
  return await inTransaction(db, async (trx) => {
    await lockOrder(trx, order.id);
    const { userId, email } = redeemer;
    const access = { orderId: order.id, productKey: group.product_key, userId, email, redeemedAt };
    const seatId = await countAsSeat(trx, access, {
      actor: DEALSEAT,
      reason:
        'A code that was taken back was redeemed late, and by the rule of the catalog the seat is counted',
      at,
    });
    if (seatId === null) return false;
    await trx
      .updateTable('redemptions')
      .set({ seat_id: seatId })
      .where('code_mac', '=', (code) => code.selectFrom('codes').select('code_mac').where('id', '=', codeId))
      .execute();
    return true;
  });
}

/** The owner has a task, or there is no one to give one to. What was settled needs no one any more. */
export async function noteNotified(
  db: StoreReader,
  { id }: Pick<FindingRow, 'id'>,
  { isSettled, at }: { readonly isSettled: boolean; readonly at: Date },
): Promise<void> {
  await db
    .updateTable('findings')
    .set({ notified_at: at, ...(isSettled ? { resolved_at: at } : {}) })
    .where('id', '=', id)
    .execute();
}

async function rereadSeat(trx: StoreTransaction, seatId: string): Promise<SeatRow> {
  return await trx.selectFrom('seats').selectAll().where('id', '=', seatId).executeTakeFirstOrThrow();
}
