import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { openRig } from '../support/rig.ts';
import { serverAddress } from '../support/server.ts';
import { runCell } from './cell.ts';
import { allRows, type Cell, failureOf, KINDS, nameOf, type Row } from './matrix.ts';
import { sideBySide } from './side-by-side.ts';

/**
 * Every kind of run against every point to which it can be reset. All of it is `npm run test:resets`; `npm test` has
 * its part in known-resets.test.ts.
 */
const isLong = process.env.DEALSEAT_RESETS_FORM === 'long';
const concurrency = Number(process.env.DEALSEAT_RESETS_CONCURRENCY ?? 8);
const only = process.env.DEALSEAT_RESETS_ONLY ?? '';
const rows = allRows().filter((row) => nameOf(row).includes(only));
const ROW_TIMEOUT_MS = 1_800_000;

const results: { readonly row: Row; readonly cells: readonly Cell[] }[] = [];

describe('the matrix of resets', () => {
  test('has rows of every kind of run, each once', () => {
    expect(new Set(allRows().map(({ kind }) => kind))).toEqual(new Set(Object.keys(KINDS)));
    expect(new Set(allRows().map(nameOf)).size).toBe(allRows().length);
  });
});

if (isLong) {
  const rig = openRig();
  let connection: Connection;
  beforeAll(async () => {
    connection = await Connection.connect({ address: serverAddress() });
  });
  afterAll(() => connection.close());

  describe('a run that is reset to any point leaves its deal delivered once and telling the truth', () => {
    for (const row of rows) {
      test(
        nameOf(row),
        async () => {
          const world = { rig, client: new Client({ connection }) };
          const cells = await sideBySide(concurrency, (point) => runCell(world, row, point));
          results.push({ row, cells });
          // Jest tells nothing before the whole file is done, which takes minutes.
          process.stderr.write(`${heldOf(cells)} of ${cells.length} held: ${nameOf(row)}\n`);
          expect(cells.length).toBeGreaterThan(0);
          expect(cells.map((cell) => failureOf(row, cell)).join('')).toBe('');
        },
        ROW_TIMEOUT_MS,
      );
    }
  });
}

afterAll(async () => {
  const file = process.env.DEALSEAT_RESETS_REPORT;
  if (file === undefined) return;
  const report = results.map(({ row, cells }) => ({
    kind: KINDS[row.kind],
    crm: row.crm,
    hasLaterDelivery: row.hasLaterDelivery,
    resets: cells.length,
    held: heldOf(cells),
  }));
  await writeFile(file, JSON.stringify({ rows: report }));
});

function heldOf(cells: readonly Cell[]): number {
  return cells.filter(({ broken }) => broken.length === 0).length;
}
