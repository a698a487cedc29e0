import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mock } from 'node:test';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openStoreDatabase } from '../../src/store/database.ts';
import { embeddedImage } from '../../src/store/embedded-image.ts';
import { publishAddress, readLock, takeLock } from '../../src/store/embedded-lock.ts';
import { readOwnMark } from '../../src/store/process-mark.ts';
import { type StoreProcess, startStoreProcess } from '../support/start-store-process.ts';
import { until } from '../support/until.ts';

let folder: string;
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'dealseat-lock-')), 'seats');
});
afterEach(() => rm(join(folder, '..'), { recursive: true }));

const claims = () => join(folder, 'lock');

/** As if another process had made it. */
async function leaveClaim(claim: object | string, silentMs = 0): Promise<void> {
  const file = join(claims(), '20260101000000000-left.json');
  await writeFile(file, typeof claim === 'string' ? claim : JSON.stringify(claim));
  const at = new Date(Date.now() - silentMs);
  await utimes(file, at, at);
}

const OTHER = { command: 'dealseat worker', since: '2026-01-01T00:00:00.000Z', address: null, isHeld: true };

describe('the lock of the embedded store', () => {
  test('refuses a second process, and names the first and the folder', async () => {
    await using first = startStoreProcess('hold', folder);
    await expect(first.untilDecided()).resolves.toBe('held');
    await expect(takeLock(folder)).rejects.toMatchObject({
      code: 'store.locked',
      message: expect.stringMatching(
        `^Process ${first.pid} \\(dealseat start\\) has had the embedded database of seats in ${folder} open since 20`,
      ),
    });
  });

  test('refuses a second opening by the same process', async () => {
    const lock = await takeLock(folder);
    await expect(takeLock(folder)).rejects.toMatchObject({ code: 'store.locked' });
    await lock.release();
    await (await takeLock(folder)).release();
    expect(await readdir(claims())).toEqual([]);
  });

  test('is taken over from a killed process', async () => {
    await using first = startStoreProcess('hold', folder);
    await first.untilDecided();
    await first.kill();
    expect(await readdir(claims())).toHaveLength(1);
    const lock = await takeLock(folder);
    expect(await readdir(claims())).toHaveLength(1);
    await expect(readLock(folder)).resolves.toMatchObject({ pid: process.pid });
    await lock.release();
  });

  test('goes to one of eight processes that ask at once for what a killed one left', async () => {
    await using left = startStoreProcess('hold', folder);
    await left.untilDecided();
    await left.kill();
    const all: StoreProcess[] = Array.from({ length: 8 }, () => startStoreProcess('hold', folder));
    try {
      const answers = await Promise.all(all.map((each) => each.untilDecided()));
      expect(answers.filter((answer) => answer === 'held')).toHaveLength(1);
      expect(answers.filter((answer) => answer.startsWith('store.locked: Process '))).toHaveLength(7);
      const winner = all[answers.indexOf('held')];
      await expect(readLock(folder)).resolves.toMatchObject({ pid: winner?.pid });
    } finally {
      await Promise.all(all.map((each) => each.kill()));
    }
  }, 90_000);

  test('goes to one of many that ask at once, whoever sees whom', async () => {
    for (let round = 0; round < 20; round += 1) {
      const asked = await Promise.allSettled(Array.from({ length: 5 }, () => takeLock(folder)));
      const won = asked.filter((each) => each.status === 'fulfilled');
      expect(won).toHaveLength(1);
      for (const { value } of won) await value.release();
    }
  });

  test('does not count for a process id that another process has now', async () => {
    await (await takeLock(folder)).release();
    await leaveClaim({ ...(await readOwnMark()), startedAt: '1', ...OTHER });
    await (await takeLock(folder)).release();
  });

  test('counts while a process of another machine shows that it lives, and no longer', async () => {
    await (await takeLock(folder)).release();
    const elsewhere = { pid: 1, startedAt: '1', machine: 'another', ...OTHER };
    await leaveClaim(elsewhere, 30_000);
    await expect(takeLock(folder)).rejects.toMatchObject({
      message: expect.stringContaining('Process 1 (dealseat worker)'),
    });
    await leaveClaim(elsewhere, 90_000);
    await (await takeLock(folder)).release();
  });

  test('is not held up by a file that a killed process wrote in part', async () => {
    await (await takeLock(folder)).release();
    await leaveClaim('{"pid":', 10_000);
    await (await takeLock(folder)).release();
    expect(await readdir(claims())).toEqual([]);
  });

  test('has the address of the service for this user alone', async () => {
    await expect(readLock(folder)).resolves.toBeNull();
    await using service = startStoreProcess('hold', folder);
    await service.untilDecided();
    const holder = await readLock(folder);
    expect(holder).toEqual({
      pid: service.pid,
      command: 'dealseat start',
      since: expect.stringMatching(/^20.*Z$/),
      address: { url: `http://127.0.0.1:${service.pid}`, token: 'secret of the process' },
    });
    const [file = ''] = await readdir(claims());
    const modes = await Promise.all([folder, claims(), join(claims(), file)].map((each) => stat(each)));
    expect(modes.map(({ mode }) => mode & 0o777)).toEqual([0o700, 0o700, 0o600]);
    await service.kill();
    await expect(readLock(folder)).resolves.toBeNull();
  });

  test('cannot publish an address after it was released', async () => {
    const lock = await takeLock(folder);
    await lock.release();
    await expect(publishAddress(lock, { url: 'http://127.0.0.1', token: 'x' })).rejects.toThrow('released');
  });

  test('notices that it was taken away', async () => {
    mock.timers.enable({ apis: ['setInterval'] });
    try {
      const lock = await takeLock(folder);
      await rm(claims(), { recursive: true });
      mock.timers.tick(10_000);
      await expect(lock.lost).rejects.toMatchObject({
        code: 'store.locked',
        message: expect.stringContaining('was removed while it was held'),
      });
      await lock.release();
    } finally {
      mock.timers.reset();
    }
  });
});

describe('a process that is killed while it makes the embedded store', () => {
  test('leaves nothing that the next one cannot open', async () => {
    for (const file of ['lock', 'data.new', 'data']) {
      await using killed = startStoreProcess('write', folder);
      await until(`there is ${file}`, async () =>
        (await readdir(folder).catch((): string[] => [])).includes(file),
      );
      await killed.kill();
    }
    const store = await openStoreDatabase({ databaseUrl: null, folder });
    expect(await store.db.selectFrom('orders').selectAll().execute()).toEqual([]);
    await store.close();
    expect((await readdir(folder)).sort()).toEqual(['data', 'lock']);
  }, 120_000);
});

describe('two processes that write into one embedded store', () => {
  test('lose no row: the second is refused, and after a kill of the first it has all of them', async () => {
    await (await openStoreDatabase({ databaseUrl: null, folder, image: await embeddedImage() })).close();
    await using first = startStoreProcess('write', folder);
    await expect(first.untilDecided()).resolves.toBe('held');
    await using refused = startStoreProcess('write', folder);
    await expect(refused.untilDecided()).resolves.toMatch(/^store\.locked: /);
    await until('the first wrote some rows', () => first.lines.length > 100, 30_000);
    await first.kill();

    await using second = startStoreProcess('write', folder);
    await expect(second.untilDecided()).resolves.toBe('held');
    await until('the second wrote some rows', () => second.lines.length > 100, 30_000);
    await second.kill();

    const acknowledged = [...first.lines, ...second.lines].flatMap((line) =>
      line.startsWith('wrote ') ? [line.slice('wrote '.length)] : [],
    );
    const store = await openStoreDatabase({ databaseUrl: null, folder });
    const rows = await store.db.selectFrom('sync_positions').select('name').execute();
    await store.close();
    const kept = new Set(rows.map(({ name }) => name));
    expect(acknowledged.filter((name) => !kept.has(name))).toEqual([]);
    expect(acknowledged.length).toBeGreaterThan(200);
    expect(await readFile(join(folder, 'data', 'PG_VERSION'), 'utf8')).toBe('18\n');
  }, 120_000);
});
