import { describe, expect, test } from '@jest/globals';
import { formatImport, readImport } from '../../src/clients/imported-codes.ts';
import { createSealer, parseSecretKeys } from '../../src/config/secret-keys.ts';
import { importProblems } from '../../src/domain/seats/code-import.ts';
import { readDownload } from '../../src/runs/code-download.ts';

const CODES = ['k3f9xq2m7abc', '9zt4hw8pl0de', 'b1n5yc6rv3gh'];

function codesIn(text: string | Uint8Array): unknown {
  const found = readDownload(typeof text === 'string' ? Buffer.from(text) : text);
  return 'codes' in found ? found.codes.map(({ code }) => code) : found.problem;
}

describe('the download of an admin', () => {
  test.each([
    ['one column with a head', `code\n${CODES.join('\n')}\n`],
    ['one column without a head', CODES.join('\n')],
    [
      'a byte order mark, semicolons and Windows line ends',
      `\ufeffStatus;Redemption Code\r\n${CODES.map((code) => `new;${code}`).join('\r\n')}\r\n`,
    ],
    ['quotes', `"id","code"\n${CODES.map((code, at) => `"${at}","${code}"`).join('\n')}`],
    ['tabs', `code\tcreated\n${CODES.map((code) => `${code}\t2026-11-30`).join('\n')}`],
    [
      'a title above the head, and empty lines',
      `Codes of group X,\n\nNo,REDEMPTION_CODE\n\n${CODES.map((code, at) => `${at},${code}`).join('\n')}\n\n`,
    ],
    [
      'cells that keep a spreadsheet from changing them',
      `code\n${CODES.map((code) => `="${code}"`).join('\n')}`,
    ],
    ['blanks around', `code\n${CODES.map((code) => ` ${code} `).join('\n')}`],
  ])('may have %s', (_, text) => {
    expect(codesIn(text)).toEqual(CODES);
  });

  test('may be UTF-16, as spreadsheets save text', () => {
    expect(codesIn(Buffer.from(`\ufeffcode\r\n${CODES.join('\r\n')}`, 'utf16le'))).toEqual(CODES);
  });

  test('with several columns and no head is refused, by its line and without its text', () => {
    expect(codesIn(`${CODES[0]},new\n${CODES[1]},new`)).toBe(
      'line 1: there are several columns, and none of them is called "code"',
    );
  });

  test('whose quotes do not end is refused by its line', () => {
    expect(codesIn(`code\n"${CODES[0]}\n${CODES[1]}`)).toMatch(/^line \d+: the line is not valid CSV$/);
  });

  test('that is empty has no codes', () => {
    expect(codesIn('')).toEqual([]);
  });
});

describe('what a download must be', () => {
  const problems = (codes: readonly string[], terms = {}) =>
    importProblems(
      codes.map((code, at) => ({ code, line: at + 2 })),
      { seatCount: codes.length, codeLength: 12, others: new Map(), ...terms },
    );

  test('as many distinct codes as seats, of the length of the catalog', () => {
    expect(problems(CODES)).toEqual([]);
    expect(problems(CODES, { seatCount: 4 })).toEqual(['the file has 3 codes, the group has 4 seats']);
  });

  test('each fault names its line and never a code', () => {
    const [first = '', second = '', third = ''] = CODES;
    const others = new Map([[third, 'acme-other']]);
    const found = problems([first, `${second}x`, first, '', 'abc def ghi j', third, '1.23457E+11'], {
      others,
    });
    expect(found).toEqual([
      'line 3: the code has 13 characters, expected 12',
      'line 4: the code stands in line 2 already',
      'line 5: the code is missing',
      'line 6: the code has a character that codes do not have (expected A-Z, a-z, 0-9 and the signs "._~-")',
      'line 7: the code was imported for group acme-other',
      'line 8: a spreadsheet has turned the code into a number; download the file again and do not open it in a spreadsheet',
    ]);
    for (const code of CODES) expect(found.join()).not.toContain(code);
  });

  test('where the catalog does not say the length, all codes are as long as the first', () => {
    expect(problems(['abcd', 'efgh'], { codeLength: null })).toEqual([]);
    expect(problems(['abcd', 'efghi'], { codeLength: null })).toEqual([
      'line 3: the code has 5 characters, expected 4',
    ]);
  });
});

describe('the file of an import', () => {
  const sealer = createSealer(parseSecretKeys(`t:${Buffer.alloc(32, 1).toString('base64')}`) ?? []);
  const other = createSealer(parseSecretKeys(`t:${Buffer.alloc(32, 2).toString('base64')}`) ?? []);
  const group = { token: 'd0123456789abcde', platform: 'ti', groupId: 'group-1' };
  const read = (csv: Buffer, given: Partial<typeof group> = {}, key = sealer) =>
    readImport(
      {
        sealer: key,
        crm: {
          readRosters: async () => [
            { fileName: 'codes-import-0f0f0f0f0f0f0f0f-d0123456789abcde.csv', csv, isShown: true },
          ],
        },
      },
      { dealId: '9001', ...group, ...given },
    );

  test('is read as it was written', async () => {
    expect(await read(formatImport(group, CODES, sealer))).toEqual(CODES);
  });

  test('is nothing once a code of it was changed, taken out or put in', async () => {
    const csv = formatImport(group, CODES, sealer).toString();
    const [, second = '', third = ''] = CODES;
    for (const edited of [
      csv.replace(second, second.toUpperCase()),
      csv.replace(`${third},\r\n`, ''),
      csv.replace(`${third},\r\n`, `${third},\r\nmalloryscode,\r\n`),
      csv.replace(/t\.[\w-]+/, ''),
    ]) {
      expect(edited).not.toBe(csv);
      expect(await read(Buffer.from(edited))).toBeNull();
    }
  });

  test('is nothing for another group, nor for a deployment with other keys', async () => {
    const csv = formatImport(group, CODES, sealer);
    expect(await read(csv, { groupId: 'group-2' })).toBeNull();
    expect(await read(csv, {}, other)).toBeNull();
  });
});
