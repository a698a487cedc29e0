import { compareText } from '../compare-text.ts';
import type { PlannedGroup } from '../planning/plan.ts';
import type { RedemptionCode } from './code-group.ts';
import { type CodeFinder, linesOf } from './link-field.ts';
import type { Linked } from './redeem-link.ts';

/** One code of a group, with all that a hand-over must know of it. Secret: exists only in memory. */
export interface Seat extends Linked {
  readonly isRedeemed: boolean;
  /** Contacts of the deal that carry it, whatever template their link was made with. */
  readonly holders: readonly string[];
  /** The customer may not use it any more. */
  readonly isWithdrawn: boolean;
}

/** A planned group and its seats, in the order of their codes: every attempt makes the same file, byte for byte. */
export interface SeatedGroup {
  readonly group: PlannedGroup;
  readonly seats: readonly Seat[];
}

const NOBODY: readonly string[] = [];

/** A group as the platform lists it. */
export interface ListedGroup {
  readonly group: PlannedGroup;
  readonly codes: readonly RedemptionCode[];
}

/**
 * The seats of a deal. Where a group has more codes than seats some were withdrawn: the redeemed ones stay first, then
 * those that contacts carry, then in order. Made the same way at every reading, because nothing but the learning
 * platform and the CRM remembers codes. `fields`: the link fields of all contacts of the deal.
 */
export function seatsOf(
  listed: readonly ListedGroup[],
  fields: ReadonlyMap<string, string>,
  findCode: CodeFinder,
): SeatedGroup[] {
  const holders = new Map<string, string[]>();
  for (const [contactId, field] of fields) {
    for (const line of linesOf(field)) {
      const code = findCode(line);
      if (code !== null) holders.set(code, [...(holders.get(code) ?? []), contactId]);
    }
  }
  const rank = ({ code, isRedeemed }: RedemptionCode) => (isRedeemed ? 0 : holders.has(code) ? 1 : 2);
  return listed.map(({ group, codes }) => {
    const inOrder = [...codes].sort((a, b) => compareText(a.code, b.code));
    const surplus = codes.length <= group.seatCount ? [] : [...inOrder].sort((a, b) => rank(a) - rank(b));
    const withdrawn = new Set(surplus.slice(group.seatCount).map(({ code }) => code));
    return {
      group,
      seats: inOrder.map(({ code, isRedeemed }) => ({
        code,
        template: group.redeemUrl,
        isRedeemed,
        holders: holders.get(code) ?? NOBODY,
        isWithdrawn: withdrawn.has(code),
      })),
    };
  });
}
