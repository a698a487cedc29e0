import { afterLook, firstPause, type Learned } from '../domain/first-look.ts';

/**
 * Looks `afterMs` after the making began to take its time. Whether it was finished by then; null: this look cannot tell.
 */
export type LookAfter = (afterMs: number) => Promise<boolean | null>;

/**
 * The first looks at what a remote system finishes by itself, for each kind of thing, timed by what this worker has seen.
 * One that is too early is followed by another after the usual pause, so that learning costs a request now and then and
 * never time; and one at a time tries to be earlier.
 */
export class FirstLooks {
  readonly #learned = new Map<string, Learned>();
  readonly #tried = new Set<string>();

  /** Whether a look has found it finished. Throws what a look throws. */
  async find(kind: string, usualMs: number, lookAfter: LookAfter): Promise<boolean> {
    const learned = this.#learned.get(kind) ?? null;
    const earliestMs = firstPause(learned, usualMs);
    const provenMs = Math.min(usualMs, learned?.inTimeMs ?? usualMs);
    const tries = earliestMs < provenMs && !this.#tried.has(kind);
    if (tries) this.#tried.add(kind);
    const began = performance.now();
    try {
      const firstMs = tries ? earliestMs : provenMs;
      for (const afterMs of new Set([firstMs, usualMs])) {
        const wasInTime = await lookAfter(afterMs);
        if (wasInTime === null) continue;
        // A look may have stood in line for a quota: what it found was finished by now, and perhaps not before.
        const look = {
          afterMs: wasInTime ? Math.max(afterMs, performance.now() - began) : afterMs,
          wasInTime,
        };
        this.#learned.set(kind, afterLook(this.#learned.get(kind) ?? null, look, usualMs));
        if (wasInTime) return true;
      }
      return false;
    } finally {
      if (tries) this.#tried.delete(kind);
    }
  }
}
