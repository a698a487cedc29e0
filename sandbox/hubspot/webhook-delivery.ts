import type { WebhookEvent } from './webhook-events.ts';
import { postWebhook } from './webhook-request.ts';

export interface DeliveryOptions {
  /** How long events are gathered into one batch. Default 5 ms. */
  readonly gatherMs?: number;
  /** Into what HubSpot's 24 hours of retries are squeezed. Default 60 s. */
  readonly retryWindowMs?: number;
  /** How long an answer may take. Default HubSpot's 5 s. */
  readonly answerTimeoutMs?: number;
}

/** What HubSpot does not rule out, each switched on by a test. */
export interface DeliveryModes {
  /** Every batch comes twice, without any failure. */
  readonly duplicate?: boolean;
  /** Events of a batch come in reverse order. */
  readonly shuffle?: boolean;
  readonly lateMs?: number;
  /** Events are never sent. */
  readonly lose?: boolean;
}

export interface DeliveryRecord {
  readonly events: readonly WebhookEvent[];
  readonly attempt: number;
  readonly status: number | null;
}

export interface Target {
  readonly targetUrl: string;
  readonly postTo?: string;
}

const MAX_BATCH = 100;
const MAX_RESENDS = 10;

/** Brings events to the target in batches and sends again what was not accepted, as HubSpot does. */
export class DeliveryQueue {
  target: Target | null = null;
  clientSecret: string;
  maxInFlight = 10;
  modes: DeliveryModes = {};
  readonly records: DeliveryRecord[] = [];
  readonly dropped: WebhookEvent[] = [];
  readonly #options: DeliveryOptions;
  readonly #now: () => number;
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #waitingBatches: (readonly WebhookEvent[])[] = [];
  #gathering: WebhookEvent[] = [];
  #inFlight = 0;
  #idle: (() => void)[] = [];

  constructor(options: DeliveryOptions, clientSecret: string, now: () => number) {
    this.#options = options;
    this.clientSecret = clientSecret;
    this.#now = now;
  }

  /** Without a target nobody listens, and the events are gone. */
  add(events: readonly WebhookEvent[]): void {
    if (this.target === null || this.modes.lose || events.length === 0) return;
    if (this.#gathering.length === 0) {
      this.#later((this.#options.gatherMs ?? 5) + (this.modes.lateMs ?? 0), () => this.#flush());
    }
    this.#gathering.push(...events);
  }

  settled(): Promise<void> {
    if (this.#isIdle()) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#gathering = [];
    this.#waitingBatches.length = 0;
    this.#tellIdle();
  }

  #flush(): void {
    const events = this.modes.shuffle ? this.#gathering.toReversed() : this.#gathering;
    this.#gathering = [];
    for (let start = 0; start < events.length; start += MAX_BATCH) {
      const batch = events.slice(start, start + MAX_BATCH);
      this.#enqueue(batch);
      if (this.modes.duplicate) this.#enqueue(batch);
    }
  }

  #enqueue(batch: readonly WebhookEvent[]): void {
    this.#waitingBatches.push(batch);
    this.#pump();
  }

  #pump(): void {
    while (this.#inFlight < this.maxInFlight) {
      const batch = this.#waitingBatches.shift();
      if (!batch) return;
      this.#inFlight += 1;
      void this.#post(batch).finally(() => {
        this.#inFlight -= 1;
        this.#pump();
        this.#tellIdle();
      });
    }
  }

  async #post(batch: readonly WebhookEvent[]): Promise<void> {
    if (this.target === null) return;
    const { status } = await postWebhook({
      ...this.target,
      events: batch,
      clientSecret: this.clientSecret,
      // Signed anew each time: retries outlive the five minutes in which a signature counts.
      timestamp: this.#now(),
      timeoutMs: this.#options.answerTimeoutMs ?? 5000,
    });
    const attempt = batch[0]?.attemptNumber ?? 0;
    this.records.push({ events: batch, attempt, status });
    if (status !== null && status >= 200 && status < 300) return;
    if (attempt >= MAX_RESENDS) {
      this.dropped.push(...batch);
      return;
    }
    const again = batch.map((event) => ({ ...event, attemptNumber: attempt + 1 }));
    this.#later(this.#resendDelay(), () => this.#enqueue(again));
  }

  /** Even steps with a third of jitter either way. */
  #resendDelay(): number {
    const step = (this.#options.retryWindowMs ?? 60_000) / MAX_RESENDS;
    return step * (2 / 3 + Math.random() * (2 / 3));
  }

  #later(delayMs: number, run: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      run();
      this.#tellIdle();
    }, delayMs);
    timer.unref();
    this.#timers.add(timer);
  }

  #isIdle(): boolean {
    return (
      this.#inFlight === 0 &&
      this.#timers.size === 0 &&
      this.#gathering.length === 0 &&
      this.#waitingBatches.length === 0
    );
  }

  #tellIdle(): void {
    if (!this.#isIdle()) return;
    const waiting = this.#idle;
    this.#idle = [];
    for (const resolve of waiting) resolve();
  }
}
