import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { Secret } from '../../src/config/secret.ts';
import { openStoreDatabase, type StoreDatabase } from '../../src/store/database.ts';
import type { Migrations } from '../../src/store/migrate.ts';
import { MIGRATIONS } from '../../src/store/migrations/index.ts';
import { placeOf } from '../../src/store/postgresql.ts';
import { freePort } from '../../src/temporal/dev-server/free-port.ts';
import { createPostgresqlDatabase, embeddedImage, onPostgresql } from '../support/store.ts';

const LATER: Migrations = {
  ...MIGRATIONS,
  '9998-notes': { up: (db) => sql`create table notes (id integer)`.execute(db).then(() => undefined) },
};
const BROKEN: Migrations = {
  ...LATER,
  '9999-broken': { up: (db) => sql`create table notes (id integer)`.execute(db).then(() => undefined) },
};

async function failureOf(opening: Promise<StoreDatabase>): Promise<unknown> {
  return opening.then(
    async (store) => {
      await store.close();
      return 'it opened';
    },
    (error: unknown) => error,
  );
}

async function tablesOf({ db }: StoreDatabase): Promise<readonly string[]> {
  const { rows } = await sql<{ name: string }>`select table_name as name
    from information_schema.tables where table_schema = 'public' order by 1`.execute(db);
  return rows.map(({ name }) => name);
}

/** Works with a database of its own. */
async function withDatabase(
  work: (url: Secret) => Promise<void>,
  template: string | undefined = 'template0',
): Promise<void> {
  const { url, drop } = await createPostgresqlDatabase(template);
  try {
    await work(url);
  } finally {
    await drop();
  }
}

onPostgresql('opening a store on PostgreSQL', () => {
  test('makes the tables once, while others that open it at the same time wait', () =>
    withDatabase(async (databaseUrl) => {
      const stores = await Promise.all(Array.from({ length: 4 }, () => openStoreDatabase({ databaseUrl })));
      for (const store of stores) {
        expect(await tablesOf(store)).toContain('seat_events');
        const { rows } = await sql`select name from dealseat_migrations`.execute(store.db);
        expect(rows).toHaveLength(Object.keys(MIGRATIONS).length);
      }
      expect(stores[0]).toMatchObject({
        kind: 'postgresql',
        version: expect.stringMatching(/^\d+\.\d+$/),
        place: expect.stringMatching(/^127\.0\.0\.1:\d+\/test_/),
        lock: null,
      });
      for (const store of stores) await store.close();
    }));

  test('names itself to the server, keeps UTC, and bounds what it asks for', () =>
    withDatabase(async (databaseUrl) => {
      const store = await openStoreDatabase({ databaseUrl });
      const { rows } = await sql`select current_setting('application_name') as name,
        current_setting('timezone') as zone, current_setting('statement_timeout') as statement,
        current_setting('lock_timeout') as lock`.execute(store.db);
      expect(rows).toEqual([{ name: 'dealseat', zone: 'UTC', statement: '30s', lock: '10s' }]);
      await store.close();
    }));

  test('refuses tables that a newer version changed, and leaves them as they are', () =>
    withDatabase(async (databaseUrl) => {
      await (await openStoreDatabase({ databaseUrl, migrations: LATER })).close();
      expect(await failureOf(openStoreDatabase({ databaseUrl }))).toMatchObject({
        code: 'store.too_new',
        message:
          'The database of seats has had 1 migration that this version of Dealseat does not know: 9998-notes',
      });
      await (await openStoreDatabase({ databaseUrl, migrations: LATER })).close();
    }, undefined));

  test('undoes all migrations of an upgrade that fails', () =>
    withDatabase(async (databaseUrl) => {
      expect(await failureOf(openStoreDatabase({ databaseUrl, migrations: BROKEN }))).toMatchObject({
        code: 'store.migration_failed',
        message: expect.stringMatching(/\(9999-broken\): the database has a table of that name/),
      });
      const store = await openStoreDatabase({ databaseUrl });
      expect(await tablesOf(store)).not.toContain('notes');
      await store.close();
    }, undefined));

  test('refuses a database with tables of somebody else, and touches none of them', () =>
    withDatabase(async (databaseUrl) => {
      const store = await openStoreDatabase({ databaseUrl, migrations: {} });
      await sql`create table orders (id integer)`.execute(store.db);
      await store.close();
      expect(await failureOf(openStoreDatabase({ databaseUrl }))).toMatchObject({
        code: 'store.migration_failed',
        message: expect.stringContaining('a table of that name that Dealseat did not make'),
      });
    }));

  test('refuses a server that is too old', () =>
    withDatabase(async (databaseUrl) => {
      const store = await openStoreDatabase({ databaseUrl, migrations: {} });
      const database = placeOf(databaseUrl).split('/')[1] ?? '';
      await sql`create function public.current_setting(name text) returns text language sql as $$
        select case name when 'server_version_num' then '140013' else '14.13' end $$`.execute(store.db);
      await sql.raw(`alter database ${database} set search_path = public, pg_catalog`).execute(store.db);
      await store.close();
      expect(await failureOf(openStoreDatabase({ databaseUrl }))).toMatchObject({
        code: 'store.too_old',
        message: 'DATABASE_URL names a PostgreSQL 14.13; expected 15 or later',
      });
    }));

  test.each<[string, (url: URL) => void, object]>([
    [
      'a server that does not listen',
      (url) => {
        url.port = '1';
      },
      { code: 'store.unavailable', message: 'The database of seats cannot be reached (ECONNREFUSED)' },
    ],
    [
      'a database that does not exist',
      (url) => {
        url.pathname = '/none_of_that_name';
      },
      { code: 'store.unauthorized', message: expect.stringContaining('does not have the database') },
    ],
    [
      'a user that does not exist',
      (url) => {
        url.username = 'stranger';
        url.password = 'secret-of-mine';
      },
      { code: 'store.unauthorized', message: expect.stringContaining('28000') },
    ],
    [
      'a server without TLS where TLS is asked for',
      (url) => url.searchParams.set('sslmode', 'require'),
      { code: 'store.unauthorized', message: expect.stringContaining('sslmode') },
    ],
  ])('explains %s', async (_, change, expected) => {
    await withDatabase(async (databaseUrl) => {
      const url = new URL(databaseUrl.reveal());
      change(url);
      const failure = await failureOf(openStoreDatabase({ databaseUrl: new Secret(url.toString()) }));
      expect(failure).toMatchObject(expected);
      expect(String((failure as Error).stack)).not.toContain('secret-of-mine');
    });
  });

  test('explains a server that never answers', async () => {
    const silent = createServer(() => undefined);
    const port = await freePort();
    await new Promise<void>((resolve) => silent.listen(port, '127.0.0.1', resolve));
    try {
      const databaseUrl = new Secret(`postgres://dealseat@127.0.0.1:${port}/seats?connect_timeout=1`);
      const failure = await failureOf(openStoreDatabase({ databaseUrl }));
      expect(failure).toMatchObject({ code: 'store.unavailable' });
    } finally {
      silent.close();
    }
  }, 30_000);

  test('goes on after the server has cut every connection', () =>
    withDatabase(async (databaseUrl) => {
      const store = await openStoreDatabase({ databaseUrl });
      const cut = sql`select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid()`;
      const sleeping = sql`select pg_sleep(20)`.execute(store.db).catch((error: unknown) => error);
      const other = await openStoreDatabase({ databaseUrl });
      await cut.execute(other.db);
      await expect(sleeping).resolves.toMatchObject({ code: 'store.unavailable' });
      await expect(sql`select 1 as one`.execute(store.db)).resolves.toMatchObject({ rows: [{ one: 1 }] });
      await other.close();
      await store.close();
    }));
});

describe('opening an embedded store', () => {
  test('keeps what was written, gives the lock back, and refuses tables of a newer version', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'dealseat-embedded-'));
    const options = { databaseUrl: null, folder };
    try {
      const first = await openStoreDatabase({ ...options, image: await embeddedImage() });
      expect(first).toMatchObject({
        kind: 'embedded',
        place: folder,
        version: expect.stringMatching(/^18\.\d+$/),
      });
      await first.db
        .insertInto('sync_positions')
        .values({ name: 'kept', state: '{}', updated_at: new Date() })
        .execute();
      await first.close();
      const again = await openStoreDatabase({ ...options, migrations: LATER });
      expect(await again.db.selectFrom('sync_positions').select('name').execute()).toEqual([
        { name: 'kept' },
      ]);
      await again.close();
      expect(await failureOf(openStoreDatabase(options))).toMatchObject({ code: 'store.too_new' });
      // Whoever is refused has not kept the lock.
      expect(await failureOf(openStoreDatabase(options))).toMatchObject({ code: 'store.too_new' });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('explains files that are damaged', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'dealseat-embedded-'));
    const options = { databaseUrl: null, folder };
    try {
      await (await openStoreDatabase({ ...options, image: await embeddedImage() })).close();
      await writeFile(join(folder, 'data', 'global', 'pg_control'), 'not a control file');
      const failure = await failureOf(openStoreDatabase(options));
      expect(failure).toMatchObject({
        code: 'store.corrupt',
        message: expect.stringContaining(`The embedded database of seats in ${folder} does not open`),
      });
      expect(await failureOf(openStoreDatabase(options))).toMatchObject({ code: 'store.corrupt' });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('the place of a database', () => {
  test.each([
    ['postgres://me:secret@db.example.com/seats', 'db.example.com/seats'],
    ['postgresql://me:secret@db.example.com:5433/seats?sslmode=verify-full', 'db.example.com:5433/seats'],
    ['postgres://me@db.example.com:5432/seats', 'db.example.com/seats'],
    ['postgres:///seats?host=/run/postgresql', '/run/postgresql/seats'],
  ])('of %s is %s', (url, place) => {
    expect(placeOf(new Secret(url))).toBe(place);
  });
});
