import type { TurnTaker } from './turn-taker.ts';

/** Someone who waits for a turn. */
export interface Waiting {
  readonly taker: TurnTaker;
}

/**
 * Who goes next: the higher priority, then the origin and the deal that had the fewest turns while others waited, then
 * who came first. So an import of a thousand deals cannot make another partner's single deal wait, nor a long list a
 * small deal.
 */
export class FairOrder {
  readonly #origins = new Rounds();
  readonly #deals = new Rounds();

  /** A sort keeps those that are equal in their order of arrival. */
  readonly compare = ({ taker: a }: Waiting, { taker: b }: Waiting): number =>
    a.priority - b.priority ||
    this.#origins.of(a.origin) - this.#origins.of(b.origin) ||
    this.#deals.of(a.deal) - this.#deals.of(b.deal);

  served({ taker: { origin, deal } }: Waiting): void {
    this.#origins.served(origin);
    this.#deals.served(deal);
  }
}

/** So many keys are kept before those are dropped that are no further than a newcomer. */
const MAX_KEPT = 1_000;

/** In which round each of several has its next turn: one who was away starts with the round that is being served. */
class Rounds {
  readonly #next = new Map<string, number>();
  #current = 0;

  of(key: string): number {
    return Math.max(this.#next.get(key) ?? 0, this.#current);
  }

  served(key: string): void {
    this.#current = this.of(key);
    this.#next.set(key, this.#current + 1);
    if (this.#next.size <= MAX_KEPT) return;
    for (const [other, round] of this.#next) if (round <= this.#current) this.#next.delete(other);
    // All of them are of this round: whichever forgets its turn gets it again, once.
    if (this.#next.size > MAX_KEPT) this.#next.clear();
  }
}
