import type { Grants } from '../domain/deal/catalog.ts';
import { accessEndOf } from '../domain/seats/access-end.ts';
import type { AccessLeftOutcome } from '../domain/seats/late-decision.ts';
import { OPEN_OPERATION } from '../domain/seats/operation.ts';
import { DEALSEAT } from '../domain/seats/seat-state.ts';
import { groupOfSeat } from './access-terms.ts';
import { learnerEmailOf, ownGrantsOf } from './access-work.ts';
import { changeSeat, type SeatRow, type StoreReader } from './change-seat.ts';
import { countAsSeat } from './count-as-seat.ts';
import type { OrderRow } from './fill-order.ts';
import { type FindingRow, mayBeNotified } from './findings.ts';
import { ACCESS_LEFT } from './note-access-left.ts';
import { lockOrder } from './request-operation.ts';
import type { SeatStore } from './seat-store.ts';
import { inTransaction } from './transaction.ts';

/** A seat ended while somebody had access by it, and nothing has come of that yet. */
export interface AccessLeft {
  readonly finding: Pick<FindingRow, 'id' | 'decision'>;
  readonly seat: SeatRow;
  readonly platform: string;
  readonly userId: string | null;
  readonly email: string | null;
  /** Without what other seats of the same person give, and nothing once the access has ended. */
  readonly grants: Grants;
}

const NOTHING: Grants = { courses: [], learningPaths: [], bundles: [], licenses: [] };

/** Oldest first. Those of which an operation still works are left for later. */
export async function openAccessLeft(
  db: StoreReader,
  { limit, at }: { readonly limit: number; readonly at: Date },
): Promise<readonly AccessLeft[]> {
  const rows = await db
    .selectFrom('findings')
    .innerJoin('seats', 'seats.id', 'findings.seat_id')
    .leftJoin('operations', 'operations.id', 'seats.operation_id')
    .selectAll('seats')
    .select(['findings.id as finding_id', 'findings.decision'])
    .where('findings.kind', '=', ACCESS_LEFT)
    .where('findings.resolved_at', 'is', null)
    .where('findings.outcome', 'is', null)
    .where((where) =>
      where.or([
        where('operations.state', 'is', null),
        where('operations.state', 'not in', [...OPEN_OPERATION]),
      ]),
    )
    .orderBy('findings.id')
    .limit(limit)
    .execute();
  const left: AccessLeft[] = [];
  for (const { finding_id: id, decision, ...seat } of rows) {
    const group = await groupOfSeat(db, seat);
    const end = accessEndOf(seat, group);
    const email = learnerEmailOf(seat);
    const isOver = end !== null && end <= at;
    left.push({
      finding: { id, decision },
      seat,
      platform: group.platform,
      userId: seat.redeemer_user_id,
      email,
      grants: isOver ? NOTHING : await ownGrantsOf(db, { seat, group, email, at }),
    });
  }
  return left;
}

/** What came of it. Only with an answer of a person does an obstacle, or a question, end. */
export async function noteAccessLeftOutcome(
  { db }: Pick<SeatStore, 'db'>,
  { finding, seat }: Pick<AccessLeft, 'finding' | 'seat'>,
  { outcome, at }: { readonly outcome: AccessLeftOutcome; readonly at: Date },
): Promise<void> {
  await inTransaction(db, async (trx) => {
    await lockOrder(trx, seat.order_id);
    const { version, access_until: until } = await trx
      .selectFrom('seats')
      .select(['version', 'access_until'])
      .where('id', '=', seat.id)
      .executeTakeFirstOrThrow();
    if (outcome === 'revoked' && (until === null || until > at)) {
      await changeSeat(trx, {
        seatId: seat.id,
        version,
        kind: 'access_changed',
        actor: DEALSEAT,
        reason: 'The seat had ended, and by the rule of the catalog or a decision Dealseat ended the access',
        at,
        set: { access_until: at },
      });
    }
    const isOver = outcome === 'revoked' || outcome === 'allowed' || outcome === 'gone';
    await trx
      .updateTable('findings')
      .set({ outcome, ...(isOver ? { resolved_at: at } : {}) })
      .where('id', '=', finding.id)
      .execute();
  });
}

/** Counts the access as one of the sold seats. False: all are somebody else's. A repeat counts nothing. */
export async function countAccessLeft(
  { db }: Pick<SeatStore, 'db'>,
  { seat, userId, email }: AccessLeft,
  at: Date,
): Promise<boolean> {
  return await inTransaction(db, async (trx) => {
    await lockOrder(trx, seat.order_id);
    const happening = {
      actor: DEALSEAT,
      reason: 'A seat that was in use had ended, and the learner keeps the access',
      at,
    };
    const { order_id: orderId, product_key: productKey } = seat;
    const access = {
      orderId,
      productKey,
      userId,
      email,
      redeemedAt: seat.redeemed_at,
      accessUntil: seat.access_until,
    };
    const next = await countAsSeat(trx, access, happening);
    if (next === null) return false;
    await trx.updateTable('seats').set({ next_seat_id: next }).where('id', '=', seat.id).execute();
    return true;
  });
}

/** What is to be reported to the owner of one deal, all at once. */
export interface AccessLeftReport {
  readonly order: OrderRow;
  readonly settled: readonly {
    readonly findingId: number;
    readonly outcome: AccessLeftOutcome;
    readonly email: string | null;
  }[];
  /** Access about which a person is still asked, of this report or one before. */
  readonly asked: number;
}

/** Of deals of which nothing is still to be looked at. */
export async function accessLeftReports(db: StoreReader, at: Date): Promise<readonly AccessLeftReport[]> {
  const rows = await db
    .selectFrom('findings')
    .innerJoin('seats', 'seats.id', 'findings.seat_id')
    .select(['findings.id', 'findings.outcome', 'seats.order_id'])
    .select(['redeemer_email', 'used_by_other', 'learner_email'])
    .where('findings.kind', '=', ACCESS_LEFT)
    .where('findings.outcome', 'is not', null)
    .where('findings.notified_at', 'is', null)
    .where(({ or, eb }) => or([eb('decision', 'is', null), eb('decision', '<>', 'keep')]))
    .where(mayBeNotified(at))
    .orderBy('findings.id')
    .execute();
  const reports: AccessLeftReport[] = [];
  for (const [orderId, found] of Map.groupBy(rows, ({ order_id: id }) => id)) {
    const open = await openOf(db, orderId);
    if (open.some(({ outcome }) => outcome === null)) continue;
    reports.push({
      order: await db.selectFrom('orders').selectAll().where('id', '=', orderId).executeTakeFirstOrThrow(),
      settled: found.map(({ id: findingId, outcome, ...seat }) => ({
        findingId,
        outcome: outcome ?? 'asked',
        email: learnerEmailOf(seat),
      })),
      asked: open.length,
    });
  }
  return reports;
}

/** The owner has a task, or there is no one to give one to. */
export async function noteReported(db: StoreReader, ids: readonly number[], at: Date): Promise<void> {
  await db
    .updateTable('findings')
    .set({ notified_at: at })
    .where('id', 'in', [...ids])
    .execute();
}

/** Of how many ended seats of a deal somebody may still have access, and how many of these had a code. */
export interface OpenAccessLeft {
  readonly count: number;
  readonly byCode: number;
}

/** `productKey`: of that product alone. */
export async function countOpenAccessLeft(
  db: StoreReader,
  orderId: number,
  productKey?: string,
): Promise<OpenAccessLeft> {
  const all = await openOf(db, orderId);
  const open = all.filter(({ product_key: key }) => productKey === undefined || key === productKey);
  return { count: open.length, byCode: open.filter(({ code_id: code }) => code !== null).length };
}

async function openOf(db: StoreReader, orderId: number) {
  return await db
    .selectFrom('findings')
    .innerJoin('seats', 'seats.id', 'findings.seat_id')
    .select(['findings.outcome', 'seats.code_id', 'seats.product_key'])
    .where('findings.order_id', '=', orderId)
    .where('findings.kind', '=', ACCESS_LEFT)
    .where('findings.resolved_at', 'is', null)
    .execute();
}
