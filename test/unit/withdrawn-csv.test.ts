import { describe, expect, test } from '@jest/globals';
import { withdrawnNoteHtml } from '../../src/domain/texts/tasks.ts';
import { withdrawnCodes, writeWithdrawnCsv } from '../../src/roster/withdrawn-csv.ts';
import { plannedGroup, seated } from './example-deals.ts';

const { group, seats } = seated(plannedGroup({ label: 'größe-d0123456789abcde' }), ['AB12', '=1+1', '12E3']);
const groups = [{ group, seats: seats.map((seat) => ({ ...seat, isWithdrawn: seat.code !== 'AB12' })) }];

describe('the file of a withdrawal', () => {
  test.each([
    ['comma', ','],
    ['semicolon', ';'],
  ] as const)(
    'is written as a roster is: with a BOM, no cell that runs, and a %s between columns',
    async (separator, sign) => {
      const csv = await writeWithdrawnCsv(groups, separator);
      const rows = [
        ['code', 'group', 'redeemed'],
        ["'=1+1", 'größe-d0123456789abcde', 'no'],
        ['12E3', 'größe-d0123456789abcde', 'no'],
      ];
      expect(csv.toString('utf8')).toBe(`\ufeff${rows.map((row) => `${row.join(sign)}\r\n`).join('')}`);
    },
  );

  test('comes with a note that counts the codes which Excel would change, and that names no code', () => {
    const note = withdrawnNoteHtml(withdrawnCodes(groups));
    expect(note).toContain('2 codes look like numbers or dates to Excel');
    expect(note).not.toContain('12E3');
    expect(withdrawnNoteHtml(['AB12'])).not.toContain('Excel');
  });
});
