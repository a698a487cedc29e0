import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { codesOfRoster } from '../../src/clients/roster-codes.ts';
import type { PlannedGroup } from '../../src/domain/planning/plan.ts';
import { ROSTER_COLUMNS, rosterRows } from '../../src/domain/seats/roster.ts';
import { writeRosterCsv } from '../../src/roster/roster-csv.ts';
import { plannedGroup, seated } from './example-deals.ts';

const planned = plannedGroup();

function groupOf(list: readonly string[], changes: Partial<PlannedGroup> = {}) {
  return seated(plannedGroup(changes), list);
}

/** What RFC 4180 says, read strictly: CRLF between records, quotes doubled, as many cells in each record. */
function readStrictly(csv: Buffer, delimiter = ','): string[][] {
  const strict = { relax_quotes: false, relax_column_count: false, bom: true };
  return parse(csv, { record_delimiter: '\r\n', delimiter, ...strict });
}

const FORMULA_START = /^[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/;
/** A cell that would be run is shown with an apostrophe in front; every other cell stays as it is. */
function disarmed(cell: string): string {
  return FORMULA_START.test(cell) ? `'${cell}` : cell;
}

const hostile = fc.constantFrom(
  '=HYPERLINK("https://evil.example";"Click")',
  '+1+1',
  'a;b;c;d;e;f;g;h',
  '-2+3',
  '@SUM(A1)',
  '\t=1',
  '\r=1',
  'a,b',
  'say "yes"',
  'one\ntwo',
  'one\rtwo',
  'one\r\ntwo',
  '',
);
const titles = fc.oneof(hostile, fc.string({ unit: 'grapheme' }), fc.string());
const codes = fc.uniqueArray(
  fc.oneof(
    fc.stringMatching(/^[A-Za-z0-9]{4,20}$/),
    fc.constantFrom('=1+1', '-ABC', '+49', '@x', '"', 'a,b', 'ä ö'),
  ),
  { minLength: 1, maxLength: 20 },
);
const rosters = fc.array(
  fc.tuple(codes, titles).map(([list, title]) => groupOf(list, { title })),
  { maxLength: 3 },
);

describe('the roster file', () => {
  test('reads back as the rows it was made of, with its header, whatever titles and codes hold', async () => {
    await fc.assert(
      fc.asyncProperty(rosters, async (groups) => {
        const rows = [...rosterRows(groups)].map((row) => ROSTER_COLUMNS.map((name) => disarmed(row[name])));
        for (const [separator, sign] of [
          ['comma', ','],
          ['semicolon', ';'],
        ] as const) {
          const { csv, codeCount } = await writeRosterCsv(groups, separator);
          expect(readStrictly(csv, sign)).toEqual([[...ROSTER_COLUMNS], ...rows]);
          expect(codeCount).toBe(rows.length);
        }
      }),
    );
  });

  test('has no cell that a spreadsheet would run', async () => {
    await fc.assert(
      fc.asyncProperty(rosters, async (groups) => {
        const { csv } = await writeRosterCsv(groups);
        for (const cell of readStrictly(csv).flat()) expect(cell).not.toMatch(FORMULA_START);
      }),
    );
  });

  test('is named by the SHA-256 of its bytes', async () => {
    const { csv, sha256 } = await writeRosterCsv([groupOf(['AB12', 'CD34'])]);
    expect(sha256).toBe(createHash('sha256').update(csv).digest('hex'));
  });

  test('has the same bytes each time it is made', async () => {
    await fc.assert(
      fc.asyncProperty(rosters, async (groups) => {
        const [first, second] = await Promise.all([writeRosterCsv(groups), writeRosterCsv(groups)]);
        expect(second).toEqual(first);
      }),
    );
  });

  test('tells for each code its link, content, label, expiry and access', async () => {
    const { csv } = await writeRosterCsv([groupOf(['AB 12'])]);
    expect(readStrictly(csv)[1]).toEqual([
      'AB 12',
      'https://learn.vendor.example/redeem/AB%2012',
      'Leadership Essentials',
      planned.label,
      '2027-11-20',
      '365 days from redemption',
    ]);
  });

  test.each([
    [{ accessDays: null, accessEndsOn: '2027-12-31' }, 'until 2027-12-31'],
    [{ accessDays: null, accessEndsOn: null }, ''],
  ])('words the access %j as "%s"', async (access, words) => {
    const { csv } = await writeRosterCsv([groupOf(['AB12'], access)]);
    expect(readStrictly(csv)[1]?.[5]).toBe(words);
  });

  test('of no codes is the header alone', async () => {
    const { csv, codeCount } = await writeRosterCsv([groupOf([])]);
    expect(csv.toString('utf8')).toBe(`\ufeff${ROSTER_COLUMNS.join(',')}\r\n`);
    expect(codeCount).toBe(0);
  });

  test('gives back the codes that it was made of, which were handed out with it', async () => {
    await fc.assert(
      fc.asyncProperty(rosters, async (groups) => {
        const separator = groups.length % 2 === 0 ? 'comma' : 'semicolon';
        const { csv } = await writeRosterCsv(groups, separator);
        const made = groups.flatMap(({ seats }) => seats.map(({ code }) => code));
        expect(codesOfRoster(csv)).toEqual(made);
      }),
    );
  });
});

test.each([
  ['quotes alone, an even number of them', '""""""'],
  ['quotes alone, an odd number of them', '"""""'],
  ['another head', 'kode,redeem_url\r\n'],
])('a file with %s is no roster, not one without codes', (_, text) => {
  expect(codesOfRoster(Buffer.from(text))).toBeNull();
});

test('the file of ten thousand codes is in memory once while it is written', async () => {
  const codes = Array.from({ length: 10_000 }, (_, index) => `K7QM4ZP2${100_000 + index}`);
  const groups = [groupOf(codes)];
  const before = process.memoryUsage().arrayBuffers;
  let most = 0;
  const sampling = setInterval(() => {
    most = Math.max(most, process.memoryUsage().arrayBuffers - before);
  }, 0);
  const { csv } = await writeRosterCsv(groups);
  clearInterval(sampling);
  expect(csv.length).toBeGreaterThan(1_000_000);
  expect(Math.max(most, process.memoryUsage().arrayBuffers - before)).toBeLessThan(1.5 * csv.length);
});
