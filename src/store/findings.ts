import { type Insertable, type RawBuilder, type Selectable, type SqlBool, sql } from 'kysely';
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

const TASK_AGAIN_MS = 60 * 60_000;

/** The CRM refuses the task that tells the owner. It is tried again in an hour, so that it does not keep others waiting. */
export async function noteTaskRefused(db: StoreReader, ids: readonly number[], at: Date): Promise<void> {
  await db
    .updateTable('findings')
    .set({ task_refused_at: at })
    .where('id', 'in', [...ids])
    .execute();
}

/** In a query of findings: the task was not refused a moment ago. */
export function mayBeNotified(at: Date): RawBuilder<SqlBool> {
  const before = new Date(at.getTime() - TASK_AGAIN_MS);
  return sql<boolean>`coalesce(findings.task_refused_at <= ${before}, true)`;
}
