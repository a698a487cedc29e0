/** The middle of repeated measurements, and how far they scatter. */
export interface Spread {
  readonly median: number;
  /** A quarter of the measurements lies below. */
  readonly low: number;
  /** A quarter of the measurements lies above. */
  readonly high: number;
  readonly count: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  return {
    median: quantile(sorted, 0.5),
    low: quantile(sorted, 0.25),
    high: quantile(sorted, 0.75),
    count: sorted.length,
  };
}

/** A quotient of two measurements that were made right after each other: what slows the machine slows both. */
export function ratiosOf(above: readonly number[], below: readonly number[]): Spread {
  return spreadOf(above.map((value, index) => value / (below[index] ?? Number.NaN)));
}

function quantile(sorted: readonly number[], share: number): number {
  const position = (sorted.length - 1) * share;
  const before = sorted[Math.floor(position)] ?? Number.NaN;
  const after = sorted[Math.ceil(position)] ?? before;
  return before + (after - before) * (position % 1);
}
