import type { Selectable, Updateable } from 'kysely';
import type { Grants } from '../domain/deal/catalog.ts';
import type { DealRef } from '../domain/deal/deal.ts';
import type { SeatState } from '../domain/seats/seat-state.ts';
import {
  addSeats,
  changeSeat,
  changeSeats,
  type NewSeat,
  type SeatHappening,
  type SeatRow,
  type StoreTransaction,
} from './change-seat.ts';
import type { CodeVault, SealedCode } from './code-vault.ts';
import { endSeats } from './end-seats.ts';
import { type FilledLearner, Holders } from './holders.ts';
import type { CodesTable, OrdersTable } from './schema.ts';
import { unnested } from './unnested.ts';

export type OrderRow = Selectable<OrdersTable>;

/** What the store knows of a deal. */
export interface OrderFacts {
  readonly deal: DealRef;
  readonly dealName: string;
  readonly dealUrl: string;
  readonly companyName: string | null;
  readonly ownerId: string | null;
  readonly buyerContactId: string | null;
  readonly audience: 'buyer' | 'learners';
}

/** A code group of the deal. */
export interface FilledGroup {
  readonly token: string;
  readonly platform: string;
  readonly groupId: string;
  readonly label: string;
  readonly productKey: string;
  readonly title: string;
  readonly part: number;
  /** `replacement`: made because codes of a sold one were taken back. Absent: sold. */
  readonly purpose?: 'replacement';
  /** Codes that it was made with. */
  readonly issued: number;
  readonly redeemUrl: string;
  readonly client: string | null;
  /** UTC instants. */
  readonly codesExpireAt: string | null;
  readonly accessDays: number | null;
  readonly accessUntil: string | null;
  readonly grants: Grants;
}

export interface FilledCode {
  readonly code: string;
  readonly isRedeemed: boolean;
  /** UTC instant, where the platform says it. */
  readonly redeemedAt?: string | undefined;
  readonly redeemedByUserId?: string | undefined;
  /** The customer may not use it any more. */
  readonly isWithdrawn: boolean;
  /**
   * Why its seat ends when it is withdrawn; absent: because fewer seats are sold. `revoked`, `unsure`: by a decision about it
   * that the store has lost, or perhaps so.
   */
  readonly endedWhy?: 'reassigned' | 'revoked' | 'unsure';
  /** Somebody outside has it, or is about to get it. */
  readonly isHandedOut: boolean;
  /** Whose it is; null: nobody in particular has it. */
  readonly learner: FilledLearner | null;
}

type Happening = Omit<SeatHappening, 'kind'>;
type EndedWhy = NonNullable<FilledCode['endedWhy']> | 'withdrawn';

const RETIRED_WHY = {
  withdrawn: 'withdrawn',
  reassigned: 'withdrawn',
  revoked: 'taken_back',
  unsure: 'unsure',
} as const satisfies Record<EndedWhy, Selectable<CodesTable>['retired_why']>;

/** The order of the deal, made or brought up to date. Its row stays locked until the transaction ends. */
export async function upsertOrder(
  trx: StoreTransaction,
  { deal, ...facts }: OrderFacts,
  at: Date,
): Promise<OrderRow> {
  const told = {
    deal_name: facts.dealName,
    deal_url: facts.dealUrl,
    company_name: facts.companyName,
    owner_id: facts.ownerId,
    buyer_contact_id: facts.buyerContactId,
    audience: facts.audience,
  };
  return await trx
    .insertInto('orders')
    .values({ crm: deal.crm, account: deal.account, deal_id: deal.dealId, ...told, filled_at: at })
    .onConflict((conflict) => conflict.columns(['crm', 'account', 'deal_id']).doUpdateSet(told))
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Codes at a time: their ciphertexts and rows are in memory together. */
const CHUNK = 1_000;

/**
 * Brings the seats of one group in line with its codes. A repeat changes nothing and appends no event. Every code that the
 * customer may use fills one seat. Codes that the store retired by a decision of its own stay retired, and who has a seat
 * already keeps it, whatever the caller says of them. Needs the order's row locked.
 */
export async function fillGroup(
  trx: StoreTransaction,
  vault: CodeVault,
  order: Pick<OrderRow, 'id'>,
  group: FilledGroup,
  codes: Iterable<FilledCode>,
  happening: Happening,
): Promise<void> {
  const filling = {
    trx,
    vault,
    happening,
    productKey: group.productKey,
    orderId: order.id,
    ...(await upsertGroup(trx, order.id, group)),
    holders: new Holders(trx, order.id, group.productKey),
  };
  let chunk: FilledCode[] = [];
  for (const code of codes) {
    chunk.push(code);
    if (chunk.length < CHUNK) continue;
    await fill(filling, chunk);
    chunk = [];
  }
  if (chunk.length > 0) await fill(filling, chunk);
}

interface Filling {
  readonly trx: StoreTransaction;
  readonly vault: CodeVault;
  readonly happening: Happening;
  readonly productKey: string;
  readonly orderId: number;
  readonly groupId: number;
  /** The store has no code of it. */
  readonly isNew: boolean;
  readonly holders: Holders;
}

async function fill(filling: Filling, chunk: readonly FilledCode[]): Promise<void> {
  const { vault } = filling;
  if (filling.isNew) return addCodes(filling, chunk);
  const known = await readKnown(filling, chunk);
  const fresh: FilledCode[] = [];
  const withdrawn = new Map<EndedWhy, KnownCode[]>();
  for (const filled of chunk) {
    const found = vault
      .macsOf(filled.code)
      .map((mac) => known.get(mac))
      .find((code) => code !== undefined);
    if (found === undefined) fresh.push(filled);
    else if (!filled.isWithdrawn) await bringUpToDate(filling, found, filled);
    else if (found.code.state !== 'retired') {
      const why = filled.endedWhy ?? 'withdrawn';
      withdrawn.set(why, [...(withdrawn.get(why) ?? []), found]);
    }
  }
  for (const [why, known] of withdrawn) await withdraw(filling, known, why);
  await addCodes(filling, fresh);
}

async function upsertGroup(
  trx: StoreTransaction,
  orderId: number,
  group: FilledGroup,
): Promise<Pick<Filling, 'groupId' | 'isNew'>> {
  const { id, isKnown } = await trx
    .insertInto('code_groups')
    .values({
      order_id: orderId,
      token: group.token,
      platform: group.platform,
      platform_group_id: group.groupId,
      label: group.label,
      product_key: group.productKey,
      title: group.title,
      part: group.part,
      purpose: group.purpose ?? 'sold',
      issued: group.issued,
      redeem_url: group.redeemUrl,
      client: group.client,
      codes_expire_at: group.codesExpireAt,
      access_days: group.accessDays,
      access_until: group.accessUntil,
      grants: JSON.stringify(group.grants),
    })
    // After a merge the group belongs to the deal that lives on.
    .onConflict((conflict) =>
      conflict
        .columns(['platform', 'platform_group_id'])
        .doUpdateSet({ order_id: orderId, label: group.label, title: group.title }),
    )
    .returning((group) => [
      'id',
      group
        .exists(
          group.selectFrom('codes').select('codes.id').whereRef('codes.group_id', '=', 'code_groups.id'),
        )
        .as('isKnown'),
    ])
    .executeTakeFirstOrThrow();
  return { groupId: id, isNew: !isKnown };
}

interface KnownCode {
  readonly code: Selectable<CodesTable>;
  /** The seat that it fills now. */
  readonly seat: SeatRow | null;
}

async function readKnown(
  { trx, vault }: Filling,
  chunk: readonly FilledCode[],
): Promise<ReadonlyMap<string, KnownCode>> {
  const macs = chunk.flatMap(({ code }) => vault.macsOf(code));
  const codes = await trx.selectFrom('codes').selectAll().where('code_mac', 'in', macs).execute();
  if (codes.length === 0) return new Map();
  const seats = await trx
    .selectFrom('seats')
    .selectAll()
    .where(
      'code_id',
      'in',
      codes.map(({ id }) => id),
    )
    .where('state', '<>', 'ended')
    .execute();
  const byCode = new Map(seats.map((seat) => [seat.code_id, seat]));
  return new Map(codes.map((code) => [code.code_mac, { code, seat: byCode.get(code.id) ?? null }]));
}

async function addCodes(
  { trx, vault, happening, orderId, productKey, groupId, holders }: Filling,
  filled: readonly FilledCode[],
): Promise<void> {
  if (filled.length === 0) return;
  const sealed = filled.map(({ code }) => vault.seal(code));
  const added = unnested<'codes', typeof CODE_COLUMNS>(
    sealed.map((one, index) => codeRow(groupId, one, filled[index] as FilledCode, happening.at)),
    CODE_COLUMNS,
  );
  const rows = await trx
    .insertInto('codes')
    .columns(added.columns)
    .expression(added.rows)
    .returning(['id', 'code_mac'])
    .execute();
  const idOf = new Map(rows.map(({ id, code_mac }) => [code_mac, id]));
  const seats: NewSeat[] = [];
  const lost = new Map<'revoked' | 'unsure', NewSeat[]>();
  for (const [index, one] of filled.entries()) {
    const { endedWhy, isWithdrawn } = one;
    const isLost = endedWhy === 'revoked' || endedWhy === 'unsure';
    if (isWithdrawn && !isLost) continue;
    const seat = {
      order_id: orderId,
      product_key: productKey,
      code_id: idOf.get(sealed[index]?.mac ?? '') ?? null,
      ...stateColumns(one),
      ...(await holders.columnsOf(one.learner)),
    };
    if (isLost) lost.set(endedWhy, [...(lost.get(endedWhy) ?? []), seat]);
    else seats.push(seat);
  }
  await addSeats(trx, seats, happening);
  // Who settles a late redemption names the seat that the code had.
  for (const [why, some] of lost) await endLost(trx, await addSeats(trx, some, happening), why, happening);
}

const CODE_COLUMNS = {
  code_mac: 'text',
  group_id: 'integer',
  code_enc: 'text',
  state: 'text',
  handed_out_at: 'timestamptz',
  redeemed_at: 'timestamptz',
  retired_why: 'text',
} as const;

function codeRow(groupId: number, { enc, mac }: SealedCode, filled: FilledCode, at: Date) {
  return { group_id: groupId, code_enc: enc, code_mac: mac, ...codeStateOf(filled, at) };
}

function codeStateOf(filled: FilledCode, at: Date) {
  const outAt = isOut(filled) ? at : null;
  if (filled.isWithdrawn)
    return {
      state: 'retired',
      retired_why: RETIRED_WHY[filled.endedWhy ?? 'withdrawn'],
      handed_out_at: outAt,
      // What was used before it was taken back is no late redemption.
      ...(filled.isRedeemed ? { redeemed_at: filled.redeemedAt ?? at } : {}),
    } as const;
  if (filled.isRedeemed) {
    return { state: 'redeemed', handed_out_at: at, redeemed_at: filled.redeemedAt ?? null } as const;
  }
  return { state: outAt === null ? 'sealed' : 'handed_out', handed_out_at: outAt } as const;
}

function isOut({ isHandedOut, learner }: FilledCode): boolean {
  return isHandedOut || learner !== null;
}

function stateColumns(filled: FilledCode): Pick<NewSeat, 'state' | 'redeemed_at' | 'redeemer_user_id'> {
  if (filled.isRedeemed) {
    const { redeemedAt = null, redeemedByUserId = null } = filled;
    return { state: 'redeemed', redeemed_at: redeemedAt, redeemer_user_id: redeemedByUserId };
  }
  return { state: isOut(filled) ? 'exposed' : 'free', redeemed_at: null, redeemer_user_id: null };
}

/** Retired by what the CRM says, and not by a decision that was made about the seat itself. */
const FOLLOWS_DEAL: ReadonlySet<string | null> = new Set(['withdrawn', 'cancelled']);

async function bringUpToDate(
  { trx, happening, orderId, productKey, holders }: Filling,
  { code, seat }: KnownCode,
  filled: FilledCode,
): Promise<void> {
  const { at } = happening;
  const setCode = (columns: Updateable<CodesTable>) =>
    trx.updateTable('codes').set(columns).where('id', '=', code.id).execute();
  if (code.state === 'retired') {
    if (!FOLLOWS_DEAL.has(code.retired_why)) return;
    await setCode({ ...codeStateOf(filled, at), retired_why: null });
    const learner = await holders.columnsOf(filled.learner);
    const row = { order_id: orderId, product_key: productKey, code_id: code.id };
    await addSeats(trx, [{ ...row, ...stateColumns(filled), ...learner }], happening);
    return;
  }
  if (seat === null || !isOut(filled)) return;
  if (code.state === 'sealed') await setCode({ state: 'handed_out', handed_out_at: at });
  if (seat.state !== 'free') return;
  const { id: seatId, version } = seat;
  const set = { state: 'exposed' as SeatState, ...(await holders.columnsOf(filled.learner)) };
  await must(changeSeat(trx, { ...happening, kind: 'exposed', seatId, version, set }));
}

async function withdraw(
  { trx, happening }: Filling,
  known: readonly KnownCode[],
  why: EndedWhy,
): Promise<void> {
  await trx
    .updateTable('codes')
    .set({ state: 'retired', retired_why: RETIRED_WHY[why] })
    .where(
      'id',
      'in',
      known.map(({ code }) => code.id),
    )
    .execute();
  const seatIds = known.flatMap(({ seat }) => seat?.id ?? []);
  if (why === 'withdrawn' || why === 'reassigned') await endSeats(trx, seatIds, why, happening);
  else await endLost(trx, seatIds, why, happening);
}

/** They ended before the store lost that. What access they left, the nightly audit asks the platform. */
async function endLost(
  trx: StoreTransaction,
  seatIds: readonly string[],
  why: 'revoked' | 'unsure',
  happening: Happening,
): Promise<void> {
  await changeSeats(trx, seatIds, { ...happening, kind: 'ended', set: { state: 'ended', ended_why: why } });
}

/** Ends a seat within a transaction that has locked its order. */
export async function endSeat(
  trx: StoreTransaction,
  { id: seatId, version }: Pick<SeatRow, 'id' | 'version'>,
  why: NonNullable<SeatRow['ended_why']>,
  happening: Happening,
): Promise<SeatRow> {
  const set = { state: 'ended', ended_why: why } as const;
  return must(changeSeat(trx, { ...happening, kind: 'ended', seatId, version, set }));
}

/** Within a transaction that has locked the order nobody can be faster. */
async function must(change: Promise<SeatRow | null>): Promise<SeatRow> {
  const row = await change;
  if (row === null) throw new Error('A seat of a locked order was changed by somebody else');
  return row;
}
