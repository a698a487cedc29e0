import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { findProgram } from '../../scripts/setup/find-program.ts';
import { LIBREOFFICE } from '../../scripts/setup/libreoffice.ts';
import { ROSTER_COLUMNS } from '../../src/domain/seats/roster.ts';
import { separatorIn } from '../../src/mail/languages.ts';
import { writeRosterCsv } from '../../src/roster/roster-csv.ts';
import { writeRosterWorkbook } from '../../src/roster/roster-workbook.ts';
import { openAs } from '../support/libreoffice.ts';
import { plannedGroup, seated } from '../unit/example-deals.ts';

const soffice = findProgram(LIBREOFFICE.names, LIBREOFFICE);
/** In CI these tests are part of the promise; elsewhere a machine may lack the program, which the summary says. */
const mustRun = soffice !== null || process.env.CI === 'true';
const whereInstalled = mustRun ? describe : describe.skip;

/** Decimal commas, days before months, an alphabet of its own for upper case. */
const LOCALES = ['en-US', 'de-DE', 'tr-TR'] as const;
/** What Excel and its like expect between columns there. */
const SIGNS = { 'en-US': ',', 'de-DE': ';', 'tr-TR': ';' } as const;
const TITLE = 'Führungsgrundlagen für Größe & Söhne: Łódź/São Paulo';
const SHEET = 'Führungsgrundlagen für Größe &';
const CODES = ['AB12CD34EF56', 'iI9TRk3zQ0pL', '00ZZ11YY22XX', 'e5e5e5e5e5e5'];
/** What Excel and its like take for numbers, days and truth. */
const DELICATE = ['000123', '1E5', '12e3', '9/11', 'MAR10', 'TRUE', '12345678901234567890', '=1+1'];
const LAST_DAY = /^(29\.11\.|11\/29\/)(20)?27$/;

const groups = [
  seated(plannedGroup({ title: TITLE, codesExpireOn: '2027-11-29' }), CODES),
  seated(
    plannedGroup({
      title: 'Track',
      productKey: 'sku:track',
      codesExpireOn: '2027-11-29',
      accessDays: null,
      accessEndsOn: '2027-11-29',
    }),
    DELICATE,
  ),
];

whereInstalled('the files of a roster', () => {
  const opened = new Map<string, Awaited<ReturnType<typeof openAs>>>();
  let folder = '';
  const as = (locale: string) => {
    const found = opened.get(locale);
    if (found === undefined) throw new Error(`LibreOffice opened nothing as ${locale}`);
    return found;
  };

  beforeAll(async () => {
    if (soffice === null) throw new Error('LibreOffice is not installed: install libreoffice-calc');
    folder = await mkdtemp(join(tmpdir(), 'dealseat-spreadsheets-'));
    const xlsx = await writeRosterWorkbook(groups, 'de');
    await Promise.all(
      LOCALES.map(async (locale) => {
        const { csv } = await writeRosterCsv(groups, separatorIn(locale));
        opened.set(locale, await openAs(soffice, { csv, xlsx }, { locale, folder, sign: SIGNS[locale] }));
      }),
    );
  }, 120_000);
  afterAll(async () => {
    if (folder !== '') await rm(folder, { recursive: true });
  });

  test.each(LOCALES)('opened as %s: the workbook has a sheet for each product', (locale) => {
    expect([...as(locale).sheets.keys()].sort()).toEqual([SHEET, 'Track']);
  });

  test.each(LOCALES)('opened as %s: the workbook keeps every code, whatever it looks like', (locale) => {
    const codesOf = (sheet: string) => (as(locale).sheets.get(sheet) ?? []).slice(1).map((row) => row[2]);
    expect(codesOf(SHEET)).toEqual(CODES);
    expect(codesOf('Track')).toEqual(DELICATE);
  });

  test.each(LOCALES)('opened as %s: the workbook shows days as that country writes them', (locale) => {
    for (const [sheet, days] of [
      [SHEET, [4]],
      ['Track', [4, 5]],
    ] as const)
      for (const row of (as(locale).sheets.get(sheet) ?? []).slice(1))
        for (const column of days) expect(row[column]).toMatch(LAST_DAY);
  });

  test.each(LOCALES)('opened as %s: the workbook has an empty column to tick off', (locale) => {
    const [head, ...rows] = as(locale).sheets.get(SHEET) ?? [];
    expect(head).toEqual(['Nr.', 'Vergeben an', 'Code', 'Link', 'Einlösen bis', 'Zugang']);
    expect(rows.map(([number, givenTo]) => [number, givenTo])).toEqual(
      CODES.map((_, n) => [String(n + 1), '']),
    );
  });

  test.each(LOCALES)('opened as %s: the CSV is a table of six columns', (locale) => {
    const [head, ...rows] = as(locale).csv;
    expect(head).toEqual([...ROSTER_COLUMNS]);
    expect(new Set(rows.map((row) => row.length))).toEqual(new Set([ROSTER_COLUMNS.length]));
  });

  test.each(LOCALES)('opened as %s: the CSV keeps codes of the usual kind, and every letter', (locale) => {
    const rows = as(locale).csv.slice(1, 1 + CODES.length);
    expect(rows.map(([code]) => code)).toEqual(CODES);
    expect(rows.map(([, , title]) => title)).toEqual(CODES.map(() => TITLE));
  });

  test.each(LOCALES)(
    'opened as %s: the links of the CSV are right, even where a code looks like a number',
    (locale) => {
      const links = as(locale)
        .csv.slice(1)
        .map(([, link = '']) => decodeURIComponent(link.split('/').at(-1) ?? ''));
      expect(links).toEqual([...CODES, ...DELICATE]);
    },
  );
});
