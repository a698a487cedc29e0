/** How late something that was certainly made was shown by a look for it, and how large it was. */
export interface Lag {
  readonly ms: number;
  readonly size: number;
}

/** What was observed of one account, the latest last. */
export interface LagRecord {
  readonly lags: readonly Lag[];
  /** Of the last observation, milliseconds since the epoch. */
  readonly at: number;
}

export interface LookUpBounds {
  readonly minMs: number;
  readonly maxMs: number;
}

/** Lags are uneven, and that of a moment of trouble is worse than that of the moment before. */
const CAUTION = 4;
const KEPT = 20;
const RENEWED_AFTER_MS = 10 * 60_000;
/** Up to this size all are alike; above it, what is observed counts for up to ten times its size. */
const SMALL = 500;

/**
 * How long something whose making has an unknown outcome is looked for before it counts as not made. `tookMs`: how long
 * the call that made it was waited for in vain, so it is at least so late itself.
 */
export function patienceFor(
  record: LagRecord | null,
  size: number,
  { minMs, maxMs }: LookUpBounds,
  tookMs = 0,
): number {
  const lags = comparable(record, size);
  if (lags.length === 0) return maxMs;
  const worst = Math.max(tookMs, ...lags.map(({ ms }) => ms));
  return Math.min(Math.max(CAUTION * worst, minMs), maxMs);
}

/** Whether something of this size that is certainly made is to be watched. */
export function isObservationDue(record: LagRecord | null, size: number, now: number): boolean {
  if (record === null || comparable(record, size).length === 0) return true;
  // The clock of whoever observed it last may have been ahead.
  return Math.abs(now - record.at) >= RENEWED_AFTER_MS;
}

export function withLag(record: LagRecord | null, lag: Lag, now: number): LagRecord {
  return { lags: [...(record?.lags ?? []), lag].slice(-KEPT), at: now };
}

function comparable(record: LagRecord | null, size: number): readonly Lag[] {
  return (record?.lags ?? []).filter((lag) => size <= Math.max(SMALL, 10 * lag.size));
}
