import { type Kysely, sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { DealseatError } from '../domain/failure.ts';
import { countOf } from '../domain/words.ts';
import { StatementError } from './statement-error.ts';

const TABLE = 'dealseat_migrations';

export type Migrations = Readonly<Record<string, Migration>>;

/** Names of the migrations that a database has had, in order; empty: none yet. */
export async function appliedMigrations(db: Kysely<never>): Promise<readonly string[]> {
  const found = await sql<{ there: boolean }>`select to_regclass(${TABLE}) is not null as there`.execute(db);
  if (!found.rows[0]?.there) return [];
  const { rows } = await sql<{ name: string }>`select name from ${sql.table(TABLE)} order by name`.execute(
    db,
  );
  return rows.map(({ name }) => name);
}

/**
 * Makes or upgrades the tables, all or nothing; with PostgreSQL one process does it while others wait. Throws
 * `store.too_new` when a newer version did, and `store.migration_failed`.
 */
export async function migrate(db: Kysely<never>, migrations: Migrations): Promise<void> {
  const applied = await appliedMigrations(db);
  refuseNewer(applied, migrations);
  if (applied.length === Object.keys(migrations).length) return;
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => ({ ...migrations }) },
    migrationTableName: TABLE,
    migrationLockTableName: `${TABLE}_lock`,
  });
  const { error, results } = await migrator.migrateToLatest();
  if (error === undefined) return;
  if (error instanceof DealseatError && error.class === 'retry') throw error;
  // Another process, newer than this one, may have been faster.
  refuseNewer(await appliedMigrations(db), migrations);
  const name = results?.find(({ status }) => status === 'Error')?.migrationName;
  throw new DealseatError({
    code: 'store.migration_failed',
    message: `The tables of the database of seats could not be made${name === undefined ? '' : ` (${name})`}: ${reasonOf(error)}`,
    cause: error,
  });
}

/** Throws `store.too_new`. */
export function refuseNewer(applied: readonly string[], migrations: Migrations): void {
  const unknown = applied.filter((name) => !Object.hasOwn(migrations, name));
  if (unknown.length === 0) return;
  throw new DealseatError({
    code: 'store.too_new',
    message: `The database of seats has had ${countOf(unknown.length, 'migration')} that this version of Dealseat does not know: ${unknown.join(', ')}`,
  });
}

const DUPLICATE_TABLE = '42P07';

function reasonOf(error: unknown): string {
  if (error instanceof StatementError && error.sqlState === DUPLICATE_TABLE)
    return 'the database has a table of that name that Dealseat did not make';
  return error instanceof Error ? error.message : 'unknown';
}
