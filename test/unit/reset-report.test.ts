import { expect, test } from '@jest/globals';
import { type ResetReport, withResetReport } from '../../scripts/docs/reset-report.ts';

const row = { kind: 'delivered', crm: 'hubspot', hasLaterDelivery: false, resets: 7, held: 7 } as const;
const report: ResetReport = {
  rows: [
    row,
    { ...row, resets: 8 },
    { ...row, hasLaterDelivery: true, resets: 5, held: 5 },
    { ...row, crm: 'salesforce', resets: 6, held: 6 },
    { ...row, kind: 'waits', resets: 3, held: 3 },
  ],
};

test('the reset report tells how many resets of each kind of run held', () => {
  const page = withResetReport('<!-- begin reset report -->\nold\n<!-- end reset report -->', report);
  const lines = page.split('\n');
  expect(lines[1]).toBe('28 of 29 resets held.');
  expect(lines).toContain('| delivered | 14 / 15 | 5 / 5 | 6 / 6 | – |');
  expect(lines).toContain('| waits | 3 / 3 | – | – | – |');
});
