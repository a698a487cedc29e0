import type { DealRef } from '../domain/deal/deal.ts';
import type { GroupRow } from './access-terms.ts';
import { isOpen, lockOperation } from './operation.ts';
import type { SeatStore } from './seat-store.ts';
import { inTransaction } from './transaction.ts';

/** A group of codes that an operation makes. */
export interface TopUp {
  readonly operationId: string;
  readonly deal: DealRef;
  /** On whose terms. */
  readonly like: GroupRow;
  readonly codes: number;
  /** Characters of each code, as those that were sold have them. */
  readonly codeLength: number;
}

/** Null: the operation makes none, or has ended. */
export async function readTopUp({ db, vault }: SeatStore, operationId: string): Promise<TopUp | null> {
  return await inTransaction(db, async (trx) => {
    const { operation, order } = await lockOperation(trx, operationId, 'none');
    const { top_up_of: likeId, top_up_codes: codes } = operation;
    if (likeId === null || codes === null || !isOpen(operation)) return null;
    const like = await trx
      .selectFrom('code_groups')
      .selectAll()
      .where('id', '=', likeId)
      .executeTakeFirstOrThrow();
    const { code_enc } = await trx
      .selectFrom('codes')
      .select('code_enc')
      .where('group_id', '=', likeId)
      .orderBy('id')
      .limit(1)
      .executeTakeFirstOrThrow();
    return {
      operationId,
      deal: { crm: order.crm, account: order.account, dealId: order.deal_id },
      like,
      codes,
      codeLength: vault.open(code_enc).length,
    };
  });
}
