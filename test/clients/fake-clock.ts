import type { Clock } from '../../src/clients/request-budget.ts';

/** Time that passes only when told to. */
export class FakeClock implements Clock {
  #now: number;
  readonly #timers = new Map<() => void, number>();

  constructor(now = Date.UTC(2026, 10, 22)) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  startTimer(ms: number, onDue: () => void): () => void {
    const timer = () => onDue();
    this.#timers.set(timer, this.#now + ms);
    return () => this.#timers.delete(timer);
  }

  get pendingTimers(): number {
    return this.#timers.size;
  }

  /** Runs what falls due on the way, in order, each at its own moment. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await reactions();
    for (;;) {
      const [next] = [...this.#timers].filter(([, at]) => at <= end).sort(([, a], [, b]) => a - b);
      if (next === undefined) break;
      const [timer, at] = next;
      this.#timers.delete(timer);
      this.#now = Math.max(this.#now, at);
      timer();
      await reactions();
    }
    this.#now = end;
    await reactions();
  }
}

/** Lets everything run that is already resolved. */
export function reactions(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
