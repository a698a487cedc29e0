import type { Insertable, Selectable } from 'kysely';
import type { StoreReader } from './change-seat.ts';
import type { FindingsTable } from './schema.ts';

export type FindingRow = Selectable<FindingsTable>;

export type NewFinding = Pick<
  Insertable<FindingsTable>,
  'key' | 'order_id' | 'seat_id' | 'kind' | 'text' | 'cure'
>;

/** Found again, it is the same finding, and one that was resolved is open once more. Texts hold neither codes nor addresses. */
export async function reportFinding(db: StoreReader, finding: NewFinding, at: Date): Promise<FindingRow> {
  return await db
    .insertInto('findings')
    .values({ ...finding, found_at: at, seen_at: at })
    .onConflict((conflict) =>
      conflict
        .column('key')
        .doUpdateSet({ text: finding.text, cure: finding.cure, seen_at: at, resolved_at: null }),
    )
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** It needs no one any more; one that is not known needs nothing. */
export async function resolveFinding(db: StoreReader, key: string, at: Date): Promise<void> {
  await db
    .updateTable('findings')
    .set({ resolved_at: at })
    .where('key', '=', key)
    .where('resolved_at', 'is', null)
    .execute();
}
