import { describe, expect, test } from '@jest/globals';
import { codesOfRoster, rowsOfCsv } from '../../src/clients/roster-codes.ts';
import { separatorIn } from '../../src/mail/languages.ts';

describe('what stands between the columns of a CSV file', () => {
  test.each([
    ['en', 'comma'],
    ['en-gb', 'comma'],
    ['ja', 'comma'],
    ['de', 'semicolon'],
    ['de-at', 'semicolon'],
    ['de-ch', 'semicolon'],
    ['fr', 'semicolon'],
    ['pt-br', 'semicolon'],
    ['xx', 'comma'],
  ])('is for readers of %s a %s, as Excel expects it there', (language, separator) => {
    expect(separatorIn(language)).toBe(separator);
  });

  test.each([
    ['commas', ','],
    ['semicolons', ';'],
    ['tabs, as some spreadsheets save it', '\t'],
  ])('may be %s: the codes are read all the same, whatever signs the titles have', (_, sign) => {
    const rows = [
      ['code', 'redeem_url', 'content'],
      ['AB12', 'https://learn.vendor.example/redeem/AB12', '"A; B, C; D; E"'],
      ['CD34', 'https://learn.vendor.example/redeem/CD34', '"A\tB\tC\tD"'],
    ];
    const csv = Buffer.from(`\ufeff${rows.map((row) => row.join(sign)).join('\r\n')}\r\n`);
    expect(codesOfRoster(csv)).toEqual(['AB12', 'CD34']);
    expect(rowsOfCsv(csv)?.[1]?.[2]).toBe('A; B, C; D; E');
  });

  test('is of no matter in a file of one column', () => {
    expect(codesOfRoster(Buffer.from('code\r\nAB12\r\n'))).toEqual(['AB12']);
  });
});
