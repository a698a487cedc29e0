import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from '@jest/globals';
import type fc from 'fast-check';

const LONGER = Number(process.env.FUZZ_RUNS ?? 0);

/** Parameters of one property: `usual` runs, or `FUZZ_RUNS` where that is set. The seed is that of all properties. */
export function fuzz<T>(usual: number): fc.Parameters<T> {
  return { numRuns: LONGER > 0 ? LONGER : usual, endOnFailure: true };
}

export const FUZZ_TIMEOUT_MS = LONGER > 0 ? 3_600_000 : 120_000;

interface Bounds {
  /** Processor time, so that a busy machine fails no test. */
  readonly cpuMs: number;
  readonly heapBytes: number;
}

/** Runs `work` and fails when it takes more time or leaves more on the heap than it may, its garbage included. */
export function within<T>(bounds: Bounds, work: () => T): T {
  collectGarbage();
  const heapBefore = process.memoryUsage().heapUsed;
  const cpuBefore = process.cpuUsage();
  const result = work();
  const { user, system } = process.cpuUsage(cpuBefore);
  const heapBytes = process.memoryUsage().heapUsed - heapBefore;
  expect((user + system) / 1_000).toBeLessThan(bounds.cpuMs);
  expect(heapBytes).toBeLessThan(bounds.heapBytes);
  return result;
}

let collect: (() => void) | null = null;

/** Node offers it only behind a flag, which can be set while it runs. */
function collectGarbage(): void {
  if (collect === null) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  collect();
}
