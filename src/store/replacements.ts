import type { SeatState } from '../domain/seats/seat-state.ts';
import type { StoreTransaction } from './change-seat.ts';
import { endSeats } from './end-seats.ts';
import type { FilledGroup } from './fill-order.ts';
import type { CodeState } from './schema.ts';
import type { SeatStore } from './seat-store.ts';

/** A code of a replacement group. */
export interface Replacement {
  readonly id: number;
  readonly code: string;
  readonly state: CodeState;
  readonly wasRedeemed: boolean;
  /** The live seat that it fills; null: none. */
  readonly seatId: string | null;
}

export interface ReplacementGroup extends FilledGroup {
  readonly codes: readonly Replacement[];
}

interface Replaced {
  /** Live seats that the codes `going` do not fill. */
  readonly staying: number;
  /** Of these the ones that no code of a sold group fills. */
  readonly seats: readonly { readonly id: string; readonly state: SeatState }[];
}

/** What took the place of seats and codes of these orders, by product, once the sold codes `going` are gone. */
export async function readReplacements(
  { db, vault }: SeatStore,
  orderIds: readonly number[],
  going: ReadonlySet<string>,
): Promise<{
  readonly products: ReadonlyMap<string, Replaced>;
  readonly groups: readonly ReplacementGroup[];
}> {
  const goingMacs = new Set([...going].flatMap((code) => vault.macsOf(code)));
  const live = await db
    .selectFrom('seats')
    .leftJoin('codes', 'codes.id', 'seats.code_id')
    .leftJoin('code_groups', 'code_groups.id', 'codes.group_id')
    .select(['seats.id', 'seats.state', 'seats.product_key', 'seats.code_id', 'code_mac', 'purpose'])
    .where('seats.order_id', 'in', [...orderIds])
    .where('seats.state', '<>', 'ended')
    .orderBy('seats.id')
    .execute();
  const staying = live.filter(({ code_mac: mac }) => mac === null || !goingMacs.has(mac));
  const products = new Map(
    [...Map.groupBy(staying, ({ product_key: key }) => key)].map(([key, seats]) => [
      key,
      { staying: seats.length, seats: seats.filter(({ purpose }) => purpose !== 'sold') },
    ]),
  );
  const seatOf = new Map(live.map(({ id, code_id: codeId }) => [codeId, id]));
  return { products, groups: await readReplacementGroups({ db, vault }, orderIds, seatOf) };
}

/** The groups that were made for seats which were taken back. `seatOf`: live seats, by their codes. */
async function readReplacementGroups(
  { db, vault }: SeatStore,
  orderIds: readonly number[],
  seatOf: ReadonlyMap<number | null, string>,
): Promise<readonly ReplacementGroup[]> {
  const groups = await db
    .selectFrom('code_groups')
    .selectAll()
    .where('order_id', 'in', [...orderIds])
    .where('purpose', '=', 'replacement')
    .orderBy('id')
    .execute();
  const described: ReplacementGroup[] = [];
  for (const group of groups) {
    const codes = await db
      .selectFrom('codes')
      .selectAll()
      .where('group_id', '=', group.id)
      .orderBy('id')
      .execute();
    described.push({
      token: group.token,
      platform: group.platform,
      groupId: group.platform_group_id,
      label: group.label,
      productKey: group.product_key,
      title: group.title,
      part: group.part,
      issued: group.issued,
      client: group.client,
      codesExpireAt: group.codes_expire_at?.toISOString() ?? null,
      accessDays: group.access_days,
      accessUntil: group.access_until?.toISOString() ?? null,
      grants: group.grants,
      redeemUrl: group.redeem_url,
      codes: codes.map(({ id, code_enc: enc, state, redeemed_at: redeemedAt }) => ({
        id,
        code: vault.open(enc),
        state,
        wasRedeemed: redeemedAt !== null,
        seatId: seatOf.get(id) ?? null,
      })),
    });
  }
  return described;
}

/** Their codes that fill seats. */
export async function readReplacedSeats(
  store: SeatStore,
  orderIds: readonly number[],
): Promise<readonly ReplacementGroup[]> {
  const live = await store.db
    .selectFrom('seats')
    .innerJoin('codes', 'codes.id', 'seats.code_id')
    .innerJoin('code_groups', 'code_groups.id', 'codes.group_id')
    .select(['seats.id', 'seats.code_id'])
    .where('seats.order_id', 'in', [...orderIds])
    .where('seats.state', '<>', 'ended')
    .where('purpose', '=', 'replacement')
    .execute();
  const seatOf = new Map(live.map(({ id, code_id: codeId }) => [codeId, id]));
  return readReplacementGroups(store, orderIds, seatOf);
}

/** Ends seats and retires codes that a withdrawal takes with it. Needs the order's row locked. */
export async function endReplaced(
  trx: StoreTransaction,
  { seatIds, codeIds }: { readonly seatIds: readonly string[]; readonly codeIds: readonly number[] },
  happening: Parameters<typeof endSeats>[3],
): Promise<void> {
  await endSeats(trx, seatIds, 'withdrawn', happening);
  if (codeIds.length === 0) return;
  await trx
    .updateTable('codes')
    .set({ state: 'retired', retired_why: 'withdrawn' })
    .where('id', 'in', [...codeIds])
    .where('state', '<>', 'retired')
    .execute();
}
