import { productKey } from '../deal/catalog.ts';
import type { Ledger } from '../deal/ledger.ts';
import { type Problem, problem } from '../failure.ts';
import { countOf } from '../words.ts';
import type { Difference } from './compare.ts';
import { type Facts, isForNewLearners, mayHaveComers } from './facts.ts';
import type { SoldSeats } from './sale.ts';
import type { Swaps } from './swaps.ts';

/**
 * Who came to a delivered deal since and certainly carries no code of it. Where more is sold at the same time, only the seat
 * store tells who needs one of what was there before.
 */
export function comersOf(difference: Difference, facts: Facts): string[] {
  const isKnown = isForNewLearners(difference) || (facts.seats !== undefined && mayHaveComers(difference));
  if (!isKnown) return [];
  return difference.newLearners.flatMap((person) =>
    'why' in person || facts.carriers.has(person.id) ? [] : person.id,
  );
}

/** What is sold more, with what takes the place of the codes that are retired. */
export function together(
  sold: readonly SoldSeats[],
  added: ReadonlyMap<string, number>,
  replaced: Swaps['replaced'],
): SoldSeats[] {
  return sold.flatMap(({ product }) => {
    const key = productKey(product);
    const seatCount = (added.get(key) ?? 0) + (replaced.get(key) ?? 0);
    return seatCount === 0 ? [] : [{ product, seatCount }];
  });
}

/** Whether those who were to have no seat can have one now, beside all others who need one. */
export function hasSeatsFor(
  { declined = {} }: Ledger,
  {
    added,
    comers,
    left,
  }: {
    readonly added: ReadonlyMap<string, number>;
    readonly comers: readonly string[];
    readonly left: ReturnType<typeof leftFor>;
  },
): boolean {
  const free = left?.now ?? Math.min(...added.values(), Number.MAX_SAFE_INTEGER);
  return free >= comers.length + Object.keys(declined).length;
}

/** Of the product that has the fewest; undefined: the seat store does not know the deal. */
export function leftFor(
  { seats }: Facts,
  {
    replaced,
    added,
    comers,
  }: Pick<Swaps, 'replaced'> & {
    readonly added: ReadonlyMap<string, number>;
    readonly comers: readonly string[];
  },
): { readonly now: number; readonly soon: number } | undefined {
  if (seats === undefined) return undefined;
  const isFor = (contactId: string | null) => contactId === null || comers.includes(contactId);
  const left = [...seats.free].map(([key, free]) => {
    const now = free + (replaced.get(key) ?? 0) + (added.get(key) ?? 0);
    const coming = seats.coming.filter(({ productKey: its, contactId }) => its === key && isFor(contactId));
    return { now, soon: now + coming.length };
  });
  return {
    now: Math.min(...left.map(({ now }) => now)),
    soon: Math.min(...left.map(({ soon }) => soon)),
  };
}

/** Nobody needs to do anything: the run looks again by itself. */
export function seatComing(waiting: number): Problem {
  return problem(
    'deal.seat_coming',
    `${countOf(waiting, 'learner')} of the deal ${waiting === 1 ? 'waits' : 'wait'} for a seat that is being taken back from another person.`,
  );
}
