import { compareText } from '../compare-text.ts';
import type { Catalog } from '../deal/catalog.ts';
import type { Deal } from '../deal/deal.ts';
import type { Ledger } from '../deal/ledger.ts';
import { type Problem, problem } from '../failure.ts';
import { contactCalled } from '../texts/contacts.ts';
import { listed } from '../texts/sentences.ts';
import { countOf } from '../words.ts';
import type { Difference } from './compare.ts';
import type { Facts } from './facts.ts';
import { learnersOf } from './people.ts';
import type { HeldSeat } from './seat-facts.ts';

/** Learners who came in the place of others. */
export interface Swaps {
  /** Contacts whose seats end, sorted: they were taken off the deal, and somebody else needs a seat. */
  readonly leaving: readonly string[];
  /** How many codes of each group go with them, by its token. */
  readonly retired: Readonly<Record<string, number>>;
  /** How many codes take their place, by product. */
  readonly replaced: ReadonlyMap<string, number>;
  readonly problems: readonly Problem[];
}

const NO_SWAPS: Swaps = { leaving: [], retired: {}, replaced: new Map(), problems: [] };

/**
 * Whose seats go to the learners who came to a delivered deal. A learner who came in the place of one who was taken off
 * the deal gets a code of their own, and the one that the other may have seen is retired. Beyond that there are free seats.
 * `comers`: those who certainly have no code.
 */
export function planSwaps(
  { deal, catalog, ledger }: Pick<Difference, 'deal' | 'catalog' | 'ledger'>,
  comers: readonly string[],
  { seats }: Facts,
): Swaps {
  if (seats === undefined || comers.length === 0) return NO_SWAPS;
  const gone = goneLearners(deal, catalog, ledger);
  const held = seats.held
    .filter(({ contactId }) => gone.has(contactId))
    .sort((a, b) => compareText(a.contactId, b.contactId));
  const leaving = new Set(
    [...new Set(held.map(({ contactId }) => contactId))]
      .filter((id) => held.every((seat) => seat.contactId !== id || mayEnd(ledger, seat)))
      .slice(0, comers.length),
  );
  const ending = held.filter(({ contactId }) => leaving.has(contactId));
  const retired: Record<string, number> = {};
  const replaced = new Map<string, number>();
  for (const { token, productKey } of ending) {
    retired[token] = (retired[token] ?? 0) + 1;
    replaced.set(productKey, (replaced.get(productKey) ?? 0) + 1);
  }
  const problems = [...seats.free.entries()].flatMap(([productKey, free]) => {
    const missing = comers.length - free - (replaced.get(productKey) ?? 0);
    const inUse = held.filter((seat) => seat.productKey === productKey && seat.isRedeemed);
    return missing > 0 && inUse.length > 0 ? inUseProblem(missing, inUse) : [];
  });
  return { leaving: [...leaving].sort(compareText), retired, replaced, problems };
}

/** Had codes, and are no learners of the deal now. Where contacts are hidden nobody can say who is gone. */
function goneLearners(
  deal: Deal,
  catalog: Catalog,
  { learners = [] }: Pick<Ledger, 'learners'>,
): ReadonlySet<string> {
  if (deal.unseenContacts.some(({ why }) => why === 'hidden')) return new Set();
  const present = new Set(learnersOf(deal, catalog).map(({ id }) => id));
  return new Set(learners.filter((id) => !present.has(id)));
}

/** Nobody uses it, and its code is of a group that the ledger counts: a replacement code is for an operation to take back. */
function mayEnd({ groups }: Ledger, { isRedeemed, token }: HeldSeat): boolean {
  return !isRedeemed && groups.some((group) => group.token === token && group.active > 0);
}

function inUseProblem(missing: number, inUse: readonly HeldSeat[]): Problem {
  const names = listed([...new Set(inUse.map(({ contactId }) => contactCalled(contactId)))].slice(0, 5));
  const isOne = inUse.length === 1;
  return problem(
    'deal.seat_in_use',
    `${countOf(missing, 'learner')} who came to the deal ${missing === 1 ? 'has' : 'have'} no seat. ${names} ${isOne ? 'was' : 'were'} taken off the deal, but ${isOne ? 'uses a seat' : 'use seats'} already.`,
  );
}
