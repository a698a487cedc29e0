import { expect, test } from '@jest/globals';
import { type FaultReport, withFaultReport } from '../../scripts/docs/fault-report.ts';

const cell = { system: 'HubSpot', disturbance: '503', way: 'repeated' } as const;
const report: FaultReport = {
  seed: 7,
  cellCount: 9,
  rows: [
    cell,
    { ...cell, way: 'byItself' },
    { ...cell, way: 'byItself' },
    { ...cell, way: 'person' },
    { ...cell, way: 'caller' },
    { ...cell, way: 'leftUndone' },
    { ...cell, way: null },
    { ...cell, system: 'Salesforce', disturbance: 'HTML 502' },
  ],
};

test('the fault report tells what was struck, what held, and how it went on', () => {
  const page = withFaultReport('<!-- begin fault report -->\nold\n<!-- end fault report -->', report);
  const lines = page.split('\n');
  expect(lines[1]).toBe('Seed 7: 7 of 8 cells held, of a matrix of 9.');
  expect(lines).toContain('| 503 | – | 6 / 7 | – | 1 | 2 | 1 | 1 | 1 |');
  expect(lines).toContain('| HTML 502 | – | – | 1 / 1 | 1 | 0 | 0 | 0 | 0 |');
  const columns = lines.filter((line) => line.startsWith('|')).map((line) => line.split(' | ').length);
  expect(new Set(columns).size).toBe(1);
});
