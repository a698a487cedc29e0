import {
  afterHold,
  afterReading,
  afterTurn,
  initialPace,
  nextTurnAt,
  type Pace,
  type QuotaReading,
} from './request-pace.ts';

/** Time as the budget sees it; tests hand in their own. */
export interface Clock {
  now(): number;
  /** Returns what cancels the timer. */
  startTimer(ms: number, onDue: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  startTimer: (ms, onDue) => {
    const timer = setTimeout(onDue, ms);
    return () => clearTimeout(timer);
  },
};

export interface RequestBudgetOptions {
  readonly requestsPerMinute: number;
  /** Requests that may go out at once after a quiet time. Default: a minute's worth, at most 20. */
  readonly burst?: number;
  readonly clock?: Clock;
}

export interface TurnOptions {
  /** A turn further away than this is refused at once, so that nobody blocks a worker slot by waiting. */
  readonly maxWaitMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** The turn asked for is too far away. */
export class BudgetExceeded extends Error {
  readonly retryAfterMs: number;

  constructor(retryAfterMs: number) {
    super(`the next free request is ${Math.ceil(retryAfterMs / 1000)} s away`);
    this.name = 'BudgetExceeded';
    this.retryAfterMs = retryAfterMs;
  }
}

interface Waiter {
  readonly since: number;
  readonly maxWaitMs: number;
  readonly go: () => void;
  readonly refuse: (reason: unknown) => void;
}

const DEFAULT_BURST = 20;

/**
 * The one request budget of a process for one tenant: every call takes a turn first, in order of arrival, so a
 * long list cannot starve a small deal. What the other side answers slows all callers down together.
 */
export class RequestBudget {
  readonly #clock: Clock;
  readonly #queue: Waiter[] = [];
  #pace: Pace;
  #stopTimer: () => void = () => {};

  constructor({ requestsPerMinute, burst, clock = systemClock }: RequestBudgetOptions) {
    if (!(requestsPerMinute > 0) || !Number.isFinite(requestsPerMinute)) {
      throw new RangeError(`requestsPerMinute is ${requestsPerMinute}, expected a number above 0`);
    }
    this.#clock = clock;
    this.#pace = initialPace(
      requestsPerMinute,
      Math.max(1, Math.floor(burst ?? Math.min(requestsPerMinute, DEFAULT_BURST))),
    );
  }

  /** Resolves when the caller may send one request. Throws `BudgetExceeded`, or the signal's reason. */
  turn({ maxWaitMs, signal }: TurnOptions): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#queue.splice(this.#queue.indexOf(waiter), 1);
        reject(signal?.reason);
        this.#serve();
      };
      const waiter: Waiter = {
        since: this.#clock.now(),
        maxWaitMs,
        go: () => {
          signal?.removeEventListener('abort', leave);
          resolve();
        },
        refuse: (reason) => {
          signal?.removeEventListener('abort', leave);
          reject(reason);
        },
      };
      signal?.addEventListener('abort', leave, { once: true });
      this.#queue.push(waiter);
      this.#refuseHopeless();
      this.#serve();
    });
  }

  /** The other side asked us to wait: no turn for anybody until then. */
  holdFor(ms: number): void {
    this.#change(afterHold(this.#pace, this.#clock.now(), ms));
  }

  /** Takes note of what the other side says is left. */
  observe(reading: QuotaReading): void {
    this.#change(afterReading(this.#pace, this.#clock.now(), reading));
  }

  #change(pace: Pace): void {
    this.#pace = pace;
    this.#refuseHopeless();
    this.#serve();
  }

  #serve(): void {
    this.#stopTimer();
    for (let head = this.#queue[0]; head !== undefined; head = this.#queue[0]) {
      const now = this.#clock.now();
      const at = nextTurnAt(this.#pace, now);
      if (at > now) {
        this.#stopTimer = this.#clock.startTimer(at - now, () => this.#serve());
        return;
      }
      this.#pace = afterTurn(this.#pace, at);
      this.#queue.shift();
      head.go();
    }
  }

  /** Plays the queue through on paper and sends those away whose turn would come too late. */
  #refuseHopeless(): void {
    const now = this.#clock.now();
    let pace = this.#pace;
    let at = now;
    for (const waiter of [...this.#queue]) {
      const turnAt = nextTurnAt(pace, at);
      if (turnAt - waiter.since > waiter.maxWaitMs) {
        this.#queue.splice(this.#queue.indexOf(waiter), 1);
        waiter.refuse(new BudgetExceeded(turnAt - now));
        continue;
      }
      pace = afterTurn(pace, turnAt);
      at = turnAt;
    }
  }
}
