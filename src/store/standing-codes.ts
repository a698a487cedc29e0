import { replacementToken, type Sha256Hex } from '../domain/deal/ids.ts';
import { OPEN_OPERATION } from '../domain/seats/operation.ts';
import type { SeatStore } from './seat-store.ts';

/** `filling`: a live seat. `spare`: none, and it may be given. `retired`: none, ever. */
export type Standing = 'filling' | 'spare' | 'retired';

/** What the store has of an order and its codes. */
export interface StandingCodes {
  /** Tokens of its code groups. Null: the store does not have the order. */
  readonly groups: ReadonlySet<string> | null;
  /** Null: the store does not have the code. */
  of(code: string): Standing | null;
  /** Live seats without a code, by product. */
  readonly withoutCode: ReadonlyMap<string, number>;
  /** Tokens of groups that operations are making now. */
  readonly inTheMaking: ReadonlySet<string>;
}

export async function readStandingCodes(
  { db, vault }: SeatStore,
  { crm, account, dealId }: { readonly crm: string; readonly account: string; readonly dealId: string },
  sha256: Sha256Hex,
): Promise<StandingCodes> {
  const order = await db
    .selectFrom('orders')
    .select('id')
    .where('crm', '=', crm)
    .where('account', '=', account)
    .where('deal_id', '=', dealId)
    .executeTakeFirst();
  const orderId = order?.id ?? 0;
  const groups = await db.selectFrom('code_groups').select('token').where('order_id', '=', orderId).execute();
  const codes = await db
    .selectFrom('codes')
    .innerJoin('code_groups', 'code_groups.id', 'codes.group_id')
    .leftJoin('seats', (join) =>
      join.onRef('seats.code_id', '=', 'codes.id').on('seats.state', '<>', 'ended'),
    )
    .select(['codes.code_mac', 'codes.state', 'seats.id as seat_id'])
    .where('code_groups.order_id', '=', orderId)
    .execute();
  const standings = new Map(
    codes.map(({ code_mac: mac, state, seat_id: seatId }): [string, Standing] => [
      mac,
      state === 'retired' ? 'retired' : seatId === null ? 'spare' : 'filling',
    ]),
  );
  const bare = await db
    .selectFrom('seats')
    .select(['product_key', ({ fn }) => fn.countAll<number>().as('count')])
    .where('order_id', '=', orderId)
    .where('state', '<>', 'ended')
    .where('code_id', 'is', null)
    .groupBy('product_key')
    .execute();
  const making = await db
    .selectFrom('operations')
    .innerJoin('code_groups', 'code_groups.id', 'operations.top_up_of')
    .select(['operations.id', 'code_groups.token'])
    .where('operations.order_id', '=', orderId)
    .where('operations.state', 'in', [...OPEN_OPERATION])
    .execute();
  return {
    groups: order === undefined ? null : new Set(groups.map(({ token }) => token)),
    of: (code) =>
      vault
        .macsOf(code)
        .map((mac) => standings.get(mac))
        .find((standing) => standing !== undefined) ?? null,
    withoutCode: new Map(bare.map(({ product_key: key, count }) => [key, Number(count)])),
    inTheMaking: new Set(making.map(({ id, token }) => replacementToken(token, id, sha256))),
  };
}
