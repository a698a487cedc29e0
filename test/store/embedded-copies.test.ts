import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { openStoreDatabase, type StoreDatabase } from '../../src/store/database.ts';
import { copiesFolder, copyEmbedded, lastCopyAt, listCopies } from '../../src/store/embedded-copies.ts';
import { embeddedImage } from '../../src/store/embedded-image.ts';

const DAY_MS = 24 * 60 * 60_000;
const NOW = Date.parse('2026-11-30T03:00:00Z');

async function add({ db }: StoreDatabase, name: string): Promise<void> {
  await db.insertInto('sync_positions').values({ name, state: '{}', updated_at: new Date() }).execute();
}

test('a copy of the embedded store has all that was written before it, and takes its place', async () => {
  const folder = join(await mkdtemp(join(tmpdir(), 'dealseat-copies-')), 'seats');
  const options = { databaseUrl: null, folder };
  try {
    const store = await openStoreDatabase({ ...options, image: await embeddedImage() });
    await expect(lastCopyAt(folder)).resolves.toBeNull();
    await add(store, 'before');
    const [copy] = await Promise.all([copyEmbedded(store.db, folder, NOW), add(store, 'meanwhile')]);
    await add(store, 'after');
    await expect(lastCopyAt(folder)).resolves.toBe(NOW);
    expect((await stat(copiesFolder(folder))).mode & 0o777).toBe(0o700);
    for (const older of ['2026-11-27T030000Z', '2026-11-28T030000Z'])
      await mkdir(join(copiesFolder(folder), older));
    await copyEmbedded(store.db, folder, NOW + DAY_MS);
    await expect(listCopies(folder)).resolves.toEqual([
      '2026-12-01T030000Z',
      '2026-11-30T030000Z',
      '2026-11-28T030000Z',
    ]);
    expect(await readdir(copiesFolder(folder))).toHaveLength(3);
    expect(copy).toBe(join(copiesFolder(folder), '2026-11-30T030000Z'));
    await add(store, 'last');
    await store.close();

    await rm(join(folder, 'data'), { recursive: true });
    await rename(join(copiesFolder(folder), '2026-12-01T030000Z'), join(folder, 'data'));
    const restored = await openStoreDatabase(options);
    const rows = await restored.db.selectFrom('sync_positions').select('name').orderBy('name').execute();
    await restored.close();
    expect(rows.map(({ name }) => name)).toEqual(['after', 'before', 'meanwhile']);
  } finally {
    await rm(join(folder, '..'), { recursive: true });
  }
});
