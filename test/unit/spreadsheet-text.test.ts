import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { strFromU8, unzipSync } from 'fflate';
import { shortCodes } from '../../src/commands/doctor/catalog.ts';
import { codesPerNumber, isKeptAsText, SAFE_CODE_LENGTH } from '../../src/domain/seats/spreadsheet-text.ts';
import { sheetNames } from '../../src/roster/sheet-name.ts';
import { writeXlsx } from '../../src/roster/xlsx.ts';
import { EXAMPLE } from './example-deals.ts';

describe('a code that Excel takes for something else', () => {
  test.each([
    ...['1E5', '12e3', '1e10', '9E-3', '123E4567'],
    ...[
      '000123',
      '000000000042',
      '12345678901234567890',
      '1234',
      '1,5',
      '1.234.567',
      "1'000",
      '50%',
      '€5',
      '-7',
    ],
    ...['9/11', '1-2', '1-2-2024', '12.11.2027', '2024-01-02', '12:30', '12:30:00', '1:30PM', '10a', '10 PM'],
    ...[
      'MAR10',
      'mar-10',
      '3jan',
      'JAN3',
      '1-Sept-24',
      'SEPT2024',
      'Okt12',
      'DEZ24',
      'MÄRZ1',
      'mai12',
      '12avr',
    ],
    ...['TRUE', 'false', 'WAHR', 'Falsch', 'VRAI', 'FAUX', ' true '],
    ...['=1+1', '+49', '-ABC', '@x', '#N/A'],
  ])('is found: %s', (code) => {
    expect(isKeptAsText(code)).toBe(false);
  });

  test.each([
    'AB12CD34EF56',
    'abcdefgh',
    '12ABCD34',
    '1E5X',
    'E123',
    '12E',
    'TRUE1X',
    'MARX-AB',
    'JANE',
    '1F5',
    '0x1F',
  ])('is none of: %s', (code) => {
    expect(isKeptAsText(code)).toBe(true);
  });
});

test('almost every random code of the default length is kept, and codes of a safe length are in all but one of 200,000', () => {
  const letters = 'abcdefghijklmnopqrstuvwxyz0123456789';
  const code = (length: number) =>
    fc
      .array(fc.constantFrom(...letters), { minLength: length, maxLength: length })
      .map((all) => all.join(''));
  fc.assert(
    fc.property(code(12), (found) => {
      expect(isKeptAsText(found)).toBe(true);
    }),
  );
  expect(codesPerNumber(SAFE_CODE_LENGTH)).toBeGreaterThan(200_000);
  expect(codesPerNumber(4)).toBeLessThan(200);
});

test('doctor names products with codes so short that Excel damages some, and how many', () => {
  const short = EXAMPLE.products.map((product) => (product.ignore ? product : { ...product, codeLength: 4 }));
  const [found] = shortCodes({ ...EXAMPLE, products: short });
  expect(found).toMatchObject({
    state: 'warning',
    name: 'Length of the codes of Leadership Essentials',
    found: expect.stringMatching(/about one of 1\d\d looks like a number/),
  });
  expect(shortCodes(EXAMPLE)).toEqual([]);
});

describe('the workbook of a roster', () => {
  test('gives each sheet a name that Excel takes, however the titles read', () => {
    const endless = `X${'\u0301'.repeat(60)}`;
    const titles = [
      'History',
      "'",
      endless,
      endless,
      '[a]:b',
      'Kurs '.repeat(20),
      'kurs '.repeat(20),
      '🎓'.repeat(20),
    ];
    const names = sheetNames(titles);
    expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(titles.length);
    for (const name of names) {
      expect(name).toMatch(/^[^[\]:*?/\\']{1,31}$/u);
      expect(name.isWellFormed()).toBe(true);
    }
  });

  test('keeps an address as it is, and a text that reads like an escape of Excel', async () => {
    const text = 'a_x0041_b';
    const link = `https://learn.example/redeem/${text}?a=1&b="2"`;
    const rows = () => [[{ text }, { link }]];
    const file = await writeXlsx([{ name: 'Seats', columns: [{ title: 'Code', width: 9 }], rows }]);
    const parts = unzipSync(file);
    const partOf = (path: string) => strFromU8(parts[path] ?? new Uint8Array());
    expect(partOf('xl/worksheets/sheet1.xml')).toContain('a_x005F_x0041_b</t>');
    expect(partOf('xl/worksheets/_rels/sheet1.xml.rels')).toContain(
      'Target="https://learn.example/redeem/a_x0041_b?a=1&amp;b=&quot;2&quot;"',
    );
  });
});
