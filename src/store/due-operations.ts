import { sql } from 'kysely';
import type { OperationRow } from './request-operation.ts';
import type { SeatStore } from './seat-store.ts';

/**
 * Operations whose workflow may not have been started yet. Those that waited longest since the last try come first, and
 * count as tried: what can never be started holds nothing back. Two who look at once get different ones.
 */
export async function takeDueOperations(
  { db }: Pick<SeatStore, 'db'>,
  { askedBefore, at, limit }: { readonly askedBefore: Date; readonly at: Date; readonly limit: number },
): Promise<readonly OperationRow[]> {
  return await db
    .updateTable('operations')
    .set({ tried_at: at })
    .where('id', 'in', (operations) =>
      operations
        .selectFrom('operations')
        .select('id')
        .where('state', '=', 'asked')
        .where('asked_at', '<', askedBefore)
        .orderBy(sql`coalesce(tried_at, asked_at)`)
        .limit(limit)
        .forUpdate()
        .skipLocked(),
    )
    .returningAll()
    .execute();
}
