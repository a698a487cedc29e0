import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { Kysely, sql } from 'kysely';
import type { Secret } from '../config/secret.ts';
import { DealseatError } from '../domain/failure.ts';
import { refuseOld } from './database.ts';
import { type LockHolder, readLock } from './embedded-lock.ts';
import { guarded } from './guarded-dialect.ts';
import { appliedMigrations, refuseNewer } from './migrate.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { placeOf, postgresqlDialect, WORK_BOUNDS } from './postgresql.ts';

/** What can be seen of a store without opening it for work. */
export type StoreSight =
  | {
      readonly kind: 'embedded';
      readonly exists: boolean;
      /** The living process that has it open; null: none. */
      readonly holder: LockHolder | null;
    }
  | {
      readonly kind: 'postgresql';
      readonly version: string;
      readonly place: string;
      readonly applied: readonly string[];
      /** Migrations that the next start applies. */
      readonly pending: readonly string[];
    };

/** Changes nothing. Throws what `openStoreDatabase` would throw; the embedded database is not opened. */
export async function inspectStore({
  databaseUrl,
  folder,
}: {
  readonly databaseUrl: Secret | null;
  readonly folder: string;
}): Promise<StoreSight> {
  if (databaseUrl === null) {
    const exists = await access(join(folder, 'data')).then(
      () => true,
      () => false,
    );
    return { kind: 'embedded', exists, holder: await readLock(folder) };
  }
  const dialect = await postgresqlDialect(databaseUrl, { bounds: WORK_BOUNDS, mostConnections: 1 });
  const db = new Kysely<never>({ dialect: guarded(dialect) });
  try {
    const version = await refuseOld(db);
    const applied = await appliedMigrations(db);
    refuseNewer(applied, MIGRATIONS);
    const pending = Object.keys(MIGRATIONS).filter((name) => !applied.includes(name));
    if (pending.length > 0) await requireRights(db, placeOf(databaseUrl));
    return { kind: 'postgresql', version, place: placeOf(databaseUrl), applied, pending };
  } finally {
    await db.destroy();
  }
}

async function requireRights(db: Kysely<never>, place: string): Promise<void> {
  const { rows } = await sql<{ may: boolean }>`select
    has_schema_privilege(current_schema(), 'create') as may`.execute(db);
  if (rows[0]?.may) return;
  throw new DealseatError({
    code: 'store.unauthorized',
    message: `The user of DATABASE_URL may not create tables in ${place}`,
  });
}
