import type { Selectable } from 'kysely';
import type { SeatRow, StoreTransaction } from './change-seat.ts';
import type { CodeGroupsTable, CodesTable, RedemptionsTable } from './schema.ts';

/** A code with all that the store knows of it. */
export interface CodeLedger {
  readonly code: Selectable<CodesTable>;
  readonly group: Selectable<CodeGroupsTable>;
  /** The seat that it fills, or filled last; null: it never filled one. */
  readonly seat: SeatRow | null;
  readonly redemption: Selectable<RedemptionsTable> | null;
}

/** By id of the code, as they are in the transaction. `macsOf`: all look-up values of each code. */
export async function readCodeLedgers(
  trx: StoreTransaction,
  macsOf: ReadonlyMap<number, readonly string[]>,
): Promise<ReadonlyMap<number, CodeLedger>> {
  const ids = [...macsOf.keys()];
  const codes = await trx.selectFrom('codes').selectAll().where('id', 'in', ids).execute();
  const groups = await trx
    .selectFrom('code_groups')
    .selectAll()
    .where('id', 'in', [...new Set(codes.map(({ group_id }) => group_id))])
    .execute();
  const seats = await trx
    .selectFrom('seats')
    .selectAll()
    .where('code_id', 'in', ids)
    .orderBy('created_at')
    .execute();
  const redemptions = await trx
    .selectFrom('redemptions')
    .selectAll()
    .where('code_mac', 'in', [...macsOf.values()].flat())
    .execute();
  const groupOf = new Map(groups.map((group) => [group.id, group]));
  const redemptionOf = new Map(redemptions.map((redemption) => [redemption.code_mac, redemption]));
  const seatOf = new Map<number | null, SeatRow>();
  for (const seat of seats) {
    // The live one before those that ended, and of these the last.
    const other = seatOf.get(seat.code_id);
    if (other === undefined || other.state === 'ended') seatOf.set(seat.code_id, seat);
  }
  return new Map(
    codes.flatMap((code) => {
      const group = groupOf.get(code.group_id);
      if (group === undefined) return [];
      const macs = macsOf.get(code.id) ?? [];
      const redemption = macs.map((mac) => redemptionOf.get(mac)).find((one) => one !== undefined);
      const ledger = { code, group, seat: seatOf.get(code.id) ?? null, redemption: redemption ?? null };
      return [[code.id, ledger] as const];
    }),
  );
}

/** Who has live seats of each product of an order. */
export async function readHolders(trx: StoreTransaction, orderId: number): Promise<Set<string>> {
  const rows = await trx
    .selectFrom('seats')
    .select(['product_key', 'learner_key'])
    .where('order_id', '=', orderId)
    .where('state', '<>', 'ended')
    .where('learner_key', 'is not', null)
    .execute();
  return new Set(rows.map(({ product_key, learner_key }) => holderOf(product_key, learner_key ?? '')));
}

export function holderOf(productKey: string, learnerKey: string): string {
  return JSON.stringify([productKey, learnerKey]);
}
