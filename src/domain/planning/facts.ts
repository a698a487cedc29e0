import { activeSeats } from '../deal/ledger.ts';
import type { CodeGroup } from '../seats/code-group.ts';
import type { Comparison, Difference } from './compare.ts';

/** What the outside world must be asked before a comparison becomes a plan. */
export interface FactsNeeded {
  readonly groups: readonly { readonly platform: string; readonly groupId: string }[];
  /** The roster that should be on the deal; null: nobody needs to know. */
  readonly roster: { readonly file: string; readonly sha256: string } | null;
}

export interface Facts {
  /** By group id. */
  readonly groups: ReadonlyMap<string, CodeGroup>;
  /** The roster is there and people find it on the deal; true where nobody needs to know. */
  readonly isRosterThere: boolean;
}

export const NO_FACTS: Facts = { groups: new Map(), isRosterThere: true };

export function factsNeeded(comparison: Comparison): FactsNeeded {
  if (comparison.is === 'decided') return { groups: [], roster: null };
  const { ledger, isBindingDue, rules } = comparison;
  const active = ledger.groups.filter((group) => group.active > 0);
  // Whoever starts a delivered deal by hand may miss its roster.
  const isMissed = rules.source === 'person' && !isChanged(comparison) && active.length > 0;
  const roster = isMissed ? ledger.roster : null;
  return {
    groups:
      isBindingDue || isChanged(comparison) || roster !== null
        ? active.map(({ platform, group: groupId }) => ({ platform, groupId }))
        : [],
    roster: roster && { file: roster.file, sha256: roster.sha256 },
  };
}

/** The customer does not have what is sold, or not all of it was handed over. */
export function isChanged({ raised, lowered, ledger, problems }: Difference): boolean {
  const isUnfinished = ledger.isPending === true && activeSeats(ledger) > 0;
  return raised.length > 0 || lowered.length > 0 || problems.length > 0 || isUnfinished;
}
