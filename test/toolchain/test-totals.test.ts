import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { closingLine, readTotals } from '../../scripts/test-totals.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dealseat-totals-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function totalsOf(report: string): Promise<string> {
  const file = join(folder, 'report.json');
  await writeFile(file, report);
  return closingLine(await readTotals(file));
}

const REPORT = {
  numPassedTests: 12,
  numFailedTests: 0,
  numRuntimeErrorTestSuites: 0,
  numPendingTests: 0,
  numTodoTests: 0,
};

test('a run in which everything passed closes with its count', async () => {
  expect(await totalsOf(JSON.stringify(REPORT))).toBe('12 passed, 0 failed');
});

test('a suite that could not even be loaded counts as failed', async () => {
  const report = { ...REPORT, numFailedTests: 2, numRuntimeErrorTestSuites: 1 };
  expect(await totalsOf(JSON.stringify(report))).toBe('12 passed, 3 failed');
});

test('skipped tests and tests to do are told', async () => {
  expect(await totalsOf(JSON.stringify({ ...REPORT, numPendingTests: 1, numTodoTests: 1 }))).toBe(
    '12 passed, 0 failed, 2 skipped',
  );
});

test('a test run that left no readable report is a failure, never an empty success', async () => {
  expect(closingLine(await readTotals(join(folder, 'absent.json')))).toBe('0 passed, 1 failed');
  expect(await totalsOf('{"numPassed')).toBe('0 passed, 1 failed');
});
