import { readFile } from 'node:fs/promises';

export interface TestTotals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Totals of Jest's `--json` report. A suite that could not run counts as one failed test; so does a missing report. */
export async function readTotals(file: string): Promise<TestTotals> {
  const report = await readFile(file, 'utf8')
    .then(JSON.parse)
    .catch(() => null);
  if (report === null) return { passed: 0, failed: 1, skipped: 0 };
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + report.numRuntimeErrorTestSuites,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

export function closingLine({ passed, failed, skipped }: TestTotals): string {
  const line = `${passed} passed, ${failed} failed`;
  return skipped > 0 ? `${line}, ${skipped} skipped` : line;
}
