import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { openStoreDatabase } from '../../src/store/database.ts';
import { carryOnErasure } from '../../src/store/erasure.ts';
import { countByKey, rotateKeys } from '../../src/store/rotate-keys.ts';
import { PERSON, ROTATED_VAULT, ROTATION_PARTS } from '../support/long-work.ts';
import { learner, sellSeats } from '../support/sold-seats.ts';
import { startStoreProcess } from '../support/start-store-process.ts';
import { embeddedImage } from '../support/store.ts';
import { testVault } from '../support/test-vault.ts';
import { until } from '../support/until.ts';

jest.setTimeout(120_000);

/** Several parts of a rotation. */
const CODES = 2_050;
const codes = Array.from({ length: CODES }, (_, index) => `code${index}`);

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dealseat-killed-'));
  const { db, close } = await openStoreDatabase({ databaseUrl: null, folder, image: await embeddedImage() });
  await sellSeats(
    { db, vault: testVault },
    {
      deal: { crm: 'hubspot', account: '62515', dealId: '7001' },
      codes,
      learners: [learner(PERSON.email)],
    },
  );
  await close();
});

afterEach(() => rm(folder, { recursive: true }));

/** The store after a process was killed that had done some parts of the work. */
async function openAfterKill(work: 'rotate' | 'erase', parts: number) {
  await using child = startStoreProcess(work, folder);
  const isPart = (line: string) => line !== 'held';
  await until(`${parts} parts are done`, () => child.lines.filter(isPart).length >= parts, 60_000);
  await child.kill();
  expect(child.lines).not.toContain('over');
  return await openStoreDatabase({ databaseUrl: null, folder });
}

test('a rotation whose process is killed goes on where it stopped, and seals each code once', async () => {
  const { db, close } = await openAfterKill('rotate', 2);
  try {
    const store = { db, vault: ROTATED_VAULT };
    const before = await countByKey(store);
    expect(before.get('new')).toBeGreaterThanOrEqual(2 * ROTATION_PARTS.atMost);
    expect((before.get('new') ?? 0) % ROTATION_PARTS.batch).toBe(0);
    const shown = [];
    do shown.push(await rotateKeys(store, { id: 'rotate', at: new Date() }, ROTATION_PARTS));
    while (!shown.at(-1)?.isOver);
    expect(shown[0]?.checked).toBe((before.get('new') ?? 0) + ROTATION_PARTS.atMost);
    expect(shown.at(-1)).toEqual({ isOver: true, resealed: CODES, checked: CODES, total: CODES });
    expect(await countByKey(store)).toEqual(new Map([['new', CODES]]));
    const rows = await db.selectFrom('codes').select(['code_enc', 'code_mac']).orderBy('id').execute();
    expect(rows.map(({ code_enc }) => ROTATED_VAULT.open(code_enc))).toEqual(codes);
    expect(rows.map(({ code_mac }) => code_mac)).toEqual(codes.map((code) => ROTATED_VAULT.macsOf(code)[0]));
  } finally {
    await close();
  }
});

test('an erasure whose process is killed goes on with the next step, and counts the rows of the first', async () => {
  const { db, close } = await openAfterKill('erase', 3);
  try {
    const store = { db, vault: ROTATED_VAULT };
    const next = () => carryOnErasure(store, { id: 'erase', ...PERSON, at: new Date() });
    const first = await next();
    expect(first.done).toBeGreaterThanOrEqual(4);
    let last = first;
    while (!last.isOver) last = await next();
    expect(last).toMatchObject({ done: last.steps, rows: { seats: 1, seat_events: 1, orders: 0 } });
    const log = await db.selectFrom('audit_log').select('what').execute();
    expect(log).toEqual([{ what: 'person erased' }]);
    const seats = await db.selectFrom('seats').select('id').where('learner_email', 'is not', null).execute();
    expect(seats).toEqual([]);
  } finally {
    await close();
  }
});
