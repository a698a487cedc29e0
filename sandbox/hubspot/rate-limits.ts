import { randomUUID } from 'node:crypto';
import { HubSpotRefusal } from './answers.ts';
import type { Endpoint, Tier } from './endpoint.ts';

export interface RateLimitOptions {
  /** Calls per token in any ten seconds; Infinity: no limit. Default by tier. */
  readonly burst?: number;
  /** Calls per account and day. Default by tier. */
  readonly daily?: number;
  /** Searches per account and second. Default 5. */
  readonly searchPerSecond?: number;
}

const BURST_WINDOW_MS = 10_000;
const DAY_MS = 86_400_000;

const BURST_BY_TIER: Readonly<Record<Tier, number>> = {
  free: 100,
  starter: 100,
  professional: 190,
  enterprise: 190,
};

const DAILY_BY_TIER: Readonly<Record<Tier, number>> = {
  free: 250_000,
  starter: 250_000,
  professional: 625_000,
  enterprise: 1_000_000,
};

/** Counts calls the way HubSpot does: the burst by token, the day and the searches by account. */
export class RateLimits {
  readonly #burst: number;
  readonly #daily: number;
  readonly #searchPerSecond: number;
  readonly #now: () => number;
  readonly #calls = new Map<string, number[]>();
  #searches: number[] = [];
  #day = -1;
  #today = 0;

  constructor(tier: Tier, options: RateLimitOptions, now: () => number) {
    this.#burst = options.burst ?? BURST_BY_TIER[tier];
    this.#daily = options.daily ?? DAILY_BY_TIER[tier];
    this.#searchPerSecond = options.searchPerSecond ?? 5;
    this.#now = now;
  }

  /** Counts the call and returns the headers of its answer, or refuses it with 429. */
  admit(token: string, kind: Endpoint['limit']): Readonly<Record<string, string>> {
    if (kind === 'exempt') return {};
    this.#countDay();
    if (kind === 'search') {
      this.#searches = since(this.#searches, this.#now() - 1000);
      if (this.#searches.length >= this.#searchPerSecond)
        throw limited('You have reached your secondly limit.', 'SECONDLY', {});
      this.#searches.push(this.#now());
      return {};
    }
    const calls = since(this.#calls.get(token) ?? [], this.#now() - BURST_WINDOW_MS);
    this.#calls.set(token, calls);
    if (calls.length >= this.#burst) {
      throw limited(
        'You have reached your ten_secondly_rolling limit.',
        'TEN_SECONDLY_ROLLING',
        this.#headers(0),
      );
    }
    calls.push(this.#now());
    return this.#headers(this.#burst - calls.length);
  }

  #countDay(): void {
    const day = Math.floor(this.#now() / DAY_MS);
    if (day !== this.#day) {
      this.#day = day;
      this.#today = 0;
    }
    if (this.#today >= this.#daily)
      throw limited('You have reached your daily limit.', 'DAILY', this.#headers(0));
    this.#today += 1;
  }

  #headers(remaining: number): Record<string, string> {
    if (!Number.isFinite(this.#burst)) return {};
    return {
      'X-HubSpot-RateLimit-Max': String(this.#burst),
      'X-HubSpot-RateLimit-Remaining': String(remaining),
      'X-HubSpot-RateLimit-Interval-Milliseconds': String(BURST_WINDOW_MS),
      'X-HubSpot-RateLimit-Daily': String(this.#daily),
      'X-HubSpot-RateLimit-Daily-Remaining': String(this.#daily - this.#today),
    };
  }
}

/** The documented body: `errorType` and `policyName`, no `category`. */
function limited(
  message: string,
  policyName: string,
  headers: Readonly<Record<string, string>>,
): HubSpotRefusal {
  return new HubSpotRefusal(429, message, {
    headers,
    extra: { errorType: 'RATE_LIMIT', policyName, requestId: randomUUID() },
  });
}

function since(times: readonly number[], start: number): number[] {
  return times.filter((at) => at > start);
}
