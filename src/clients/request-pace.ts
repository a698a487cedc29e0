/**
 * When the next request may go out: pure arithmetic over what we allow ourselves and what the other side told.
 * All times are milliseconds of one clock. `RequestBudget` keeps one pace for all callers.
 */
export interface Pace {
  /** Our own budget: one request an interval, and up to `burst` at once after a quiet time. */
  readonly intervalMs: number;
  readonly burst: number;
  /** Among so many processes the other side's quota is divided. */
  readonly shares: number;
  /** When the turns given so far would have been over had each taken a full interval. */
  readonly paidUntil: number;
  readonly lastTurnAt: number;
  /** Nobody goes before this: the other side said so. */
  readonly heldUntil: number;
  /** Set from a refusal that named no time until the other side takes a request again. */
  readonly refusal: { readonly gapMs: number } | null;
  /** Set while the quota of the other side is nearly used up. */
  readonly thinned: { readonly everyMs: number; readonly until: number } | null;
}

/** What the other side says of its current window. */
export interface QuotaReading {
  readonly limit: number;
  readonly remaining: number;
  /** Until the window is renewed. */
  readonly resetMs: number;
}

/** Below this share of the quota we slow down: it is shared with the customer's other tools. */
const SCARCE_SHARE = 0.1;
/** Of a scarce rest we plan to use this much and leave the others. */
const OUR_SHARE_OF_REST = 0.5;

/** The next look after a refusal comes after this share more than the last one, so none is late by more than half. */
const FIRST_GAP_MS = 1_000;
const GAP_GROWTH = 1.5;
const LONGEST_GAP_MS = 30_000;
/** How long others wait for the answer to a probe. */
const PROBE_PATIENCE_MS = 5_000;

export function initialPace(requestsPerMinute: number, burst: number): Pace {
  return {
    intervalMs: 60_000 / requestsPerMinute,
    burst,
    shares: 1,
    paidUntil: 0,
    lastTurnAt: Number.NEGATIVE_INFINITY,
    heldUntil: 0,
    refusal: null,
    thinned: null,
  };
}

/** One of so many equal parts of a budget from now on; what was spent stays spent. */
export function withShare(pace: Pace, whole: Pick<Pace, 'intervalMs' | 'burst'>, shares: number): Pace {
  const burst = Math.max(1, Math.floor(whole.burst / shares));
  return { ...pace, intervalMs: whole.intervalMs * shares, burst, shares };
}

/** The first moment, `now` or later, at which one more request may go out. */
export function nextTurnAt(pace: Pace, now: number): number {
  const affordableAt = pace.paidUntil - (pace.burst - 1) * pace.intervalMs;
  const thinnedAt = pace.thinned
    ? Math.min(pace.lastTurnAt + pace.thinned.everyMs, pace.thinned.until)
    : Number.NEGATIVE_INFINITY;
  return Math.max(now, pace.heldUntil, affordableAt, thinnedAt, afterProbe(pace));
}

/** One request asks whether the others may go; it may get lost. */
function afterProbe({ refusal, lastTurnAt, heldUntil }: Pace): number {
  const isAsking = refusal !== null && lastTurnAt >= heldUntil;
  return isAsking ? lastTurnAt + PROBE_PATIENCE_MS : Number.NEGATIVE_INFINITY;
}

export function afterTurn(pace: Pace, at: number): Pace {
  return { ...pace, paidUntil: Math.max(pace.paidUntil, at) + pace.intervalMs, lastTurnAt: at };
}

/** No turns for `ms`; afterwards one by one, because a burst right after a refusal earns the next one. */
export function afterHold(pace: Pace, now: number, ms: number): Pace {
  const heldUntil = Math.max(pace.heldUntil, now + ms);
  return {
    ...pace,
    heldUntil,
    paidUntil: Math.max(pace.paidUntil, heldUntil + (pace.burst - 1) * pace.intervalMs),
  };
}

/**
 * Refused, and not told for how long: everybody waits for one gap, which grows from refusal to refusal. What was on its
 * way when the wait began says nothing new.
 */
export function afterRefusal(pace: Pace, now: number, jitter: number): Pace {
  if (now < pace.heldUntil) return pace;
  const gapMs =
    pace.refusal === null ? FIRST_GAP_MS : Math.min(pace.refusal.gapMs * GAP_GROWTH, LONGEST_GAP_MS);
  return { ...afterHold(pace, now, Math.ceil(gapMs * (1 + jitter))), refusal: { gapMs } };
}

/** The other side took a request: whoever waited for that may go. */
export function afterAcceptance(pace: Pace, now: number): Pace {
  return pace.refusal === null || now < pace.heldUntil ? pace : { ...pace, refusal: null };
}

/** Spreads what is left of a scarce quota over the rest of its window. */
export function afterReading(pace: Pace, now: number, { limit, remaining, resetMs }: QuotaReading): Pace {
  if (resetMs <= 0 || remaining >= limit * SCARCE_SHARE) return { ...pace, thinned: null };
  const ourTurns = Math.max(1, Math.floor((remaining * OUR_SHARE_OF_REST) / pace.shares));
  const everyMs = remaining > 0 ? resetMs / ourTurns : Number.POSITIVE_INFINITY;
  return { ...pace, thinned: { everyMs, until: now + resetMs } };
}
