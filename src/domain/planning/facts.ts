import { activeSeats, type LedgerRoster } from '../deal/ledger.ts';
import type { CodeGroup } from '../seats/code-group.ts';
import type { Comparison, Difference } from './compare.ts';

/** What the platform must be asked before a comparison becomes a plan. */
export interface FactsNeeded {
  readonly groups: readonly { readonly platform: string; readonly groupId: string }[];
  /** People decide by the number of redeemed codes, so it is counted, not taken from a summary. */
  readonly countsRedeemed: boolean;
}

export interface Facts {
  /** By group id. */
  readonly groups: ReadonlyMap<string, CodeGroup>;
  /** The roster is there and people find it on the deal; true where nobody needs to know. */
  readonly isRosterThere: boolean;
}

export const NO_FACTS: Facts = { groups: new Map(), isRosterThere: true };

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
  if (comparison.is === 'decided') return { groups: [], countsRedeemed: false };
  const { ledger, isBindingDue, lowered, raised } = comparison;
  const isNeeded = isBindingDue || (!isPreview && (isChanged(comparison) || !isRosterThere));
  const active = ledger.groups.filter((group) => group.active > 0);
  return {
    groups: isNeeded ? active.map(({ platform, group: groupId }) => ({ platform, groupId })) : [],
    countsRedeemed: !isPreview && lowered.length > 0 && raised.length === 0,
  };
}

/** The customer does not have what is sold, or not all of it was handed over. */
export function isChanged({ raised, lowered, ledger, problems }: Difference): boolean {
  const isUnfinished = ledger.isPending === true && activeSeats(ledger) > 0;
  return raised.length > 0 || lowered.length > 0 || problems.length > 0 || isUnfinished;
}
