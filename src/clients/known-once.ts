import { outsideLease } from './lease.ts';
import { untilStopped } from './until-stopped.ts';

type Look<T> = (signal?: AbortSignal) => Promise<T>;

interface Running<T> {
  readonly result: Promise<T>;
  readonly stop: AbortController;
  waiting: number;
}

/** Something that hardly ever changes and costs a request to learn. A failure to learn it is not kept. */
export class KnownOnce<T> {
  readonly #look: Look<T>;
  readonly #forMs: number;
  #known: { readonly value: T; readonly since: number } | null = null;
  #running: Running<T> | null = null;

  /** `forMs`: how long it is believed; for ever unless it is said. */
  constructor(look: Look<T>, forMs = Number.POSITIVE_INFINITY) {
    this.#look = look;
    this.#forMs = forMs;
  }

  /** What is known; else one look, which all who ask meanwhile share, and which ends early when the last of them goes. */
  async get(signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    if (this.#known !== null && performance.now() - this.#known.since < this.#forMs) return this.#known.value;
    this.#running ??= this.#start();
    const running = this.#running;
    running.waiting += 1;
    try {
      return await untilStopped(() => running.result, signal);
    } finally {
      running.waiting -= 1;
      if (running.waiting === 0) {
        running.stop.abort();
        this.#forget(running);
      }
    }
  }

  /** Looks whatever is known. */
  async lookAnew(signal?: AbortSignal): Promise<T> {
    const value = await this.#look(signal);
    this.#known = { value, since: performance.now() };
    return value;
  }

  /** The next one who asks looks. */
  doubt(): void {
    this.#known = null;
  }

  #start(): Running<T> {
    const stop = new AbortController();
    // It is everybody's, so the end of one attempt must not end it.
    const result = outsideLease(() => this.lookAnew(stop.signal));
    const running = { result, stop, waiting: 0 };
    // Each who waits hears of a failure by itself; it must only not stand for those who come later.
    running.result.catch(() => this.#forget(running));
    return running;
  }

  #forget(running: Running<T>): void {
    if (this.#running === running) this.#running = null;
  }
}
