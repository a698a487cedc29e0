import type { TiOptions } from './options.ts';

export interface RateVerdict {
  readonly isAllowed: boolean;
  readonly headers: Readonly<Record<string, string>>;
  readonly retryAfterS: number;
}

/** A fixed window a tenant; refused calls do not count. */
export class RateWindow {
  #startsAtMs = Number.NEGATIVE_INFINITY;
  #used = 0;

  count({ rateLimit: { limit, windowMs }, now }: TiOptions): RateVerdict {
    const at = now();
    if (at >= this.#startsAtMs + windowMs) {
      this.#startsAtMs = at;
      this.#used = 0;
    }
    const isAllowed = this.#used < limit;
    if (isAllowed) this.#used += 1;
    const endsAtMs = this.#startsAtMs + windowMs;
    return {
      isAllowed,
      headers: {
        'X-RateLimit-Limit': String(limit),
        'X-RateLimit-Remaining': String(Math.max(0, limit - this.#used)),
        'X-RateLimit-Reset': String(Math.ceil(endsAtMs / 1000)),
      },
      retryAfterS: Math.max(1, Math.ceil((endsAtMs - at) / 1000)),
    };
  }
}
