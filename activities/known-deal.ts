import type { Contact, DealRef } from '../src/domain/deal/deal.ts';
import type { PossibleCarriers } from '../src/domain/planning/plan.ts';
import type { SeatFacts } from '../src/domain/planning/seat-facts.ts';
import type { Decided, DecidedFinder } from '../src/domain/seats/decided.ts';
import { emailKey } from '../src/domain/seats/seat-state.ts';
import type { CodeVault } from '../src/store/code-vault.ts';
import { type KnownCode, type KnownSeats, readKnownSeats } from '../src/store/known-seats.ts';
import type { ActivityDeps } from './deps.ts';

/** What the seat store has decided about the deal. */
export interface KnownDeal extends Pick<KnownSeats, 'orderIds' | 'version' | 'hasReplacements'> {
  /** `people`: who the contacts of the deal are. */
  decided(people: ReadonlyMap<string, Contact>): DecidedFinder;
  /**
   * Whether a learner gets no code of the product: one is theirs already, or a decision took theirs away. `handed`:
   * learners of the deal ever since; who came to it anew has a new claim.
   */
  isSettled(
    people: ReadonlyMap<string, Contact>,
    handed: ReadonlySet<string>,
  ): (productKey: string, contactId: string) => boolean;
  facts(people: ReadonlyMap<string, Contact>): SeatFacts;
  /** Seats whose holders are other contacts by now. */
  moved(people: ReadonlyMap<string, Contact>): { readonly seatId: string; readonly contactId: string }[];
  /** Codes of a group that a decision about them retired, so that the platform need not list them. */
  overIn(groupId: string): number;
}

/** Null: the store knows nothing of the deal, so the link fields of its contacts say who has what. */
export async function readKnownDeal(
  { seats: store }: Pick<ActivityDeps, 'seats'>,
  deal: DealRef,
  { merged = {}, mergedDealIds = [] }: Pick<PossibleCarriers, 'merged' | 'mergedDealIds'>,
  leaving: readonly string[] = [],
): Promise<KnownDeal | null> {
  if (store === undefined) return null;
  const known = await readKnownSeats(store.db, deal, mergedDealIds);
  if (known === null) return null;
  return {
    orderIds: known.orderIds,
    version: known.version,
    hasReplacements: known.hasReplacements,
    decided: (people) => {
      const holderOf = holderFinder(people, merged);
      const find = finderOf(store.vault, known, holderOf);
      if (leaving.length === 0) return find;
      return (code) => {
        const decided = find(code);
        return decided?.holder != null && leaving.includes(decided.holder)
          ? { ...decided, retired: 'leaving' }
          : decided;
      };
    },
    isSettled: (people, handed) => {
      const holderOf = holderFinder(people, merged);
      const settled = new Set(
        known.holdings.flatMap(({ productKey, endedWhy, ...holding }) => {
          const holder = holderOf(holding) ?? '';
          const isKeptOut = endedWhy !== null && KEEPS_NONE.has(endedWhy) && handed.has(holder);
          return endedWhy === null || isKeptOut ? `${holder} ${productKey}` : [];
        }),
      );
      return (productKey, contactId) => settled.has(`${contactId} ${productKey}`);
    },
    facts: (people) => {
      const holderOf = holderFinder(people, merged);
      const held = known.holdings.flatMap(({ token, endedWhy, ...holding }) => {
        const contactId = holderOf(holding);
        if (endedWhy !== null || contactId === null) return [];
        const { seatId, productKey, isRedeemed, isBusy, isGoing } = holding;
        return { seatId, contactId, productKey, token: token ?? '', isRedeemed, isBusy, isGoing };
      });
      const coming = known.coming.map(({ productKey, ...to }) => ({ productKey, contactId: holderOf(to) }));
      const staying = held.filter(({ isGoing }) => !isGoing);
      const holding = new Set(staying.map(({ contactId, productKey }) => `${contactId} ${productKey}`));
      const without = known.holdings.flatMap(({ productKey, endedWhy, isGoing, ...holder }) => {
        const contactId = holderOf(holder);
        const isOut = contactId !== null && (isGoing || (endedWhy !== null && KEEPS_NONE.has(endedWhy)));
        return isOut && !holding.has(`${contactId} ${productKey}`) ? { contactId, productKey } : [];
      });
      return { free: known.free, held, coming, without };
    },
    moved: (people) => {
      const holderOf = holderFinder(people, merged);
      return known.holdings.flatMap(({ seatId, endedWhy, ...holding }) => {
        const holder = holderOf(holding);
        const isMoved = endedWhy === null && holder !== holding.contactId;
        return isMoved && holder !== null && people.has(holder) ? { seatId, contactId: holder } : [];
      });
    },
    overIn: (groupId) => known.over.get(groupId) ?? 0,
  };
}

/** Somebody decided that this person is to have no seat. */
const KEEPS_NONE: ReadonlySet<string> = new Set(['revoked', 'reassigned']);

type HolderFinder = (of: {
  readonly contactId: string | null;
  readonly learnerKey: string | null;
}) => string | null;

/**
 * The contact that the holder of a seat is now: contacts are merged, and made anew under the same address. A holder who
 * is no contact of the deal any more keeps the id.
 */
function holderFinder(
  people: ReadonlyMap<string, Contact>,
  merged: Readonly<Record<string, string>>,
): HolderFinder {
  const byKey = new Map<string, string>();
  for (const [id, { email }] of people) {
    if (email !== null && !byKey.has(emailKey(email))) byKey.set(emailKey(email), id);
  }
  return ({ contactId, learnerKey }) => {
    const now = contactId === null ? null : (merged[contactId] ?? contactId);
    if (now !== null && people.has(now)) return now;
    if (learnerKey === null) return now;
    return byKey.get(learnerKey) ?? now ?? NO_CONTACT;
  };
}

/** The holder is known by an address alone, which is not said here. */
const NO_CONTACT = 'no contact of the CRM';

function finderOf(vault: CodeVault, { codes }: KnownSeats, holderOf: HolderFinder): DecidedFinder {
  return (code) => {
    const known = vault
      .macsOf(code)
      .map((mac) => codes.get(mac))
      .find((found) => found !== undefined);
    // What was undone decides nothing about a run that makes use of the group after all.
    return known === undefined || known.retiredWhy === 'cancelled' ? null : decidedOf(known, holderOf);
  };
}

const FREE: Decided = { retired: null, holder: null, isFree: true, isSealed: true };
const OUT: Decided = { retired: null, holder: null, isFree: false, isSealed: false };
const KEPT: Decided = { retired: null, holder: null, isFree: false, isSealed: true };
const OVER: Decided = { ...OUT, retired: 'over' };
const WITHDRAWN: Decided = { ...OUT, retired: 'withdrawn' };

function decidedOf({ state, retiredWhy, seat }: KnownCode, holderOf: HolderFinder): Decided {
  if (state === 'retired') {
    return retiredWhy === 'withdrawn' ? WITHDRAWN : OVER;
  }
  const holder = seat === null ? null : holderOf(seat);
  if (holder !== null) return { ...OUT, holder };
  if (state !== 'sealed') return OUT;
  return seat?.state === 'free' ? FREE : KEPT;
}
