import type { Selectable } from 'kysely';
import type { Grants } from '../domain/deal/catalog.ts';
import type { DealRef } from '../domain/deal/deal.ts';
import { emailKey, type SeatState } from '../domain/seats/seat-state.ts';
import {
  addSeats,
  changeSeat,
  type NewSeat,
  type SeatHappening,
  type SeatRow,
  type StoreTransaction,
} from './change-seat.ts';
import type { CodeVault } from './code-vault.ts';
import type { CodesTable, OrdersTable } from './schema.ts';

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

/** A code group of the deal with all of its codes. */
export interface FilledGroup {
  readonly token: string;
  readonly platform: string;
  readonly groupId: string;
  readonly label: string;
  readonly productKey: string;
  readonly title: string;
  readonly part: number;
  readonly redeemUrl: string;
  readonly client: string | null;
  /** UTC instants. */
  readonly codesExpireAt: string | null;
  readonly accessDays: number | null;
  readonly accessUntil: string | null;
  readonly grants: Grants;
  readonly codes: readonly FilledCode[];
}

export interface FilledCode {
  readonly code: string;
  readonly isRedeemed: boolean;
  /** The customer may not use it any more. */
  readonly isWithdrawn: boolean;
  /** Somebody outside has it, or is about to get it. */
  readonly isHandedOut: boolean;
  /** Whose it is; null: nobody in particular has it. */
  readonly learner: FilledLearner | null;
}

export interface FilledLearner {
  readonly contactId: string | null;
  readonly email: string | null;
  readonly name: string | null;
}

/** The order of the deal, made or brought up to date. */
export async function upsertOrder(
  trx: StoreTransaction,
  { deal, ...facts }: OrderFacts,
  at: Date,
): Promise<Selectable<OrdersTable>> {
  const told = {
    deal_name: facts.dealName,
    deal_url: facts.dealUrl,
    company_name: facts.companyName,
    owner_id: facts.ownerId,
    buyer_contact_id: facts.buyerContactId,
    audience: facts.audience,
    filled_at: at,
  };
  return await trx
    .insertInto('orders')
    .values({ crm: deal.crm, account: deal.account, deal_id: deal.dealId, ...told })
    .onConflict((conflict) => conflict.columns(['crm', 'account', 'deal_id']).doUpdateSet(told))
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Rows a statement: PostgreSQL takes 65,535 parameters. */
const ROWS = 5_000;

/**
 * Brings the seats of one group in line with its codes; a repeat changes nothing. Every code that the customer may use
 * fills one seat. Codes that the store retired by itself stay retired, whatever the caller says of them.
 */
export async function fillGroup(
  trx: StoreTransaction,
  vault: CodeVault,
  order: Pick<Selectable<OrdersTable>, 'id'>,
  group: FilledGroup,
  happening: Omit<SeatHappening, 'kind'>,
): Promise<void> {
  const groupId = await upsertGroup(trx, order.id, group);
  const known = await readKnown(trx, groupId);
  const fresh: FilledCode[] = [];
  for (const filled of group.codes) {
    const found = vault
      .macsOf(filled.code)
      .map((mac) => known.get(mac))
      .find((code) => code !== undefined);
    if (found === undefined) fresh.push(filled);
    else await bringUpToDate(trx, { order, group }, found, filled, happening);
  }
  for (let from = 0; from < fresh.length; from += ROWS) {
    await addCodes(trx, vault, { order, group, groupId }, fresh.slice(from, from + ROWS), happening);
  }
}

async function upsertGroup(trx: StoreTransaction, orderId: number, group: FilledGroup): Promise<number> {
  const { id } = await trx
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
      purpose: 'sold',
      issued: group.codes.length,
      redeem_url: group.redeemUrl,
      client: group.client,
      codes_expire_at: group.codesExpireAt,
      access_days: group.accessDays,
      access_until: group.accessUntil,
      grants: JSON.stringify(group.grants),
    })
    // After a merge the group belongs to the deal that lives on.
    .onConflict((conflict) =>
      conflict.columns(['platform', 'platform_group_id']).doUpdateSet({
        order_id: orderId,
        label: group.label,
        title: group.title,
        issued: group.codes.length,
      }),
    )
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

interface KnownCode {
  readonly code: Selectable<CodesTable>;
  /** The seat that it fills now. */
  readonly seat: SeatRow | null;
}

async function readKnown(trx: StoreTransaction, groupId: number): Promise<ReadonlyMap<string, KnownCode>> {
  const codes = await trx.selectFrom('codes').selectAll().where('group_id', '=', groupId).execute();
  const seats = await trx
    .selectFrom('seats')
    .selectAll('seats')
    .innerJoin('codes', 'codes.id', 'seats.code_id')
    .where('codes.group_id', '=', groupId)
    .where('seats.state', '<>', 'ended')
    .execute();
  const byCode = new Map(seats.map((seat) => [seat.code_id, seat]));
  return new Map(codes.map((code) => [code.code_mac, { code, seat: byCode.get(code.id) ?? null }]));
}

async function addCodes(
  trx: StoreTransaction,
  vault: CodeVault,
  { order, group, groupId }: { order: { readonly id: number }; group: FilledGroup; groupId: number },
  filled: readonly FilledCode[],
  happening: Omit<SeatHappening, 'kind'>,
): Promise<void> {
  const sealed = filled.map(({ code }) => vault.seal(code));
  const rows = await trx
    .insertInto('codes')
    .values(
      filled.map((one, index) => ({
        group_id: groupId,
        code_enc: sealed[index]?.enc ?? '',
        code_mac: sealed[index]?.mac ?? '',
        ...codeStateOf(one, happening.at),
      })),
    )
    .returning(['id', 'code_mac'])
    .execute();
  const idOf = new Map(rows.map(({ id, code_mac }) => [code_mac, id]));
  const seats = filled.flatMap((one, index): NewSeat[] => {
    if (one.isWithdrawn) return [];
    return [
      {
        order_id: order.id,
        product_key: group.productKey,
        code_id: idOf.get(sealed[index]?.mac ?? '') ?? null,
        state: seatStateOf(one),
        ...learnerColumns(one.learner),
      },
    ];
  });
  await addSeats(trx, seats, happening);
}

function codeStateOf({ isRedeemed, isWithdrawn, isHandedOut, learner }: FilledCode, at: Date) {
  if (isWithdrawn) return { state: 'retired', retired_why: 'withdrawn' } as const;
  if (isRedeemed) return { state: 'redeemed', handed_out_at: at } as const;
  return isHandedOut || learner !== null
    ? ({ state: 'handed_out', handed_out_at: at } as const)
    : ({ state: 'sealed' } as const);
}

function seatStateOf({ isRedeemed, isHandedOut, learner }: FilledCode): SeatState {
  if (isRedeemed) return 'redeemed';
  return isHandedOut || learner !== null ? 'exposed' : 'free';
}

/** The columns that say who has a seat. */
export function learnerColumns(learner: FilledLearner | null) {
  if (learner === null)
    return { contact_id: null, learner_email: null, learner_key: null, learner_name: null };
  const { contactId, email, name } = learner;
  // Somebody without an address is told apart by the record.
  const key = email !== null ? emailKey(email) : contactId !== null ? `contact:${contactId}` : null;
  return { contact_id: contactId, learner_email: email, learner_key: key, learner_name: name };
}

async function bringUpToDate(
  trx: StoreTransaction,
  { order, group }: { readonly order: { readonly id: number }; readonly group: FilledGroup },
  { code, seat: filledBefore }: KnownCode,
  filled: FilledCode,
  happening: Omit<SeatHappening, 'kind'>,
): Promise<void> {
  const { at } = happening;
  if (code.state === 'retired') {
    // Taken back or lost by the store's own decision, or withdrawn still.
    if (code.retired_why !== 'withdrawn' || filled.isWithdrawn) return;
    await trx
      .updateTable('codes')
      .set({ ...codeStateOf(filled, at), retired_why: null })
      .where('id', '=', code.id)
      .execute();
    const state = seatStateOf(filled);
    const seat = { order_id: order.id, product_key: group.productKey, code_id: code.id, state };
    await addSeats(trx, [{ ...seat, ...learnerColumns(filled.learner) }], happening);
    return;
  }
  if (filled.isWithdrawn) {
    await trx
      .updateTable('codes')
      .set({ state: 'retired', retired_why: 'withdrawn' })
      .where('id', '=', code.id)
      .execute();
    if (filledBefore !== null) await end(trx, filledBefore, happening);
    return;
  }
  if (filledBefore === null) return;
  const isOut = filled.isHandedOut || filled.learner !== null;
  if (isOut && code.state === 'sealed') {
    await trx
      .updateTable('codes')
      .set({ state: 'handed_out', handed_out_at: at })
      .where('id', '=', code.id)
      .execute();
  }
  if (isOut && filledBefore.state === 'free') {
    await must(
      changeSeat(trx, {
        ...happening,
        kind: 'exposed',
        seatId: filledBefore.id,
        version: filledBefore.version,
        set: { state: 'exposed', ...learnerColumns(filled.learner) },
      }),
    );
  }
}

async function end(
  trx: StoreTransaction,
  seat: SeatRow,
  happening: Omit<SeatHappening, 'kind'>,
): Promise<void> {
  await must(
    changeSeat(trx, {
      ...happening,
      kind: 'ended',
      seatId: seat.id,
      version: seat.version,
      set: { state: 'ended', ended_why: 'withdrawn' },
    }),
  );
}

/** Within a transaction that has locked the order nobody can be faster. */
async function must(change: Promise<SeatRow | null>): Promise<SeatRow> {
  const row = await change;
  if (row === null) throw new Error('A seat of a locked order was changed by somebody else');
  return row;
}
