import { compareText } from '../compare-text.ts';
import type { Sha256Hex } from '../deal/ids.ts';
import type { Ledger } from '../deal/ledger.ts';
import { problem } from '../failure.ts';
import { contactCalled } from '../texts/contacts.ts';
import { listed } from '../texts/sentences.ts';
import { countOf } from '../words.ts';
import type { Difference } from './compare.ts';
import type { Facts } from './facts.ts';
import { goneLearners } from './people.ts';
import { QUESTION_ID_LENGTH, type Question } from './question.ts';
import type { Swap } from './reading.ts';
import type { HeldSeat, SeatFacts } from './seat-facts.ts';

/** Learners who came in the place of others. */
export interface Swaps {
  /** Contacts whose seats end or have ended, sorted: they were taken off the deal, and somebody else needs a seat. */
  readonly leaving: readonly string[];
  /** How many codes of each group go with them, by its token. */
  readonly retired: Readonly<Record<string, number>>;
  /** How many codes take their place, by product. */
  readonly replaced: ReadonlyMap<string, number>;
  /** Seats that only an operation can hand on. */
  readonly handedOn: readonly HandedOn[];
}

interface HandedOn {
  readonly seat: HeldSeat;
  /** Contact who is to get it. */
  readonly to: string;
}

const NO_SWAPS: Swaps = { leaving: [], retired: {}, replaced: new Map(), handedOn: [] };

/**
 * Whose seats go to the learners who came to a delivered deal. A learner who came in the place of one who was taken off
 * the deal gets a code of their own, and the one that the other may have seen is retired. Beyond that there are free seats.
 * Where these are too few, an operation hands on seats that are in use. `comers`: those who certainly have no code. `added`:
 * how many more seats of each product are sold at the same time.
 */
export function planSwaps(
  { deal, catalog, ledger }: Pick<Difference, 'deal' | 'catalog' | 'ledger'>,
  comers: readonly string[],
  { seats }: Facts,
  added: ReadonlyMap<string, number> = new Map(),
): Swaps {
  if (seats === undefined) return NO_SWAPS;
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
  const staying = held.filter(({ contactId, isBusy }) => !leaving.has(contactId) && !isBusy);
  return {
    leaving: [...leaving, ...withoutSeats(seats, gone)].sort(compareText),
    retired,
    replaced,
    handedOn: handOn(seats, { comers, replaced, added, staying }),
  };
}

/** Nobody uses it, and its code is of a group that the ledger counts: a replacement code is for an operation to take back. */
function mayEnd({ groups }: Ledger, { isRedeemed, isBusy, token }: HeldSeat): boolean {
  return !isRedeemed && !isBusy && groups.some((group) => group.token === token && group.active > 0);
}

/** Who left the deal, and whose seats were all taken back. */
function withoutSeats({ held, without }: SeatFacts, gone: ReadonlySet<string>): string[] {
  const holders = new Set(held.map(({ contactId }) => contactId));
  const ids = without.map(({ contactId }) => contactId);
  return [...new Set(ids)].filter((id) => gone.has(id) && !holders.has(id));
}

/** All that is missing, or nothing: with fewer seats than learners who need one, people must decide otherwise. */
function handOn(
  { free, coming }: SeatFacts,
  {
    comers,
    replaced,
    added,
    staying,
  }: {
    readonly comers: readonly string[];
    readonly replaced: Swaps['replaced'];
    readonly added: ReadonlyMap<string, number>;
    readonly staying: readonly HeldSeat[];
  },
): readonly HandedOn[] {
  const sorted = [...comers].sort(compareText);
  const handed: HandedOn[] = [];
  for (const [key, count] of free) {
    const soon = coming.filter(({ productKey }) => productKey === key).length;
    const made = (replaced.get(key) ?? 0) + (added.get(key) ?? 0);
    const missing = sorted.length - count - made - soon;
    if (missing <= 0) continue;
    const seats = staying.filter(({ productKey }) => productKey === key);
    if (seats.length < missing) return [];
    const unusedFirst = [...seats].sort((a, b) => Number(a.isRedeemed) - Number(b.isRedeemed));
    for (const [index, to] of sorted.slice(-missing).entries()) {
      const seat = unusedFirst[index];
      if (seat !== undefined) handed.push({ seat, to });
    }
  }
  return handed;
}

/** What people are asked, or the catalog says, about seats that are in use. Null: no seat is to be handed on. */
export function swapOf(
  { catalog, ledger, deal }: Pick<Difference, 'catalog' | 'ledger' | 'deal'>,
  { handedOn }: Swaps,
  sha256: Sha256Hex,
): { readonly swap: Swap; readonly question: Question } | null {
  if (handedOn.length === 0) return null;
  const pairs = handedOn.map(({ seat, to }) => ({ seatId: seat.seatId, from: seat.contactId, to }));
  const inUse = handedOn.filter(({ seat }) => seat.isRedeemed);
  const rule = inUse.length === 0 ? 'replace' : catalog.swapInUse;
  const comers = [...new Set(pairs.map(({ to }) => to))];
  const gone = [...goneLearners(deal, catalog, ledger)].sort(compareText);
  // Who has left again needs no decision any more.
  const present = new Set(deal.contacts.map(({ id }) => id));
  const before = Object.entries(ledger.declined ?? {}).filter(([id]) => present.has(id));
  const declined = Object.fromEntries([...before, ...comers.map((id) => [id, gone] as const)]);
  const leavers = names(inUse.map(({ seat }) => seat.contactId));
  const isOne = leavers.count === 1;
  const question: Question = {
    id: sha256(JSON.stringify(['swap', pairs])).slice(0, QUESTION_ID_LENGTH),
    kind: 'approval',
    problems: [
      problem(
        'deal.seat_in_use',
        `${countOf(comers.length, 'learner')} who came to the deal ${comers.length === 1 ? 'has' : 'have'} no seat: ${names(comers).text}. ${isOne ? 'The seat is in use by' : 'Seats are in use by'} ${leavers.text}, who ${isOne ? 'was' : 'were'} taken off the deal.`,
      ),
    ],
    subject: 'Dealseat waits for a decision about seats in use',
    step: 'Waiting for a decision about seats in use',
    ifLeft: { ...ledger, declined },
    ifRejected: `No seat for ${names(comers).text}: ${leavers.text} ${isOne ? 'keeps the seat' : 'keep theirs'}.`,
  };
  return { swap: { pairs, rule }, question };
}

function names(contactIds: readonly string[]): { readonly text: string; readonly count: number } {
  const ids = [...new Set(contactIds)];
  return { text: listed(ids.slice(0, 5).map(contactCalled)), count: ids.length };
}
