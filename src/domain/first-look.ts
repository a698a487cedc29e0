/** When something that a remote system finishes by itself was seen to be finished, and when not yet, after its making. */
export interface Learned {
  readonly inTimeMs: number;
  readonly tooEarlyMs: number;
  /** Looks in time since one that was too early. */
  readonly inTime: number;
}

/** One that was in time. */
export interface FirstLook {
  readonly afterMs: number;
  readonly wasInTime: boolean;
}

/** Looks that are nearer to each other than this cost more than they find. */
const NEAR_MS = 20;
/** A system may have become quicker: after so many looks in time an earlier one is worth a request. */
const PROBED_EVERY = 20;

/**
 * How long to wait before the first look: as short as was in time, and halfway to what was too early while those are far
 * apart. `usualMs`: when nothing is known, and the longest.
 */
export function firstPause(learned: Learned | null, usualMs: number): number {
  if (learned === null) return usualMs;
  const { inTimeMs, tooEarlyMs } = learned;
  const isNear = inTimeMs <= 2 * tooEarlyMs + NEAR_MS;
  return Math.min(usualMs, isNear ? inTimeMs : Math.floor((inTimeMs + tooEarlyMs) / 2));
}

export function afterLook(learned: Learned | null, look: FirstLook, usualMs: number): Learned {
  const { inTimeMs, tooEarlyMs, inTime } = learned ?? { inTimeMs: usualMs, tooEarlyMs: 0, inTime: 0 };
  const { afterMs, wasInTime } = look;
  if (!wasInTime) {
    return {
      inTimeMs: afterMs < inTimeMs ? inTimeMs : Math.min(usualMs, 2 * afterMs + NEAR_MS),
      tooEarlyMs: Math.max(tooEarlyMs, afterMs),
      inTime: 0,
    };
  }
  const isProbeDue = inTime + 1 >= PROBED_EVERY;
  return {
    inTimeMs: Math.min(inTimeMs, afterMs),
    tooEarlyMs:
      isProbeDue || afterMs <= tooEarlyMs ? Math.floor(Math.min(tooEarlyMs, afterMs) / 2) : tooEarlyMs,
    inTime: isProbeDue ? 0 : inTime + 1,
  };
}
