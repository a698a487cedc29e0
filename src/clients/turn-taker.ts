import { AsyncLocalStorage } from 'node:async_hooks';

/** For whom a request to a vendor is made. */
export interface TurnTaker {
  /** On Temporal's scale: 1 goes first, 5 last. */
  readonly priority: number;
  /** Who asked for the deal (a partner, or a means or user of a CRM account): each gets a fair part of the quota. */
  readonly origin: string;
  readonly deal: string;
}

const NOBODY: TurnTaker = { priority: 3, origin: '', deal: '' };

const takers = new AsyncLocalStorage<TurnTaker>();

/** Requests made during the work take their turns as this taker's. */
export function takingTurnsAs<T>(taker: TurnTaker, work: () => T): T {
  return takers.run(taker, work);
}

export function currentTaker(): TurnTaker {
  return takers.getStore() ?? NOBODY;
}
