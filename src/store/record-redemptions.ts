import type { Selectable } from 'kysely';
import { sql } from 'kysely';
import { accessEndFrom } from '../domain/seats/access-end.ts';
import { type Actor, emailKey, type SeatState } from '../domain/seats/seat-state.ts';
import { lateRedemptionFinding, twoSeatsFinding } from '../domain/texts/seat-findings.ts';
import { changeSeat, type SeatChange, type SeatRow, type StoreTransaction } from './change-seat.ts';
import type { CodeVault } from './code-vault.ts';
import { reportFinding } from './findings.ts';
import { LATE_REDEMPTION, lateRedemptionKey } from './late-redemptions.ts';
import { lockOrder } from './request-operation.ts';
import type { CodeGroupsTable, CodesTable, RedemptionsTable } from './schema.ts';
import type { SeatStore } from './seat-store.ts';
import { inTransaction } from './transaction.ts';

/** What a source says of one redemption. */
export interface HeardRedemption {
  readonly platform: string;
  readonly code: string;
  /** `list`: the list of the group's codes, which may know neither when nor who. */
  readonly from: 'event' | 'list' | 'webhook';
  /** UTC instant; null: not said. */
  readonly redeemedAt: string | null;
  readonly userId: string | null;
  readonly email: string | null;
}

/** How many redemptions were what to the store. */
export interface RecordedRedemptions {
  /** Heard of for the first time. Late ones included. */
  readonly recorded: number;
  /** Known, and now with a user, an address or a time that was missing. */
  readonly completed: number;
  readonly known: number;
  /** Of codes that are not in the store. Nothing is kept of them. */
  readonly foreign: number;
  /** Of codes that were not to be used any more: each is a finding of kind `late_redemption`. */
  readonly late: number;
}

const TWO_SEATS = 'two_seats';

type Outcome = Exclude<keyof RecordedRedemptions, 'foreign'>;

const LEARNER: Actor = { kind: 'platform', name: null };

/** Codes a statement: each has one look-up value a key, and PostgreSQL takes 65,535 parameters. */
const CODES = 500;

/**
 * Records each redemption once, from wherever and however often it is heard; a source that knows more completes what one
 * before it left open. May be repeated at any point.
 */
export async function recordRedemptions(
  store: SeatStore,
  heard: readonly HeardRedemption[],
  at: Date,
): Promise<RecordedRedemptions> {
  const counts = { recorded: 0, completed: 0, known: 0, foreign: 0, late: 0 };
  const all = joined(heard);
  for (let from = 0; from < all.length; from += CODES) {
    const some = all.slice(from, from + CODES);
    const found = await findCodes(store, some);
    counts.foreign += some.length - found.length;
    const news = found.filter(isNews);
    counts.known += found.length - news.length;
    for (const [orderId, ofOrder] of Map.groupBy(news, ({ orderId }) => orderId)) {
      const outcomes = await inTransaction(store.db, (trx) =>
        recordOfOrder(trx, store.vault, { orderId, found: ofOrder, at }),
      );
      for (const outcome of outcomes) {
        counts[outcome] += 1;
        if (outcome === 'late') counts.recorded += 1;
      }
    }
  }
  return counts;
}

/** Each code once, with all that was said of it. */
function joined(heard: readonly HeardRedemption[]): readonly HeardRedemption[] {
  const byCode = new Map<string, HeardRedemption>();
  for (const one of heard) {
    const before = byCode.get(one.code);
    byCode.set(one.code, before === undefined ? one : { ...before, ...missing(before, one) });
  }
  return [...byCode.values()];
}

function missing(before: HeardRedemption, one: HeardRedemption): Partial<HeardRedemption> {
  return {
    redeemedAt: before.redeemedAt ?? one.redeemedAt,
    userId: before.userId ?? one.userId,
    email: before.email ?? one.email,
  };
}

interface FoundCode {
  readonly heard: HeardRedemption;
  readonly macs: readonly string[];
  readonly codeId: number;
  readonly codeState: CodesTable['state'];
  readonly orderId: number;
  readonly redemption: Selectable<RedemptionsTable> | null;
}

async function findCodes(
  { db, vault }: SeatStore,
  heard: readonly HeardRedemption[],
): Promise<readonly FoundCode[]> {
  const macsOf = heard.map(({ code }) => vault.macsOf(code));
  const macs = macsOf.flat();
  const codes = await db
    .selectFrom('codes')
    .innerJoin('code_groups', 'code_groups.id', 'codes.group_id')
    .select(['codes.id', 'codes.code_mac', 'codes.state', 'code_groups.order_id', 'code_groups.platform'])
    .where('codes.code_mac', 'in', macs)
    .execute();
  const known = await db.selectFrom('redemptions').selectAll().where('code_mac', 'in', macs).execute();
  const codeOf = new Map(codes.map((code) => [code.code_mac, code]));
  const redemptionOf = new Map(known.map((redemption) => [redemption.code_mac, redemption]));
  return heard.flatMap((one, index): FoundCode[] => {
    const its = macsOf[index] ?? [];
    const code = firstOf(codeOf, its);
    if (code === null || code.platform !== one.platform) return [];
    const redemption = firstOf(redemptionOf, its);
    const { id: codeId, state: codeState, order_id: orderId } = code;
    return [{ heard: one, macs: its, codeId, codeState, orderId, redemption }];
  });
}

function firstOf<T>(found: ReadonlyMap<string, T>, macs: readonly string[]): T | null {
  return macs.map((mac) => found.get(mac)).find((one) => one !== undefined) ?? null;
}

function isNews({ heard, redemption, codeState }: FoundCode): boolean {
  const says = (known: unknown, said: unknown) => known === null && said !== null;
  if (redemption === null) {
    // A seat that was redeemed when the store was filled: only who and when would be new.
    const isSaid = heard.redeemedAt !== null || heard.userId !== null || heard.email !== null;
    return codeState !== 'redeemed' || isSaid;
  }
  return (
    says(redemption.redeemed_at, heard.redeemedAt) ||
    says(redemption.user_id, heard.userId) ||
    says(redemption.email, heard.email)
  );
}

interface OfOrder {
  readonly orderId: number;
  readonly found: readonly FoundCode[];
  readonly at: Date;
}

async function recordOfOrder(
  trx: StoreTransaction,
  vault: CodeVault,
  { orderId, found, at }: OfOrder,
): Promise<readonly Outcome[]> {
  await lockOrder(trx, orderId);
  const outcomes: Outcome[] = [];
  for (const one of found) outcomes.push(await recordOne(trx, vault, one, at));
  return outcomes;
}

/** A code with all that the store knows of it, as it is now. */
interface Ledger {
  readonly code: Selectable<CodesTable>;
  readonly group: Selectable<CodeGroupsTable>;
  /** The seat that it fills, or filled last; null: it never filled one. */
  readonly seat: SeatRow | null;
  readonly redemption: Selectable<RedemptionsTable> | null;
}

async function recordOne(
  trx: StoreTransaction,
  vault: CodeVault,
  { heard, codeId }: FoundCode,
  at: Date,
): Promise<Outcome> {
  const ledger = await readLedger(trx, codeId, vault.macsOf(heard.code));
  const redemption = await keepRedemption(trx, ledger, heard, at);
  if (redemption === null) return 'known';
  const wasKnown = ledger.redemption !== null || ledger.code.state === 'redeemed';
  const { seat } = ledger;
  const isLive = seat !== null && seat.state !== 'ended';
  const isLate = !wasKnown && !(isLive && seat.state !== 'removing') && !(await wasRedeemed(trx, seat));
  await keepOnCode(trx, ledger, redemption, at);
  if (seat !== null) await keepOnSeat(trx, { ...ledger, seat }, redemption, { at, isLate });
  if (isLate) {
    const { text, cure } = lateRedemptionFinding(ledger.group.title, seat?.ended_why ?? whyNot(ledger));
    await reportFinding(
      trx,
      {
        key: lateRedemptionKey(codeId),
        order_id: seat?.order_id ?? ledger.group.order_id,
        seat_id: seat?.id ?? null,
        kind: LATE_REDEMPTION,
        text,
        cure,
      },
      at,
    );
    return 'late';
  }
  return wasKnown ? 'completed' : 'recorded';
}

/** Of a code whose seat has not ended. */
function whyNot({ code, seat }: Ledger): 'withdrawn' | 'revoked' | 'spare' {
  if (seat?.state === 'removing') return 'revoked';
  return code.retired_why === 'withdrawn' ? 'withdrawn' : 'spare';
}

async function readLedger(trx: StoreTransaction, codeId: number, macs: readonly string[]): Promise<Ledger> {
  const code = await trx.selectFrom('codes').selectAll().where('id', '=', codeId).executeTakeFirstOrThrow();
  const group = await trx
    .selectFrom('code_groups')
    .selectAll()
    .where('id', '=', code.group_id)
    .executeTakeFirstOrThrow();
  const seat = await trx
    .selectFrom('seats')
    .selectAll()
    .where('code_id', '=', codeId)
    .orderBy(sql`(state <> 'ended')`, 'desc')
    .orderBy('created_at', 'desc')
    .executeTakeFirst();
  const redemption = await trx
    .selectFrom('redemptions')
    .selectAll()
    .where('code_mac', 'in', [...macs])
    .executeTakeFirst();
  return { code, group, seat: seat ?? null, redemption: redemption ?? null };
}

type Kept = Pick<Selectable<RedemptionsTable>, 'redeemed_at' | 'user_id' | 'email'>;

/** All that is known of the redemption now; null: it says nothing new. */
async function keepRedemption(
  trx: StoreTransaction,
  { code, seat, redemption }: Ledger,
  heard: HeardRedemption,
  at: Date,
): Promise<Kept | null> {
  const said: Kept = {
    redeemed_at: heard.redeemedAt === null ? null : new Date(heard.redeemedAt),
    user_id: heard.userId,
    email: heard.email,
  };
  if (redemption === null) {
    await trx
      .insertInto('redemptions')
      .values({
        code_mac: code.code_mac,
        platform: heard.platform,
        heard_from: heard.from,
        heard_at: at,
        seat_id: seat?.id ?? null,
        ...said,
      })
      .execute();
    return said;
  }
  const kept: Kept = {
    redeemed_at: redemption.redeemed_at ?? said.redeemed_at,
    user_id: redemption.user_id ?? said.user_id,
    email: redemption.email ?? said.email,
  };
  const isSame =
    kept.redeemed_at === redemption.redeemed_at &&
    kept.user_id === redemption.user_id &&
    kept.email === redemption.email;
  if (isSame) return null;
  await trx.updateTable('redemptions').set(kept).where('code_mac', '=', redemption.code_mac).execute();
  return kept;
}

/** An event may come late: of a seat that was used, then taken back. */
async function wasRedeemed(trx: StoreTransaction, seat: SeatRow | null): Promise<boolean> {
  if (seat === null) return false;
  const event = await trx
    .selectFrom('seat_events')
    .select('seq')
    .where('seat_id', '=', seat.id)
    .where(sql<boolean>`changed ->> 'state' = 'redeemed'`)
    .executeTakeFirst();
  return event !== undefined;
}

/** A retired code stays retired: it must not be used, whatever was done with it. */
async function keepOnCode(
  trx: StoreTransaction,
  { code }: Ledger,
  { redeemed_at }: Kept,
  at: Date,
): Promise<void> {
  await trx
    .updateTable('codes')
    .set({
      ...(code.state === 'retired' ? {} : { state: 'redeemed' as const }),
      redeemed_at: code.redeemed_at ?? redeemed_at,
      handed_out_at: code.handed_out_at ?? at,
    })
    .where('id', '=', code.id)
    .execute();
}

/** Who may come to have used the code. */
const MAY_BE_REDEEMED: ReadonlySet<SeatState> = new Set([
  'free',
  'invited',
  'exposed',
  'claimed',
  'granting',
]);

async function keepOnSeat(
  trx: StoreTransaction,
  { seat, group }: Ledger & { readonly seat: SeatRow },
  { redeemed_at, user_id, email }: Kept,
  { at, isLate }: { readonly at: Date; readonly isLate: boolean },
): Promise<void> {
  const redeemedAt = seat.redeemed_at ?? redeemed_at;
  const isLive = seat.state !== 'ended';
  const becomesUsed = MAY_BE_REDEEMED.has(seat.state);
  const learner = isLive && hasNoHolder(seat) && email !== null ? emailKey(email) : null;
  const isFirst = learner !== null && !(await hasSeat(trx, seat, learner));
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

async function hasSeat(trx: StoreTransaction, seat: SeatRow, learner: string): Promise<boolean> {
  const other = await trx
    .selectFrom('seats')
    .select('id')
    .where('order_id', '=', seat.order_id)
    .where('product_key', '=', seat.product_key)
    .where('learner_key', '=', learner)
    .where('state', '<>', 'ended')
    .executeTakeFirst();
  return other !== undefined;
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
