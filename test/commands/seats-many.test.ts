import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from '@jest/globals';
import { seatPageView } from '../../src/seats/views.ts';
import type { SeatStore } from '../../src/store/seat-store.ts';
import { deskOf, fillStore } from '../support/filled-store.ts';
import { onBothEngines } from '../support/store.ts';
import { dealseat, documentOf, type Outcome } from './dealseat.ts';

const ENV = {
  HUBSPOT_ACCESS_TOKEN: 't',
  HUBSPOT_PORTAL_ID: '62515',
  HUBSPOT_CLIENT_SECRET: 'a-secret-of-the-test',
};

const DONE = { state: 'done', outcome: 'The code was issued again.', failure_code: null } as const;

onBothEngines('an act on many seats', (open) => {
  let store: SeatStore;

  beforeEach(async () => {
    store = await fillStore(await open());
  });

  function seats(argv: readonly string[]): Promise<Outcome> {
    return dealseat(ENV, ['seats', ...argv], {
      openSeats: async () => ({
        desk: deskOf(store, Date.now, () => DONE),
        waitsHere: true,
        close: async () => {},
      }),
    });
  }

  const why = ['--reason', 'left the company', '--by', 'bo'];

  async function withFile(csv: string, work: (file: string) => Promise<void>): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), 'dealseat-many-'));
    try {
      const file = join(folder, 'seats.csv');
      await writeFile(file, csv);
      await work(file);
    } finally {
      await rm(folder, { recursive: true });
    }
  }

  const idsOf = async (argv: readonly string[]) =>
    seatPageView.shape.seats.parse(documentOf(await seats([...argv, '--json'])).seats).map(({ id }) => id);

  test('an export of the seats says which, each is an operation, and a repeat with the key asks for nothing', async () => {
    const ids = await idsOf(['hubspot', '9001', '--state', 'exposed']);
    const { stdout: csv } = await seats(['export', 'hubspot', '9001', '--state', 'exposed']);
    await withFile(csv, async (file) => {
      const argv = ['reissue', '--from', file, '--key', 'list-1', ...why];
      const first = await seats(argv);
      expect([first.exitCode, first.stderr, first.stdout.split('\n')[0]]).toEqual([
        0,
        expect.stringContaining('1 of 2: seat'),
        '2 seats of 2 done.',
      ]);
      for (const id of ids) expect(first.stdout).toContain(id.slice(0, 8));
      expect(first.stdout).toMatch(/list-1:2/);
      const asked = () =>
        store.db.selectFrom('operations').select('id').where('id', 'like', 'list-1%').execute();
      expect((await asked()).map(({ id }) => id).sort()).toEqual(['list-1:1', 'list-1:2']);
      expect((await seats(argv)).stdout).toBe(first.stdout);
      expect(await asked()).toHaveLength(2);
    });
  });

  test('some of which cannot be done are refused row by row, and nothing is asked for', async () => {
    const [held = ''] = await idsOf(['hubspot', '9001', '--state', 'exposed']);
    const [free = ''] = await idsOf(['hubspot', '9001', '--state', 'free']);
    const before = await store.db.selectFrom('operations').select('id').execute();
    const { exitCode, stdout } = await seats(['reissue', held, free, ...why]);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^Nothing was asked for, because 1 row cannot be done\.\n/);
    expect(stdout).toMatch(new RegExp(`2 +${free.slice(0, 8)} +seat\\.wrong_state: The seat is free`));
    expect(await store.db.selectFrom('operations').select('id').execute()).toEqual(before);
  });

  test.each([
    ['seat\n', 'The file has no rows'],
    ['email\nkim@example.com\n', 'Row 1 of the file has no id of a seat'],
    ['seat\nabcd1234\n"x\n', 'of the file is not valid CSV'],
  ])('in a file that names none (%j) are wrong usage', async (csv, message) => {
    await withFile(csv, async (file) => {
      const { exitCode, stderr } = await seats(['revoke', '--from', file, ...why]);
      expect([exitCode, stderr]).toEqual([2, expect.stringContaining(message)]);
    });
  });
});
