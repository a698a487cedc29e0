import { expect, test } from '@jest/globals';
import { writeDocument } from '../../bench/document.ts';
import { readMeasured } from '../../bench/measured.ts';
import type { BenchReport } from '../../bench/report.ts';
import { writeTables } from '../../bench/tables.ts';
import { withCurrentScaling } from '../../scripts/docs/scaling.ts';
import { readPage } from '../docs/pages.ts';
import { COUNTED, driveResult } from './figures-for-tests.ts';

const report = (server: BenchReport['server'], tookMs: number): BenchReport => ({
  day: '2026-11-30',
  tookMs: 90_000,
  machine: {
    cpu: 'a CPU',
    cores: 2,
    memoryBytes: 4 * 1_024 ** 3,
    system: 'Linux 6',
    node: 'v24',
    temporalSdk: '1.24.0',
    dealseat: '0.1.0',
    loadBefore: 0.1,
  },
  server,
  figures: {
    ...COUNTED,
    kill: driveResult({ tookMs }),
    workers: [{ workers: 3, free: driveResult(), allowed: driveResult(), allowedPerMinute: 600 }],
  },
});

const measured = { dev: report('dev', 50_000), postgres: report('postgres', 70_000) };

test('the page lays the promises on both servers side by side, and says which hold where', () => {
  const page = writeDocument(measured);
  expect(page).toContain('| measure | must be | dev server | met | PostgreSQL | met | what bounds it |');
  expect(page).toMatch(
    /\| killed with 20 deals .* \| at most 60.0 s \| 50.0 s \| yes \| 70.0 s \| \*\*no\*\* \|/,
  );
  expect(page).toContain('## Deliveries with default settings, on PostgreSQL');
});

test('docs/benchmarks.md has what was measured (else: node scripts/write-docs.ts)', () => {
  expect(readPage('docs/benchmarks.md').text).toBe(writeDocument(readMeasured()));
});

test('a page of one server has the columns of one', () => {
  expect(writeDocument({ dev: measured.dev })).toContain(
    '| measure | must be | dev server | met | what bounds it |',
  );
});

test('a terminal gets the same figures, and the machine that they are from', () => {
  const text = writeTables(measured.dev);
  expect(text).toContain('all processes killed and started again');
  expect(text).toContain('at most 60.0 s');
  expect(text).toContain('2 cores of a CPU');
});

test('the page on scaling shows the pace of each server, and the sums beside what was measured', () => {
  const page = withCurrentScaling(readPage('docs/scaling.md').text, measured);
  expect(page).toContain('| postgres | 3 | 2.0 | 172,800 | 6 |');
  expect(page).toContain(
    '| dev | 20 deals, 3 workers, 600 platform requests a minute | 8.0 s | 10.0 s | 1.25 x |',
  );
});

test('without counted requests the page on scaling says how to get them', () => {
  expect(() => withCurrentScaling(readPage('docs/scaling.md').text, {})).toThrow(/npm run bench/);
});
