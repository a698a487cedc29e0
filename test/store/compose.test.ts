import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { delimiter } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { parse } from 'yaml';
import { findPostgresql } from '../../scripts/setup/postgresql.ts';
import { Secret } from '../../src/config/secret.ts';
import { openStoreDatabase } from '../../src/store/database.ts';
import { onPostgresql, POSTGRESQL_VARIABLE } from '../support/store.ts';

onPostgresql('seats-database of docker-compose.yml', () => {
  test('makes the database and its user, and may run again', async () => {
    const text = await readFile(new URL('../../docker-compose.yml', import.meta.url), 'utf8');
    const [shell = '', ...words] = parse(text, { merge: true }).services['seats-database'].entrypoint.map(
      (word: string) => word.replaceAll('$$', '$'),
    );
    const server = new URL(process.env[POSTGRESQL_VARIABLE] ?? '');
    const env = {
      PATH: [findPostgresql(), process.env.PATH].join(delimiter),
      PGHOST: server.hostname,
      PGPORT: server.port,
      PGUSER: server.username,
      SEATS_PASSWORD: "it's a secret",
    };
    await promisify(execFile)('psql', ['--dbname=postgres', '--command=create database temporal'], { env });
    for (let round = 0; round < 2; round += 1) await promisify(execFile)(shell, words, { env });

    server.username = 'dealseat';
    server.pathname = '/dealseat';
    const store = await openStoreDatabase({ databaseUrl: new Secret(server.toString()) });
    const { rows } = await sql`select rolsuper, rolcreatedb, rolcreaterole,
      has_database_privilege('temporal', 'connect') as temporal from pg_roles where rolname = current_user`.execute(
      store.db,
    );
    expect(rows).toEqual([{ rolsuper: false, rolcreatedb: false, rolcreaterole: false, temporal: false }]);
    await store.close();
  });
});
