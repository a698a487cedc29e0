import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * The right of one attempt at a step to act. It ends before another attempt may begin, so that the two never act at once.
 * Every call that may change something passes here; see `src/clients/http.ts`.
 */
export interface Lease {
  /** Aborts when the right has ended, with a `LeaseEnded`. */
  readonly signal: AbortSignal;
  /** False when it has ended, and while it is not known to last. */
  readonly isSure: boolean;
  /** Resolves when it is known to last; throws `LeaseEnded`. */
  confirm(): Promise<void>;
  /** What the attempt leaves for the next one; renewals carry it. */
  word: unknown;
}

/** An ordinary error: it says nothing of the step, and what was under way may have happened. */
export class LeaseEnded extends Error {
  constructor(why: string) {
    super(`This attempt has stopped itself: ${why}`);
    this.name = 'LeaseEnded';
  }
}

const leases = new AsyncLocalStorage<Lease | undefined>();

export function underLease<T>(lease: Lease, work: () => Promise<T>): Promise<T> {
  return leases.run(lease, work);
}

/** For what several attempts share, and which changes nothing. */
export function outsideLease<T>(work: () => Promise<T>): Promise<T> {
  return leases.run(undefined, work);
}

/** Absent outside of attempts that have one. */
export function currentLease(): Lease | undefined {
  return leases.getStore();
}
