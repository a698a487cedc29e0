import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { afterAll, afterEach, describe } from '@jest/globals';
import { sql } from 'kysely';
import { cacheFolder } from '../../src/config/local-folder.ts';
import { Secret } from '../../src/config/secret.ts';
import { openStoreDatabase, type StoreDatabase } from '../../src/store/database.ts';
import { migrate } from '../../src/store/migrate.ts';
import { MIGRATIONS } from '../../src/store/migrations/index.ts';
import { TEMPLATE } from './postgresql.ts';

/** Set by the global set-up where there is a PostgreSQL for the tests. */
export const POSTGRESQL_VARIABLE = 'TEST_DATABASE_URL';

/** An empty store with its tables. Each call of a test gives another one; they are closed when the test ends. */
export type OpenTestStore = () => Promise<StoreDatabase>;

/**
 * The same tests on both engines. Without a PostgreSQL on this machine half of them are skipped, as the set-up of the run
 * has said loudly; on CI that is an error.
 */
export function onBothEngines(title: string, tests: (open: OpenTestStore) => void): void {
  const describePostgresql = process.env[POSTGRESQL_VARIABLE] === undefined ? describe.skip : describe;
  describePostgresql(`${title}, on PostgreSQL`, () => tests(openEach(createPostgresqlStore)));
  describe(`${title}, on the embedded database`, () => tests(openEach(embeddedStores())));
}

/** One store for all tests of the group, which they only read, or change where no other one looks. */
export function onceOnBothEngines(title: string, tests: (open: OpenTestStore) => void): void {
  const describePostgresql = process.env[POSTGRESQL_VARIABLE] === undefined ? describe.skip : describe;
  describePostgresql(`${title}, on PostgreSQL`, () => tests(openOnce(createPostgresqlStore)));
  onceOnEmbedded(`${title}, on the embedded database`, tests);
}

/** The same for what stands above the store, where one engine is enough. */
export function onceOnEmbedded(title: string, tests: (open: OpenTestStore) => void): void {
  const open = async () =>
    openStoreDatabase({ databaseUrl: null, folder: null, image: await embeddedImage() });
  describe(title, () => tests(openOnce(open)));
}

function openOnce(create: OpenTestStore): OpenTestStore {
  const opened: StoreDatabase[] = [];
  afterAll(async () => {
    for (const store of opened.splice(0)) await store.close();
  });
  return async () => {
    const store = await create();
    opened.push(store);
    return store;
  };
}

/** For tests that need real concurrency, which one connection does not have. */
export function onPostgresql(title: string, tests: (open: OpenTestStore) => void): void {
  const describePostgresql = process.env[POSTGRESQL_VARIABLE] === undefined ? describe.skip : describe;
  describePostgresql(title, () => tests(openEach(createPostgresqlStore)));
}

function openEach(create: OpenTestStore): OpenTestStore {
  const opened: StoreDatabase[] = [];
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close();
  });
  return async () => {
    const store = await create();
    opened.push(store);
    return store;
  };
}

/** A database of its own on the server of the run, a copy of the empty one. */
async function createPostgresqlStore(): Promise<StoreDatabase> {
  const database = await createPostgresqlDatabase();
  const store = await openStoreDatabase({ databaseUrl: database.url });
  return {
    ...store,
    close: async () => {
      await store.close();
      await database.drop();
    },
  };
}

/** @param template Default: an empty store; `template0` is an empty database. */
export async function createPostgresqlDatabase(
  template = TEMPLATE,
): Promise<{ readonly url: Secret; drop(): Promise<void> }> {
  const url = new URL(process.env[POSTGRESQL_VARIABLE] ?? '');
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await onServer(`create database ${name} template ${template}`);
  url.pathname = `/${name}`;
  return {
    url: new Secret(url.toString()),
    drop: () => onServer(`drop database ${name} with (force)`),
  };
}

async function onServer(statement: string): Promise<void> {
  const { default: pg } = await import('pg');
  const url = new URL(process.env[POSTGRESQL_VARIABLE] ?? '');
  url.pathname = '/postgres';
  const client = new pg.Client({ connectionString: url.toString() });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/** In memory. One takes 300 MB and a third of a second, so those that tests are done with are emptied and used again. */
function embeddedStores(): OpenTestStore {
  const idle: StoreDatabase[] = [];
  afterAll(async () => {
    for (const store of idle.splice(0)) await store.close();
  });
  return async () => {
    const store =
      idle.pop() ??
      (await openStoreDatabase({ databaseUrl: null, folder: null, image: await embeddedImage() }));
    return {
      ...store,
      close: async () => {
        await sql`drop schema public cascade`.execute(store.db);
        await sql`create schema public`.execute(store.db);
        await migrate(store.db as never, MIGRATIONS);
        idle.push(store);
      },
    };
  };
}

/** The files of an empty database, made once a machine: to make them takes two seconds. */
export async function embeddedImage(): Promise<Blob> {
  const manifest = new URL('../../package.json', import.meta.url);
  const { dependencies } = JSON.parse(await readFile(manifest, 'utf8'));
  const version = dependencies['@electric-sql/pglite'];
  const folder = cacheFolder('embedded-database');
  const file = join(folder, `${version}.tar`);
  const kept = await readFile(file).catch(() => null);
  if (kept !== null) return new Blob([kept]);
  const database = await PGlite.create();
  const image = await database.dumpDataDir('none');
  await database.close();
  await mkdir(folder, { recursive: true });
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, image.stream());
  await rename(draft, file).catch(() => rm(draft));
  return image;
}
