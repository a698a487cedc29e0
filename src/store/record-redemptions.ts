import { type Selectable, sql } from 'kysely';
import { lateRedemptionFinding } from '../domain/texts/seat-findings.ts';
import type { SeatRow, StoreTransaction } from './change-seat.ts';
import { reportFinding } from './findings.ts';
import { LATE_REDEMPTION, lateRedemptionKey } from './late-redemptions.ts';
import { type Recording, type RedemptionFacts, redeemSeat } from './redeem-seat.ts';
import { type CodeLedger, readCodeLedgers, readHolders } from './redemption-ledger.ts';
import { lockOrder } from './request-operation.ts';
import type { CodesTable, RedemptionsTable } from './schema.ts';
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

type Outcome = Exclude<keyof RecordedRedemptions, 'foreign'>;

/** Codes a statement: each has one look-up value a key, and PostgreSQL takes 65,535 parameters. */
const CODES = 1_000;

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
  const news: FoundCode[] = [];
  for (let from = 0; from < all.length; from += CODES) {
    const some = all.slice(from, from + CODES);
    const found = await findCodes(store, some);
    const fresh = found.filter(isNews);
    counts.foreign += some.length - found.length;
    counts.known += found.length - fresh.length;
    news.push(...fresh);
  }
  for (const [orderId, found] of Map.groupBy(news, ({ orderId }) => orderId)) {
    for (let from = 0; from < found.length; from += CODES) {
      const some = { orderId, found: found.slice(from, from + CODES), at };
      const outcomes = await inTransaction(store.db, (trx) => recordOfOrder(trx, some));
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

/** What each source knows. One is not heard again after itself: what people had erased must not come back. */
const RANK: Readonly<Record<HeardRedemption['from'], number>> = { list: 0, webhook: 1, event: 2 };

function isNews({
  heard,
  redemption,
  codeState,
}: Pick<FoundCode, 'heard' | 'redemption' | 'codeState'>): boolean {
  if (redemption === null) {
    // When the store was filled, the list had told who and when.
    return codeState !== 'redeemed' || heard.from !== 'list';
  }
  if (RANK[heard.from] <= RANK[redemption.heard_from]) return false;
  const says = (known: unknown, said: unknown) => known === null && said !== null;
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
  { orderId, found, at }: OfOrder,
): Promise<readonly Outcome[]> {
  await lockOrder(trx, orderId);
  const ledgers = await readCodeLedgers(trx, new Map(found.map(({ codeId, macs }) => [codeId, macs])));
  const recording = { trx, at, holders: await readHolders(trx, orderId) };
  const outcomes: Outcome[] = [];
  const kept: KeptRedemption[] = [];
  for (const { heard, codeId } of found) {
    const ledger = ledgers.get(codeId);
    const { redemption = null } = ledger ?? {};
    // Another sync may have been faster.
    if (ledger === undefined || !isNews({ heard, redemption, codeState: ledger.code.state })) {
      outcomes.push('known');
      continue;
    }
    const one = { ledger, heard, facts: factsOf(redemption, heard) };
    outcomes.push(await recordOne(recording, one));
    kept.push(one);
  }
  await keepRedemptions(recording, kept);
  return outcomes;
}

interface KeptRedemption {
  readonly ledger: CodeLedger;
  readonly heard: HeardRedemption;
  /** All that is known of it now. */
  readonly facts: RedemptionFacts;
}

function factsOf(known: CodeLedger['redemption'], heard: HeardRedemption): RedemptionFacts {
  const redeemedAt = heard.redeemedAt === null ? null : new Date(heard.redeemedAt);
  return {
    redeemed_at: known?.redeemed_at ?? redeemedAt,
    user_id: known?.user_id ?? heard.userId,
    email: known?.email ?? heard.email,
  };
}

async function recordOne(recording: Recording, { ledger, facts }: KeptRedemption): Promise<Outcome> {
  const { trx, at } = recording;
  const { code, group, seat } = ledger;
  // One with an instant was used before it was retired.
  const wasKnown = ledger.redemption !== null || code.state === 'redeemed' || code.redeemed_at !== null;
  const isLive = seat !== null && seat.state !== 'ended';
  const isLate = !wasKnown && !(isLive && seat.state !== 'removing') && !(await wasRedeemed(trx, seat));
  if (seat !== null) await redeemSeat(recording, { seat, group, facts, isLate });
  if (!isLate) return wasKnown ? 'completed' : 'recorded';
  await reportFinding(
    trx,
    {
      key: lateRedemptionKey(code.id),
      order_id: seat?.order_id ?? group.order_id,
      seat_id: seat?.id ?? null,
      kind: LATE_REDEMPTION,
      ...lateRedemptionFinding(group.title, seat?.ended_why ?? whyNot(ledger)),
    },
    at,
  );
  return 'late';
}

/** Of a code whose seat has not ended. */
function whyNot({ code, seat }: CodeLedger): 'withdrawn' | 'revoked' | 'spare' {
  if (seat?.state === 'removing') return 'revoked';
  return code.retired_why === 'withdrawn' ? 'withdrawn' : 'spare';
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
async function keepRedemptions(
  { trx, at }: Pick<Recording, 'trx' | 'at'>,
  kept: readonly KeptRedemption[],
): Promise<void> {
  if (kept.length === 0) return;
  const rows = kept.map(({ ledger: { code, seat, redemption }, heard, facts }) => ({
    code_mac: redemption?.code_mac ?? code.code_mac,
    platform: heard.platform,
    heard_from: heard.from,
    heard_at: at,
    seat_id: seat?.id ?? null,
    ...facts,
  }));
  await trx
    .insertInto('redemptions')
    .values(rows)
    .onConflict((conflict) =>
      conflict.column('code_mac').doUpdateSet((row) => ({
        heard_from: row.ref('excluded.heard_from'),
        redeemed_at: row.ref('excluded.redeemed_at'),
        user_id: row.ref('excluded.user_id'),
        email: row.ref('excluded.email'),
      })),
    )
    .execute();
  const times = kept.map(
    ({ ledger: { code }, facts }) => sql`(${code.id}::integer, ${facts.redeemed_at}::timestamptz)`,
  );
  await sql`update codes set
      state = case codes.state when 'retired' then 'retired' else 'redeemed' end,
      redeemed_at = coalesce(codes.redeemed_at, news.redeemed_at),
      handed_out_at = coalesce(codes.handed_out_at, ${at})
    from (values ${sql.join(times)}) as news (id, redeemed_at)
    where codes.id = news.id`.execute(trx);
}
