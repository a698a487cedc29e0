import { setTimeout as pause } from 'node:timers/promises';
import { outsideLease } from '../src/clients/lease.ts';
import type { Lms } from '../src/clients/lms.ts';
import type { LookUps } from '../src/contracts/activities.ts';
import {
  isObservationDue,
  type Lag,
  type LagRecord,
  type LookUpBounds,
  patienceFor,
  withLag,
} from '../src/domain/lag.ts';

/** Where what was observed outlives a worker. */
export interface LagStore {
  /** Null: nothing was observed yet. */
  recall(account: string): Promise<LagRecord | null>;
  remember(account: string, record: LagRecord): Promise<void>;
}

export interface Made {
  /** Of a platform or an e-mail tool. */
  readonly account: string;
  readonly size: number;
  /** When its making began, by `performance.now()`: a clock that is set meanwhile must not make it look quick. */
  readonly since: number;
}

export function accountOf({ name, account }: Pick<Lms, 'name' | 'account'>): string {
  return `${name}:${account}`;
}

export function boundsOf({ lookUpMinMs, lookUpMs }: LookUps): LookUpBounds {
  return { minMs: lookUpMinMs ?? lookUpMs, maxMs: lookUpMs };
}

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;

/** How late each account shows what was certainly made there, and so how long an unknown outcome is looked for. */
export class Lags {
  readonly #store: LagStore;
  readonly #known = new Map<string, LagRecord | null>();
  readonly #watched = new Set<string>();

  constructor(store: LagStore) {
    this.#store = store;
  }

  /** The patience of now, whenever it is asked: an observation that is made meanwhile counts. */
  async patience(
    { account, size, tookMs }: Pick<Made, 'account' | 'size'> & { readonly tookMs?: number | undefined },
    bounds: LookUpBounds,
  ): Promise<() => number> {
    await this.#refresh(account);
    return () => patienceFor(this.#known.get(account) ?? null, size, bounds, tookMs);
  }

  /** It was found at last, so it was made. */
  async note({ account, size, since }: Made): Promise<void> {
    await this.#refresh(account);
    await this.#add(account, { ms: performance.now() - since, size });
  }

  /**
   * Finds out, beside the work and now and then only, when a look shows what was certainly made. Whatever goes wrong
   * meanwhile says nothing, and the next one is watched.
   */
  watch(made: Made, { maxMs }: LookUpBounds, look: () => Promise<boolean>): void {
    const { account, size } = made;
    if (this.#watched.has(account) || !this.#isDue(account, size)) return;
    this.#watched.add(account);
    outsideLease(() => this.#observe(made, maxMs, look))
      .catch(() => undefined)
      .finally(() => this.#watched.delete(account));
  }

  #isDue(account: string, size: number): boolean {
    return isObservationDue(this.#known.get(account) ?? null, size, Date.now());
  }

  async #observe({ account, size, since }: Made, maxMs: number, look: () => Promise<boolean>): Promise<void> {
    await this.#refresh(account);
    if (!this.#isDue(account, size)) return;
    let pauseMs = FIRST_PAUSE_MS;
    while (!(await look()) && performance.now() - since < maxMs) {
      await pause(pauseMs, undefined, { ref: false });
      pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
    }
    await this.#add(account, { ms: performance.now() - since, size });
  }

  async #add(account: string, lag: Lag): Promise<void> {
    const record = withLag(this.#known.get(account) ?? null, lag, Date.now());
    this.#known.set(account, record);
    await this.#store.remember(account, record);
  }

  /** What other workers observed. What is known stays, where that cannot be told. */
  async #refresh(account: string): Promise<void> {
    const recalled = await this.#store.recall(account).catch(() => undefined);
    if (recalled === undefined) return;
    const known = this.#known.get(account) ?? null;
    if (recalled !== null && (known === null || recalled.at >= known.at)) this.#known.set(account, recalled);
  }
}
