import { codeInLink, redeemLink } from './redeem-link.ts';
import type { GroupCodes } from './roster.ts';

export interface Assignment {
  /** One link a group for each learner, by contact id. */
  readonly links: ReadonlyMap<string, readonly string[]>;
  /** The codes that nobody got: the buyer's roster. */
  readonly spare: readonly GroupCodes[];
}

/**
 * Gives each learner one code of each group. Stable: who already carries a link of a group keeps it, whatever
 * happened to the list of learners since; the others take the free codes in order. The number of codes was
 * checked against the number of learners when the plan was made.
 */
export function assignCodes(
  groups: readonly GroupCodes[],
  learnerContactIds: readonly string[],
  currentLinks: ReadonlyMap<string, string>,
): Assignment {
  const links = new Map<string, string[]>(learnerContactIds.map((id) => [id, []]));
  const spare = groups.map(({ group, codes }) => {
    const free = new Set(codes);
    const kept = new Map<string, string>();
    for (const id of learnerContactIds) {
      const code = heldCode(group.redeemUrl, free, currentLinks.get(id));
      if (code === null) continue;
      kept.set(id, code);
      free.delete(code);
    }
    const inOrder = free.values();
    for (const id of learnerContactIds) {
      const code = kept.get(id) ?? inOrder.next().value;
      if (code === undefined)
        throw new RangeError(`Group ${group.label} has fewer codes than the deal has learners`);
      free.delete(code);
      links.get(id)?.push(redeemLink(group.redeemUrl, code));
    }
    return { group, codes: codes.filter((code) => free.has(code)) };
  });
  return { links, spare };
}

/** The code of this group that a contact's link field names. The field holds one link a line. */
function heldCode(template: string, free: ReadonlySet<string>, field: string | undefined): string | null {
  for (const line of field?.split('\n') ?? []) {
    const code = codeInLink(template, line.trim());
    if (code !== null && free.has(code)) return code;
  }
  return null;
}
