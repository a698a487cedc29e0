import { describe, expect, test } from '@jest/globals';
import { isObservationDue, type LagRecord, patienceFor, withLag } from '../../src/domain/lag.ts';

const BOUNDS = { minMs: 5_000, maxMs: 120_000 };
const minutes = (count: number) => count * 60_000;

function record(...lags: readonly [ms: number, size: number][]): LagRecord {
  return { lags: lags.map(([ms, size]) => ({ ms, size })), at: 0 };
}

describe('how long an unknown outcome is looked for', () => {
  test('is the longest while nothing was observed', () => {
    expect(patienceFor(null, 25, BOUNDS)).toBe(BOUNDS.maxMs);
    expect(patienceFor(record(), 25, BOUNDS)).toBe(BOUNDS.maxMs);
  });

  test('is the shortest on an account that shows what is made at once', () => {
    expect(patienceFor(record([80, 25], [300, 25]), 25, BOUNDS)).toBe(BOUNDS.minMs);
  });

  test('is several times the worst that was observed, wherever it stands, and never more than the longest', () => {
    expect(patienceFor(record([9_000, 25], [100, 25]), 25, BOUNDS)).toBe(36_000);
    expect(patienceFor(record([100, 25], [90_000, 25]), 25, BOUNDS)).toBe(BOUNDS.maxMs);
  });

  test('of a group much larger than all that were observed is the longest', () => {
    expect(patienceFor(record([80, 25]), 500, BOUNDS)).toBe(BOUNDS.minMs);
    expect(patienceFor(record([80, 25]), 501, BOUNDS)).toBe(BOUNDS.maxMs);
    expect(patienceFor(record([80, 25], [2_000, 1_000]), 10_000, BOUNDS)).toBe(8_000);
  });

  test('is at least several times as long as the answer was waited for in vain', () => {
    expect(patienceFor(record([80, 25]), 25, BOUNDS, 10_000)).toBe(40_000);
    expect(patienceFor(record([80, 25]), 25, BOUNDS, 30_000)).toBe(BOUNDS.maxMs);
    expect(patienceFor(record([80, 25]), 25, BOUNDS, 100)).toBe(BOUNDS.minMs);
  });

  test('forgets what was observed twenty observations ago', () => {
    let seen: LagRecord | null = record([100_000, 25]);
    for (let count = 0; count < 20; count += 1) seen = withLag(seen, { ms: 100, size: 25 }, count);
    expect(patienceFor(seen, 25, BOUNDS)).toBe(BOUNDS.minMs);
    expect(seen.at).toBe(19);
  });
});

describe('what is certainly made is watched', () => {
  test('while nothing of its size was observed', () => {
    expect(isObservationDue(null, 25, 0)).toBe(true);
    expect(isObservationDue(record([80, 25]), 9_000, 0)).toBe(true);
    expect(isObservationDue(record([80, 25]), 25, 0)).toBe(false);
  });

  test('also after an observation by a worker whose clock was ahead', () => {
    const ahead = { ...record([80, 25]), at: minutes(600_000) };
    expect(isObservationDue(ahead, 25, minutes(5))).toBe(true);
  });

  test('and every ten minutes', () => {
    expect(isObservationDue(record([80, 25]), 25, minutes(9))).toBe(false);
    expect(isObservationDue(record([80, 25]), 25, minutes(10))).toBe(true);
  });
});
