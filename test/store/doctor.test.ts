import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import type { Tried } from '../../src/commands/doctor/check.ts';
import { checkStore } from '../../src/commands/doctor/store.ts';
import { STORE_FOLDER } from '../../src/config/local-folder.ts';
import { Secret } from '../../src/config/secret.ts';
import { openStoreDatabase } from '../../src/store/database.ts';
import { startStoreProcess } from '../support/start-store-process.ts';
import { createPostgresqlDatabase, onPostgresql } from '../support/store.ts';

async function checks(databaseUrl: Secret | null, folder?: string): Promise<readonly Tried[]> {
  const all: Tried[] = [];
  for await (const check of checkStore({ databaseUrl, seatsFolder: folder ?? STORE_FOLDER })) all.push(check);
  return all;
}

describe('doctor on the embedded store', () => {
  test('warns that it is for one process, and names the process that has it', async () => {
    const folder = join(await mkdtemp(join(tmpdir(), 'dealseat-doctor-')), 'seats');
    const isWarning = {
      state: 'warning',
      name: `Embedded database in ${folder}`,
      cure: expect.stringContaining('set DATABASE_URL'),
    };
    try {
      expect(await checks(null, folder)).toMatchObject([
        { ...isWarning, found: expect.stringMatching(/^not made yet: .*no promise against power loss$/) },
      ]);
      await using service = startStoreProcess('hold', folder);
      await service.untilDecided();
      expect(await checks(null, folder)).toMatchObject([
        {
          ...isWarning,
          found: expect.stringMatching(`^open in process ${service.pid} \\(dealseat start\\)`),
        },
      ]);
    } finally {
      await rm(join(folder, '..'), { recursive: true });
    }
  });
});

onPostgresql('doctor on a PostgreSQL', () => {
  test('shows its version, and what the next start will do', async () => {
    const { url, drop } = await createPostgresqlDatabase('template0');
    try {
      expect(await checks(url)).toMatchObject([
        {
          name: 'DATABASE_URL',
          state: 'ok',
          found: expect.stringMatching(/^PostgreSQL \d+\.\d+, 127\.0\.0\.1:\d+\/test_/),
        },
        {
          name: 'Tables',
          state: 'ok',
          found: expect.stringMatching(/^\d+ migrations? to apply: the next start does it$/),
        },
      ]);
      await (await openStoreDatabase({ databaseUrl: url })).close();
      expect((await checks(url))[1]?.found).toMatch(/^\d+ migrations? applied$/);
    } finally {
      await drop();
    }
  });

  test('names what it lacks, with the cure', async () => {
    const { url, drop } = await createPostgresqlDatabase('template0');
    const store = await openStoreDatabase({ databaseUrl: url, migrations: {} });
    const role = `reader_${process.pid}`;
    try {
      await sql.raw(`create role ${role} login`).execute(store.db);
      const reader = new URL(url.reveal());
      reader.username = role;
      expect(await checks(new Secret(reader.toString()))).toMatchObject([
        {
          state: 'failed',
          found: expect.stringMatching(/^The user of DATABASE_URL may not create tables in 127/),
          cure: expect.stringMatching(/^Correct DATABASE_URL, or grant/),
        },
      ]);
    } finally {
      await sql.raw(`drop role ${role}`).execute(store.db);
      await store.close();
      await drop();
    }
  });
});
