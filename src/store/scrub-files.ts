import { type Kysely, sql } from 'kysely';
import { PERSONAL_COLUMNS } from './erase-person.ts';
import type { StoreSchema } from './schema.ts';

type Step = (db: Kysely<StoreSchema>) => Promise<void>;

/**
 * Write the tables anew, one a step, so that no page of the database's files holds what was erased. At the end an embedded
 * database starts a fresh log; the log of a PostgreSQL server goes by that server's own rules. Each may be done again.
 */
export const FILE_STEPS: readonly Step[] = [
  ...Object.keys(PERSONAL_COLUMNS).map(
    (table): Step =>
      (db) =>
        unbounded(db, (connection) => sql`vacuum full ${sql.table(table)}`.execute(connection)),
  ),
  (db) => unbounded(db, startFreshLog),
];

/** On one connection, which takes as long as it must. */
async function unbounded(
  db: Kysely<StoreSchema>,
  work: (connection: Kysely<StoreSchema>) => Promise<unknown>,
): Promise<void> {
  await db.connection().execute(async (connection) => {
    const { rows } = await sql<{ statement_timeout: string }>`show statement_timeout`.execute(connection);
    const before = rows[0]?.statement_timeout ?? '0';
    try {
      await sql`select set_config('statement_timeout', '0', false)`.execute(connection);
      await work(connection);
    } finally {
      // The connection goes back to the pool.
      await sql`select set_config('statement_timeout', ${before}, false)`.execute(connection);
    }
  });
}

async function startFreshLog(connection: Kysely<StoreSchema>): Promise<void> {
  if (!(await keepsOwnLog(connection))) return;
  await sql`select set_config('wal_recycle', 'off', false)`.execute(connection);
  await sql`select pg_switch_wal()`.execute(connection);
  await sql`checkpoint`.execute(connection);
}

/** Only a backend without a server writes checkpoints by its own settings. */
async function keepsOwnLog(db: Kysely<StoreSchema>): Promise<boolean> {
  const { rows } = await sql<{ backend_type: string }>`
    select backend_type from pg_stat_activity where pid = pg_backend_pid()`.execute(db);
  return rows[0]?.backend_type === 'standalone backend';
}
