import type { Selectable } from 'kysely';
import { accessEndFrom } from '../domain/seats/access-end.ts';
import { type Actor, emailKey, type SeatState } from '../domain/seats/seat-state.ts';
import { twoSeatsFinding } from '../domain/texts/seat-findings.ts';
import { changeSeat, type SeatChange, type SeatRow, type StoreTransaction } from './change-seat.ts';
import { reportFinding } from './findings.ts';
import { type CodeLedger, holderOf } from './redemption-ledger.ts';
import type { CodeGroupsTable, RedemptionsTable } from './schema.ts';

const LEARNER: Actor = { kind: 'platform', name: null };

const TWO_SEATS = 'two_seats';

/** What is known of a redemption. */
export type RedemptionFacts = Pick<Selectable<RedemptionsTable>, 'redeemed_at' | 'user_id' | 'email'>;

export interface Recording {
  readonly trx: StoreTransaction;
  readonly at: Date;
  /** Who has live seats of the order: `holderOf`. */
  readonly holders: Set<string>;
}

/** Who may come to have used the code. */
const MAY_BE_REDEEMED: ReadonlySet<SeatState> = new Set([
  'free',
  'invited',
  'exposed',
  'claimed',
  'granting',
]);

interface OnSeat {
  readonly seat: SeatRow;
  readonly group: CodeLedger['group'];
  readonly facts: RedemptionFacts;
  readonly isLate: boolean;
}

/**
 * What a redemption makes of the seat that its code fills, or filled last. Within a transaction that has locked the order.
 */
export async function redeemSeat(
  { trx, at, holders }: Recording,
  { seat, group, facts: { redeemed_at, user_id, email }, isLate }: OnSeat,
): Promise<void> {
  const redeemedAt = seat.redeemed_at ?? redeemed_at;
  const isLive = seat.state !== 'ended';
  const becomesUsed = MAY_BE_REDEEMED.has(seat.state);
  const learner = isLive && hasNoHolder(seat) && email !== null ? emailKey(email) : null;
  const holder = learner === null ? null : holderOf(seat.product_key, learner);
  const isFirst = holder !== null && !holders.has(holder);
  if (holder !== null) holders.add(holder);
  const set: SeatChange['set'] = {
    ...(becomesUsed ? { state: 'redeemed' } : {}),
    ...filled(seat, 'redeemed_at', redeemed_at),
    ...filled(seat, 'redeemer_user_id', user_id),
    ...filled(seat, 'redeemer_email', email),
    ...(isLive ? filled(seat, 'access_until', endOf(group, redeemedAt)) : {}),
    ...(isFirst ? { learner_email: email, learner_key: learner } : {}),
  };
  let current = seat;
  if (Object.keys(set).length > 0) {
    current = await must(
      changeSeat(trx, {
        seatId: seat.id,
        version: seat.version,
        kind: isLate ? 'flagged' : 'redeemed',
        actor: LEARNER,
        reason: isLate ? 'The code was redeemed although it must not be used' : null,
        at,
        set,
      }),
    );
  }
  if (!isLive) return;
  if (learner !== null && !isFirst) await reportTwoSeats(trx, current, group, at);
  if (isOther(current, email) && !current.used_by_other) {
    await must(
      changeSeat(trx, {
        seatId: current.id,
        version: current.version,
        kind: 'flagged',
        actor: LEARNER,
        reason: 'The code was redeemed under another address than that of the holder',
        at,
        set: { used_by_other: true },
      }),
    );
  }
}

/** The last day of access holds whenever it was redeemed. */
function endOf(group: Selectable<CodeGroupsTable>, redeemedAt: Date | null): Date | null {
  return redeemedAt === null ? group.access_until : accessEndFrom(redeemedAt, group);
}

type Fact = 'redeemed_at' | 'redeemer_user_id' | 'redeemer_email' | 'access_until';

/** A column that is empty so far. */
function filled(seat: SeatRow, column: Fact, value: Date | string | null): SeatChange['set'] {
  return seat[column] === null && value !== null ? { [column]: value } : {};
}

async function reportTwoSeats(
  trx: StoreTransaction,
  seat: SeatRow,
  { title }: Pick<CodeGroupsTable, 'title'>,
  at: Date,
): Promise<void> {
  await reportFinding(
    trx,
    {
      key: `two-seats:${seat.id}`,
      order_id: seat.order_id,
      seat_id: seat.id,
      kind: TWO_SEATS,
      ...twoSeatsFinding(title),
    },
    at,
  );
}

function hasNoHolder({ learner_key, learner_email, contact_id }: SeatRow): boolean {
  return learner_key === null && learner_email === null && contact_id === null;
}

/** A holder without an address is known by the record of the CRM, which says nothing of addresses. */
function isOther({ learner_email: holder }: SeatRow, email: string | null): boolean {
  return holder !== null && email !== null && emailKey(holder) !== emailKey(email);
}

/** Within a transaction that has locked the order no one can be faster. */
async function must(change: Promise<SeatRow | null>): Promise<SeatRow> {
  const row = await change;
  if (row === null) throw new Error('A seat of a locked order was changed by somebody else');
  return row;
}
