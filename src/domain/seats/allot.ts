import { DealseatError } from '../failure.ts';
import type { PlannedGroup } from '../planning/plan.ts';
import { countOf } from '../words.ts';
import type { Seat, SeatedGroup } from './seat.ts';

export interface Allotment {
  /** The seats of each learner, by contact id: at least one of every product. */
  readonly held: ReadonlyMap<string, readonly Seat[]>;
  /** The seats that nobody holds: the buyer's roster. */
  readonly spare: readonly SeatedGroup[];
}

export interface AllotmentRules {
  /** Codes that a roster may have brought to the buyer. */
  readonly handedOut: ReadonlySet<string>;
  /** Codes of groups that were handed over before which are with nobody; null: all that no contact carries. */
  readonly spare: ReadonlySet<string> | null;
  /** None of those was given to the buyer, so learners may get them. */
  readonly isSpareFree: boolean;
  /** Contacts who were handed codes before: what one of them carries is not another one's, who may have a copy of it. */
  readonly known: ReadonlySet<string>;
  /** By the seat store: the learner gets no code of the product. Absent: the store knows nothing of the deal. */
  readonly isSettled?: (productKey: string, contactId: string) => boolean;
}

/**
 * Gives each learner one seat of each product, whatever number of groups the product has. Who carries a code already
 * keeps it. The others get codes that nobody was ever given: those that the seat store knows to be free, and of which it
 * knows nothing those that are neither redeemed, nor carried by any contact, nor in `handedOut`; of groups that were
 * handed over before only what was kept for them.
 */
export function allot(
  groups: readonly SeatedGroup[],
  learnerContactIds: readonly string[],
  { handedOut, spare: kept, isSpareFree, known, isSettled = () => false }: AllotmentRules,
): Allotment {
  const held = new Map<string, Seat[]>(learnerContactIds.map((id) => [id, []]));
  const taken = new Set<string>();
  for (const parts of learnerContactIds.length === 0 ? [] : byProduct(groups)) {
    const seats = parts.flatMap((part) => part.seats.filter(({ isWithdrawn }) => !isWithdrawn));
    const without = learnerContactIds.filter((id) => {
      const own = seats.filter(
        ({ code, holders }) => holders.includes(id) && !taken.has(code) && !isOfAnother(id, holders, known),
      );
      for (const seat of own) {
        taken.add(seat.code);
        held.get(id)?.push(seat);
      }
      return own.length === 0 && !isSettled(parts[0]?.group.productKey ?? '', id);
    });
    const isKept = ({ code, decided }: Seat) => decided?.isFree ?? (isSpareFree && kept?.has(code) === true);
    const free = [
      ...freshSeats(parts).filter(({ code, decided }) => decided?.isFree ?? !handedOut.has(code)),
      ...parts.filter(({ group }) => isHandedOver(group)).flatMap(({ seats: old }) => old.filter(isKept)),
    ].filter(
      ({ code, holders, isRedeemed, isWithdrawn }) =>
        !isRedeemed && !isWithdrawn && holders.length === 0 && !taken.has(code),
    );
    for (const [index, id] of without.entries()) {
      const seat = free[index];
      if (seat === undefined) throw tooFewFree(parts, { free, without, learnerContactIds });
      taken.add(seat.code);
      held.get(id)?.push(seat);
    }
  }
  const spare = groups.map(({ group, seats }) => ({
    group,
    seats: seats.filter(
      ({ code, holders, isWithdrawn, decided }) =>
        !isWithdrawn &&
        !taken.has(code) &&
        holders.length === 0 &&
        (decided?.isFree || kept === null || kept.has(code) || !isHandedOver(group)),
    ),
  }));
  return { held, spare };
}

function isOfAnother(id: string, holders: readonly string[], known: ReadonlySet<string>): boolean {
  return !known.has(id) && holders.some((holder) => known.has(holder));
}

/** Those of the groups of this plan first, then those whose first hand-over was not finished. */
function freshSeats(parts: readonly SeatedGroup[]): Seat[] {
  const made = parts.filter(({ group }) => !group.existing);
  const unfinished = parts.filter(({ group }) => group.existing?.isNew);
  return [...made, ...unfinished].flatMap(({ seats }) => seats);
}

/** By a run before, to the end. */
export function isHandedOver({ existing }: PlannedGroup): boolean {
  return existing !== undefined && !existing.isNew;
}

/** The plan compared seats with learners; it could not know who else was given codes. */
function tooFewFree(
  parts: readonly SeatedGroup[],
  found: {
    readonly free: readonly Seat[];
    readonly without: readonly string[];
    readonly learnerContactIds: readonly string[];
  },
): DealseatError {
  const { free, without, learnerContactIds } = found;
  const carriers = new Set(parts.flatMap(({ seats }) => seats.flatMap(({ holders }) => holders)));
  const others = [...carriers].filter((id) => !learnerContactIds.includes(id));
  const alsoHold = others.length === 0 ? '' : `, and contacts who are no learners hold codes: ${few(others)}`;
  return new DealseatError({
    code: 'deal.too_few_seats',
    message: `"${parts[0]?.group.title}" has ${countOf(free.length, 'code')} that no one was given, for ${countOf(without.length, 'learner')} without one: ${few(without)}${alsoHold}`,
  });
}

function few(contactIds: readonly string[]): string {
  const more = contactIds.length > 5 ? ` and ${contactIds.length - 5} more` : '';
  return `${contactIds.slice(0, 5).join(', ')}${more}`;
}

function byProduct(groups: readonly SeatedGroup[]): SeatedGroup[][] {
  const products = new Map<string, SeatedGroup[]>();
  for (const group of groups) {
    const key = group.group.productKey;
    products.set(key, [...(products.get(key) ?? []), group]);
  }
  return [...products.values()];
}
