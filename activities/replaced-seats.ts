import type { PlannedGroup } from '../src/domain/planning/plan.ts';
import type { ListedGroup } from '../src/domain/seats/seat.ts';
import { type ReplacementGroup, readReplacedSeats } from '../src/store/replacements.ts';
import type { ActivityDeps } from './deps.ts';
import type { KnownDeal } from './known-deal.ts';

const NONE: readonly ListedGroup[] = [];

/**
 * Seats with codes that took the place of others, of the products of these groups. The plan does not count their groups, and
 * the platform is not asked for them: the seat store has all of their codes.
 */
export async function replacedSeats(
  { seats: store }: Pick<ActivityDeps, 'seats'>,
  known: Pick<KnownDeal, 'orderIds' | 'hasReplacements'> | null,
  groups: readonly Pick<PlannedGroup, 'productKey' | 'codesExpireOn' | 'accessEndsOn'>[],
): Promise<readonly ListedGroup[]> {
  if (store === undefined || known === null || !known.hasReplacements) return NONE;
  const sold = new Map(groups.map((group) => [group.productKey, group]));
  const replaced = await readReplacedSeats(store, known.orderIds);
  return replaced.flatMap((group) => {
    const like = sold.get(group.productKey);
    const codes = group.codes.filter(({ seatId, state }) => seatId !== null && state !== 'retired');
    if (like === undefined || codes.length === 0) return [];
    const { codesExpireOn, accessEndsOn } = like;
    return {
      group: { ...plannedReplacement(group, codes.length), codesExpireOn, accessEndsOn },
      codes: codes.map(({ code, state }) => ({ code, isRedeemed: state === 'redeemed' })),
    };
  });
}

/** In the form of a group that was handed over before. */
export function plannedReplacement(
  { groupId, issued, codes: _, ...terms }: ReplacementGroup,
  seatCount: number,
): PlannedGroup {
  return {
    ...terms,
    seatCount,
    codeLength: 0,
    codesExpireOn: null,
    accessEndsOn: null,
    existing: { groupId, issuedCount: issued, isNew: false },
  };
}
