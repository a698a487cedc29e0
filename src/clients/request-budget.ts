import { FairOrder } from './fair-order.ts';
import {
  afterAcceptance,
  afterHold,
  afterReading,
  afterRefusal,
  afterTurn,
  initialPace,
  nextTurnAt,
  type Pace,
  type QuotaReading,
  withShare,
} from './request-pace.ts';
import { currentTaker, type TurnTaker } from './turn-taker.ts';

/** Time as the budget sees it; tests hand in their own. */
export interface Clock {
  now(): number;
  /** Returns what cancels the timer. */
  startTimer(ms: number, onDue: () => void): () => void;
}

/** Not the clock of the machine: set back by an hour, it would keep everybody waiting for that hour. */
export const systemClock: Clock = {
  // In whole milliseconds, so that what happens in one go happens at one time.
  now: () => Math.floor(performance.now()),
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
  readonly taker: TurnTaker;
  readonly since: number;
  readonly maxWaitMs: number;
  readonly go: () => void;
  readonly refuse: (reason: unknown) => void;
}

const DEFAULT_BURST = 20;

/** When somebody was asked to come back. */
interface Promised {
  readonly at: number;
  readonly priority: number;
}

/**
 * The one request budget of a process for one tenant: every call takes a turn first, in fair order. What the other side
 * answers slows all callers down together.
 */
export class RequestBudget {
  readonly #clock: Clock;
  readonly #order = new FairOrder();
  readonly #whole: Pace;
  /** In order of arrival. */
  readonly #queue: Waiter[] = [];
  #promised: Promised[] = [];
  #pace: Pace;
  #stopTimer: () => void = () => {};

  constructor({ requestsPerMinute, burst, clock = systemClock }: RequestBudgetOptions) {
    if (!(requestsPerMinute > 0) || !Number.isFinite(requestsPerMinute)) {
      throw new RangeError(`requestsPerMinute is ${requestsPerMinute}, expected a number above 0`);
    }
    this.#clock = clock;
    this.#whole = initialPace(
      requestsPerMinute,
      Math.max(1, Math.floor(burst ?? Math.min(requestsPerMinute, DEFAULT_BURST))),
    );
    this.#pace = this.#whole;
  }

  /** Uses one of so many equal parts of the budget: the others are other processes'. */
  shareAmong(processes: number): void {
    this.#change(withShare(this.#pace, this.#whole, processes));
  }

  /** Resolves when the caller may send one request. Throws `BudgetExceeded`, or the signal's reason. */
  turn({ maxWaitMs, signal }: TurnOptions): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#leave(waiter);
        reject(signal?.reason);
        this.#serve();
      };
      const waiter: Waiter = {
        taker: currentTaker(),
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

  /** The other side refused a request for its rate, and did not say for how long. Returns how long nobody goes. */
  refused(jitter = 0): number {
    const now = this.#clock.now();
    this.#change(afterRefusal(this.#pace, now, jitter));
    return this.#pace.heldUntil - now;
  }

  /** The other side took a request. */
  accepted(): void {
    const pace = afterAcceptance(this.#pace, this.#clock.now());
    if (pace !== this.#pace) this.#change(pace);
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
    while (this.#queue.length > 0) {
      const now = this.#clock.now();
      const at = nextTurnAt(this.#pace, now);
      if (at > now) {
        this.#stopTimer = this.#clock.startTimer(at - now, () => this.#serve());
        return;
      }
      const next = this.#queue.reduce((first, other) =>
        this.#order.compare(other, first) < 0 ? other : first,
      );
      this.#pace = afterTurn(this.#pace, at);
      this.#order.served(next);
      this.#leave(next);
      next.go();
    }
  }

  #leave(waiter: Waiter): void {
    this.#queue.splice(this.#queue.indexOf(waiter), 1);
  }

  /** Plays the queue through on paper and sends those away whose turn would come too late. */
  #refuseHopeless(): void {
    const now = this.#clock.now();
    // On paper a probe succeeds.
    let pace: Pace = { ...this.#pace, refusal: null };
    let at = now;
    for (const waiter of [...this.#queue].sort(this.#order.compare)) {
      const turnAt = nextTurnAt(pace, at);
      if (turnAt - waiter.since > waiter.maxWaitMs) {
        this.#leave(waiter);
        waiter.refuse(new BudgetExceeded(this.#promise(pace, turnAt, waiter.taker) - now));
        continue;
      }
      pace = afterTurn(pace, turnAt);
      at = turnAt;
    }
  }

  /** Behind those who were promised a turn before: they must not all come back at once. */
  #promise(end: Pace, firstAt: number, { priority }: TurnTaker): number {
    const now = this.#clock.now();
    this.#promised = this.#promised.filter((promised) => promised.at > now);
    let pace = end;
    let at = firstAt;
    for (const other of this.#promised) {
      if (other.priority > priority) continue;
      pace = afterTurn(pace, at);
      at = nextTurnAt(pace, at);
    }
    this.#promised.push({ at, priority });
    return at;
  }
}
