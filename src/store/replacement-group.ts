import type { RedemptionCode } from '../domain/seats/code-group.ts';
import type { GroupRow } from './access-terms.ts';
import type { StoreTransaction } from './change-seat.ts';
import type { CodeVault } from './code-vault.ts';
import { keepSpare } from './keep-code.ts';
import { isOpen, lockOperation } from './operation.ts';
import type { SeatStore } from './seat-store.ts';
import { inTransaction } from './transaction.ts';

export interface MadeGroup {
  readonly token: string;
  readonly groupId: string;
  readonly label: string;
  readonly codes: readonly RedemptionCode[];
}

/** The sealed codes of a group that an operation has made, and one of them kept for it. A repeat adds nothing. */
export async function addReplacementGroup(
  { db, vault }: SeatStore,
  operationId: string,
  made: MadeGroup,
  at: Date,
): Promise<void> {
  await inTransaction(db, async (trx) => {
    const { operation, seat } = await lockOperation(trx, operationId);
    if (operation.top_up_of === null) return;
    const like = await trx
      .selectFrom('code_groups')
      .selectAll()
      .where('id', '=', operation.top_up_of)
      .executeTakeFirstOrThrow();
    await addGroup(trx, vault, { like, orderId: operation.order_id, made });
    if (seat === null || !isOpen(operation) || operation.code_id !== null) return;
    await keepSpare(trx, operation, seat, at);
  });
}

async function addGroup(
  trx: StoreTransaction,
  vault: CodeVault,
  { like, orderId, made }: { readonly like: GroupRow; readonly orderId: number; readonly made: MadeGroup },
): Promise<void> {
  const { id: _, grants, ...terms } = like;
  const group = await trx
    .insertInto('code_groups')
    .values({
      ...terms,
      order_id: orderId,
      token: made.token,
      platform_group_id: made.groupId,
      label: made.label,
      part: 1,
      purpose: 'replacement',
      issued: made.codes.length,
      grants: JSON.stringify(grants),
      redeemed_seen: null,
      counted_at: null,
    })
    .onConflict((conflict) => conflict.columns(['platform', 'platform_group_id']).doNothing())
    .returning('id')
    .executeTakeFirst();
  if (group === undefined) return;
  await trx
    .insertInto('codes')
    .values(
      made.codes.map(({ code, isRedeemed }) => {
        const { enc, mac } = vault.seal(code);
        return {
          group_id: group.id,
          code_enc: enc,
          code_mac: mac,
          state: isRedeemed ? ('redeemed' as const) : ('sealed' as const),
        };
      }),
    )
    .execute();
}
