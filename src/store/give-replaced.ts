import { changeSeat, type StoreTransaction } from './change-seat.ts';
import type { CodeVault } from './code-vault.ts';
import type { OrderRow } from './fill-order.ts';
import { type FilledLearner, Holders } from './holders.ts';

/** A free seat with a code that took the place of another, and who gets it. */
export interface GivenSeat {
  readonly code: string;
  readonly productKey: string;
  readonly learner: FilledLearner;
}

/** A seat that is free no longer stays as it is. Needs the order's row locked. */
export async function giveReplaced(
  trx: StoreTransaction,
  vault: CodeVault,
  order: Pick<OrderRow, 'id'>,
  given: readonly GivenSeat[],
  happening: Omit<Parameters<typeof changeSeat>[1], 'kind' | 'seatId' | 'version' | 'set'>,
): Promise<void> {
  for (const { code, productKey, learner } of given) {
    const found = await trx
      .selectFrom('seats')
      .innerJoin('codes', 'codes.id', 'seats.code_id')
      .select(['seats.id', 'seats.version', 'seats.code_id'])
      .where('seats.order_id', '=', order.id)
      .where('codes.code_mac', 'in', vault.macsOf(code))
      .where('codes.state', '=', 'sealed')
      .where('seats.state', '=', 'free')
      .executeTakeFirst();
    if (found === undefined) continue;
    const { id: seatId, version, code_id: codeId } = found;
    const { at } = happening;
    await trx
      .updateTable('codes')
      .set({ state: 'handed_out', handed_out_at: at })
      .where('id', '=', codeId)
      .execute();
    const holder = await new Holders(trx, order.id, productKey).columnsOf(learner);
    const set = { state: 'exposed' as const, ...holder };
    const changed = await changeSeat(trx, { ...happening, kind: 'exposed', seatId, version, set });
    if (changed === null) throw new Error('A seat of a locked order was changed by somebody else');
  }
}
