import { expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { ROSTER_COLUMNS } from '../../src/domain/seats/roster.ts';
import { writeRosterCsv } from '../../src/roster/roster-csv.ts';
import { plannedGroup, seated } from '../unit/example-deals.ts';
import { FUZZ_TIMEOUT_MS, fuzz } from './bounds.ts';

function rosterOf(codes: readonly string[], title: string) {
  return [seated(plannedGroup({ title }), codes)];
}

const NASTY = [
  '\u0000',
  '\ufeff',
  '"',
  '""',
  ',',
  '\r',
  '\n',
  '\r\n',
  ';',
  '\t',
  "'",
  '=',
  '\u2028',
  '\u202e',
  '🦄',
];
const nasty = fc
  .array(fc.oneof(fc.constantFrom(...NASTY), fc.string({ unit: 'binary', maxLength: 3 })), { maxLength: 12 })
  .map((parts) => parts.join(''));
// As the parser of the code list lets them through: not blank, whole characters.
const codes = fc.uniqueArray(
  nasty.filter((code) => code.trim() !== '' && code.isWellFormed()),
  { minLength: 1, maxLength: 8 },
);

test(
  'a roster of codes and a title made of quotes, line ends, marks and NULs has as many rows and cells as it should',
  async () => {
    await fc.assert(
      fc.asyncProperty(codes, nasty, async (list, title) => {
        const { csv, codeCount } = await writeRosterCsv(rosterOf(list, title));
        const [head, ...rows]: string[][] = parse(csv, { record_delimiter: '\r\n', bom: true });
        expect(head).toEqual([...ROSTER_COLUMNS]);
        expect(rows).toHaveLength(codeCount);
        // An apostrophe may stand in front; nothing else is changed.
        expect(rows.map(([code = '']) => code).map((code, n) => code.slice(-(list[n]?.length ?? 0)))).toEqual(
          list,
        );
      }),
      fuzz(200),
    );
  },
  FUZZ_TIMEOUT_MS,
);

test('a roster of the largest deal is written with memory in proportion to its file', async () => {
  const list = Array.from({ length: 100_000 }, (_, n) => `CODE${String(n).padStart(8, '0')}`);
  const heapBefore = process.memoryUsage().heapUsed;
  const { csv, codeCount } = await writeRosterCsv(rosterOf(list, 'x'.repeat(200)));
  expect(codeCount).toBe(100_000);
  expect(process.memoryUsage().heapUsed - heapBefore).toBeLessThan(10 * csv.length);
});
