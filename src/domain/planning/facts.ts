import { activeSeats, type LedgerRoster } from '../deal/ledger.ts';
import type { CodeGroup } from '../seats/code-group.ts';
import type { Comparison, Difference } from './compare.ts';
import type { Person } from './people.ts';
import type { SeatFacts } from './seat-facts.ts';

/** What the platform must be asked before a comparison becomes a plan. */
export interface FactsNeeded {
  readonly groups: readonly { readonly platform: string; readonly groupId: string }[];
  /** Contacts of whom only their link field tells whether they carry a code already. */
  readonly linksOf: readonly string[];
  /** People decide by the number of redeemed codes, so it is counted, not taken from a summary. */
  readonly countsRedeemed: boolean;
}

export interface Facts {
  /** By group id. */
  readonly groups: ReadonlyMap<string, CodeGroup>;
  /** The roster is there and people find it on the deal; true where nobody needs to know. */
  readonly isRosterThere: boolean;
  /** Those of `linksOf` who have a code, or may have one: by the seat store, else by a link field that is not empty. */
  readonly carriers: ReadonlySet<string>;
  /** What the seat store knows of the deal; absent: nothing. */
  readonly seats?: SeatFacts;
}

export const NO_FACTS: Facts = { groups: new Map(), isRosterThere: true, carriers: new Set() };

/** The roster that should be on a deal which asks for nothing else: whoever starts it by hand may miss it. */
export function rosterMissed(comparison: Comparison): LedgerRoster | null {
  if (comparison.is === 'decided' || isChanged(comparison)) return null;
  const { ledger, rules } = comparison;
  return rules.source === 'person' && activeSeats(ledger) > 0 ? ledger.roster : null;
}

/**
 * A dry run costs the platform nothing where the ledger can be believed: its requests are for all deals, and callers of
 * a dry run may be many.
 */
export function factsNeeded(
  comparison: Comparison,
  { isRosterThere, isPreview }: { readonly isRosterThere: boolean; readonly isPreview: boolean },
): FactsNeeded {
  if (comparison.is === 'decided') return { groups: [], linksOf: [], countsRedeemed: false };
  const { ledger, isBindingDue, lowered, raised } = comparison;
  const isNeeded = isBindingDue || (!isPreview && (isChanged(comparison) || !isRosterThere));
  const active = ledger.groups.filter((group) => group.active > 0);
  return {
    groups: isNeeded ? active.map(({ platform, group: groupId }) => ({ platform, groupId })) : [],
    linksOf: mayHaveComers(comparison) ? comparison.newLearners.flatMap(readableId) : [],
    countsRedeemed: !isPreview && lowered.length > 0 && raised.length === 0,
  };
}

/** The field of a contact that is hidden cannot be read, and a hidden contact may be known by no id. */
function readableId(person: Person): string | [] {
  return 'why' in person ? [] : person.id;
}

/** The customer does not have what is sold, or not all of it was handed over. */
export function isChanged(difference: Difference): boolean {
  const { raised, lowered, ledger, newLearners, problems } = difference;
  const isUnfinished = ledger.isPending === true && activeSeats(ledger) > 0;
  return [raised, lowered, newLearners, problems].some((list) => list.length > 0) || isUnfinished;
}

/**
 * Nothing is made, and whoever had codes has them: all that is missing are those of learners who came since, or a run began
 * to hand them over.
 */
export function isForNewLearners(difference: Difference): boolean {
  return difference.raised.length === 0 && mayHaveComers(difference);
}

/** Whoever had codes has them, and learners came since, perhaps in the place of others. More may be sold as well. */
export function mayHaveComers({ ledger, newLearners }: Difference): boolean {
  const { groups, isPending, pendingLearners: noted } = ledger;
  const isOtherUnfinished = isPending === true && noted === undefined;
  const isHandedOver = !isOtherUnfinished && !groups.some(({ isNew }) => isNew);
  return (newLearners.length > 0 || noted !== undefined) && isHandedOver;
}
