import { Kysely, sql } from 'kysely';
import { STORE_FOLDER } from '../config/local-folder.ts';
import type { Secret } from '../config/secret.ts';
import { DealseatError } from '../domain/failure.ts';
import { embeddedDialect, openEmbedded } from './embedded.ts';
import { type EmbeddedLock, takeLock } from './embedded-lock.ts';
import { guarded } from './guarded-dialect.ts';
import { loopTurns } from './loop-turns.ts';
import { type Migrations, migrate } from './migrate.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { MIGRATION_BOUNDS, placeOf, postgresqlDialect, WORK_BOUNDS } from './postgresql.ts';
import type { StoreSchema } from './schema.ts';
import { storeFailure } from './store-failure.ts';

/** The earliest that has all that the statements use, and that its makers still support. */
const LEAST_POSTGRESQL = 15;
const PER_MAJOR = 10_000;

/** The open seat store. */
export interface StoreDatabase {
  readonly db: Kysely<StoreSchema>;
  readonly kind: 'postgresql' | 'embedded';
  /** Of PostgreSQL, such as 16.4. */
  readonly version: string;
  /** For people: host and database, or the folder. */
  readonly place: string;
  /** With its files; null: of PostgreSQL, or in memory. */
  readonly folder: string | null;
  /** Null: PostgreSQL, which several processes may use; or in memory, and not to be found. */
  readonly lock: EmbeddedLock | null;
  close(): Promise<void>;
}

export interface StoreOptions {
  /** Null: the embedded database in `folder`. */
  readonly databaseUrl: Secret | null;
  /** Default: `STORE_FOLDER`. Null: in memory, gone at the end. */
  readonly folder?: string | null;
  /** Where commands of this machine find the process that has a database in memory. Default: they do not. */
  readonly lockFolder?: string;
  /** Files of a new embedded database, as PGlite dumps them: a faster start than making them. */
  readonly image?: Blob;
  readonly migrations?: Migrations;
}

/**
 * Opens the seat store and brings its tables up to date. Throws `store.locked`, `store.too_new`, `store.too_old`,
 * `store.unauthorized`, `store.unavailable`, `store.migration_failed` or `store.corrupt`.
 */
export function openStoreDatabase(options: StoreOptions): Promise<StoreDatabase> {
  const { databaseUrl, migrations = MIGRATIONS } = options;
  return databaseUrl === null
    ? openEmbeddedStore({ folder: STORE_FOLDER, ...options, migrations })
    : openPostgresqlStore(databaseUrl, migrations);
}

async function openPostgresqlStore(databaseUrl: Secret, migrations: Migrations): Promise<StoreDatabase> {
  const bounds = MIGRATION_BOUNDS;
  const setUp = new Kysely<never>({
    dialect: guarded(await postgresqlDialect(databaseUrl, { bounds, mostConnections: 2 })),
  });
  let version: string;
  try {
    version = await refuseOld(setUp);
    await migrate(setUp, migrations);
  } finally {
    await setUp.destroy();
  }
  const dialect = await postgresqlDialect(databaseUrl, { bounds: WORK_BOUNDS });
  const db = new Kysely<StoreSchema>({ dialect: guarded(dialect) });
  return {
    db,
    kind: 'postgresql',
    version,
    place: placeOf(databaseUrl),
    folder: null,
    lock: null,
    close: () => db.destroy(),
  };
}

async function openEmbeddedStore({
  folder,
  lockFolder = folder,
  image,
  migrations,
}: {
  readonly folder: string | null;
  readonly lockFolder?: string | null;
  readonly image?: Blob;
  readonly migrations: Migrations;
}): Promise<StoreDatabase> {
  const lock = lockFolder === null ? null : await takeLock(lockFolder);
  try {
    const embedded = await openEmbedded(folder, { image }).catch((error: unknown) => {
      throw damaged(folder, error);
    });
    const db = new Kysely<StoreSchema>({ dialect: guarded(embeddedDialect(embedded), loopTurns()) });
    try {
      await migrate(db as unknown as Kysely<never>, migrations);
      const version = await versionOf(db as unknown as Kysely<never>);
      return {
        db,
        kind: 'embedded',
        version: version.text,
        place: folder ?? 'memory',
        folder,
        lock,
        close: async () => {
          try {
            await sql`checkpoint`.execute(db);
          } finally {
            await db.destroy();
            await lock?.release();
          }
        },
      };
    } catch (error) {
      await db.destroy();
      throw error;
    }
  } catch (error) {
    await lock?.release();
    throw error;
  }
}

function damaged(folder: string | null, error: unknown): Error {
  const foreseen = storeFailure(error);
  if (foreseen instanceof DealseatError && foreseen.code !== 'store.unavailable') return foreseen;
  const found = error instanceof Error ? error.message : String(error);
  return new DealseatError({
    code: 'store.corrupt',
    message: `The embedded database of seats in ${folder ?? 'memory'} does not open: ${found}`,
  });
}

/** Its version as people write it. Throws `store.too_old`. */
export async function refuseOld(db: Kysely<never>): Promise<string> {
  const { number, text } = await versionOf(db);
  if (number >= LEAST_POSTGRESQL * PER_MAJOR) return text;
  throw new DealseatError({
    code: 'store.too_old',
    message: `DATABASE_URL names a PostgreSQL ${text}; expected ${LEAST_POSTGRESQL} or later`,
  });
}

async function versionOf(db: Kysely<never>): Promise<{ readonly number: number; readonly text: string }> {
  const { rows } = await sql<{ number: string; text: string }>`select
    current_setting('server_version_num') as number, current_setting('server_version') as text`.execute(db);
  const [row] = rows;
  // Debian adds its own version behind it.
  return { number: Number(row?.number), text: row?.text.split(' ')[0] ?? '' };
}
