import { sql } from 'kysely';
import type { Grants } from '../domain/deal/catalog.ts';
import { DealseatError } from '../domain/failure.ts';
import { type AccessTerms, accessEndOf } from '../domain/seats/access-end.ts';
import type { OperationInputs, SeatPerson } from '../domain/seats/operation.ts';
import { emailKey, type SeatState } from '../domain/seats/seat-state.ts';
import { type GroupRow, groupOfSeat } from './access-terms.ts';
import type { SeatRow, StoreReader, StoreTransaction } from './change-seat.ts';
import { lastEventAfter } from './last-event.ts';
import { isOpen, lockOperation } from './operation.ts';
import type { OperationRow } from './request-operation.ts';
import type { SeatStore } from './seat-store.ts';
import { inTransaction } from './transaction.ts';

/** What a step at the platform must know. Read anew by every attempt; addresses stay in memory. */
export interface AccessWork {
  readonly operation: OperationRow;
  readonly seat: SeatRow;
  /** Somebody has used the seat: there is access. */
  readonly isUsed: boolean;
  /** Whose access it is, as far as the store knows. */
  readonly userId: string | null;
  readonly email: string | null;
  /** Who is to get access. */
  readonly to: SeatPerson | null;
  readonly platform: string;
  readonly client: string | null;
  readonly terms: AccessTerms;
  /** All that the product gives. */
  readonly grants: Grants;
  /** Without what another seat in use of the same person gives too. */
  readonly ownGrants: Grants;
}

/**
 * Null: an attempt before has done it, or the operation has ended. Throws `seat.changed` when the seat was ended by
 * something else.
 */
export async function readAccessWork(
  { db }: Pick<SeatStore, 'db'>,
  operationId: string,
  at: Date,
): Promise<AccessWork | null> {
  return await inTransaction(db, async (trx) => {
    const { operation, seat } = await lockOperation(trx, operationId, 'none');
    if (!isOpen(operation)) return null;
    if (seat === null) {
      await requireDone(trx, operation);
      return null;
    }
    const group = await groupOfSeat(trx, seat);
    const { to } = operation.input as Partial<OperationInputs['reassign']>;
    const email = learnerEmailOf(seat);
    return {
      operation,
      seat,
      isUsed: seat.state === 'redeemed' || operation.came_from === 'redeemed',
      userId: seat.redeemer_user_id,
      email,
      to: to ?? null,
      platform: group.platform,
      client: group.client,
      terms: group,
      grants: group.grants,
      ownGrants: await ownGrantsOf(trx, { seat, group, email, at }),
    };
  });
}

/** Whose access it is; null: that of somebody whom the platform does not name. */
export function learnerEmailOf(
  seat: Pick<SeatRow, 'redeemer_email' | 'used_by_other' | 'learner_email'>,
): string | null {
  return seat.redeemer_email ?? (seat.used_by_other ? null : seat.learner_email);
}

/** What the person has by this seat alone. */
export async function ownGrantsOf(db: StoreReader, { seat, group, email, at }: Person): Promise<Grants> {
  const emails = [email, seat.learner_email].filter((one) => one !== null);
  const userId = seat.redeemer_user_id;
  return without(group.grants, await givenElsewhere(db, { seat, group, userId, emails, at }));
}

interface Person {
  readonly seat: SeatRow;
  readonly group: GroupRow;
  readonly email: string | null;
  readonly at: Date;
}

/** The seat waits no longer: because it has what was asked for, or because a withdrawal ended it. */
async function requireDone(trx: StoreTransaction, { id, seat_id, kind }: OperationRow): Promise<void> {
  if (kind === 'revoke' || kind === 'reassign') return;
  const events = await trx
    .selectFrom('seat_events')
    .select(['kind', 'changed'])
    .where('seat_id', '=', seat_id)
    .orderBy('version')
    .execute();
  const since = events.slice(1 + events.findIndex(({ changed }) => changed.operation_id === id));
  if (since.some(({ kind: did }) => did === 'granted' || did === 'access_changed')) return;
  throw new DealseatError({
    code: 'seat.changed',
    message: `The seat was ended before it was done: ${await lastEventAfter(trx, seat_id, 0)}`,
  });
}

interface OtherSeats {
  readonly seat: Pick<SeatRow, 'id'>;
  readonly group: Pick<GroupRow, 'platform'>;
  readonly userId: string | null;
  readonly emails: readonly string[];
  readonly at: Date;
  /** Default: those that give access. */
  readonly states?: readonly SeatState[];
}

/** What other seats of the same person give on the same platform. One that is being taken back gives nothing. */
export async function givenElsewhere(
  db: StoreReader,
  { seat, group, userId, emails, at, states = ['redeemed', 'granting'] }: OtherSeats,
): Promise<readonly Grants[]> {
  const addresses = [...new Set(emails.map(emailKey))];
  if (addresses.length === 0 && userId === null) return [];
  const others = await db
    .selectFrom('seats')
    .selectAll()
    .where('id', '<>', seat.id)
    .where('state', 'in', [...states])
    .where((where) =>
      where.or([
        ...(addresses.length === 0
          ? []
          : [
              where('learner_key', 'in', addresses),
              where(sql<string>`lower(redeemer_email)`, 'in', addresses),
            ]),
        ...(userId === null ? [] : [where('redeemer_user_id', '=', userId)]),
      ]),
    )
    .execute();
  const given: Grants[] = [];
  for (const other of others) {
    const its = await groupOfSeat(db, other);
    const end = accessEndOf(other, its);
    if (its.platform === group.platform && (end === null || end > at)) given.push(its.grants);
  }
  return given;
}

/** Grants less those that are given by something else. */
export function without(grants: Grants, given: readonly Grants[]): Grants {
  const left = (kind: keyof Grants) => {
    const also = new Set(given.flatMap((each) => each[kind]).map((id) => id.toLowerCase()));
    return grants[kind].filter((id) => !also.has(id.toLowerCase()));
  };
  return {
    courses: left('courses'),
    learningPaths: left('learningPaths'),
    bundles: left('bundles'),
    licenses: left('licenses'),
  };
}
