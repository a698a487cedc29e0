import type { Withdrawal } from '../src/domain/planning/plan.ts';
import { createCodeFinder } from '../src/domain/seats/link-field.ts';
import type { SeatedGroup } from '../src/domain/seats/seat.ts';
import { type Replacement, type ReplacementGroup, readReplacements } from '../src/store/replacements.ts';
import type { ActivityDeps } from './deps.ts';
import type { SeatedDeal } from './listing.ts';
import { plannedReplacement } from './replaced-seats.ts';

export interface WithdrawnReplacements {
  readonly groups: readonly SeatedGroup[];
  readonly findCode: SeatedDeal['findCode'];
  /** What is still to be ended. */
  readonly seatIds: readonly string[];
  readonly codeIds: readonly number[];
}

const NONE: WithdrawnReplacements = { groups: [], findCode: () => null, seatIds: [], codeIds: [] };

/**
 * Seats and codes that took the place of those that were taken back, and that the customer may not use after the withdrawal:
 * the groups of the deal do not count them. Of a product with seats left only what is more than these. An attempt after one
 * that ended them finds their codes again.
 */
export async function withdrawnReplacements(
  { seats: store }: Pick<ActivityDeps, 'seats'>,
  withdrawal: Pick<Withdrawal, 'groups'>,
  { known, groups }: Pick<SeatedDeal, 'known' | 'groups'>,
): Promise<WithdrawnReplacements> {
  if (store === undefined || known === null) return NONE;
  const going = groups.flatMap(({ seats }) => seats.flatMap((seat) => (seat.isWithdrawn ? seat.code : [])));
  const found = await readReplacements(store, known.orderIds, new Set(going));
  const left = new Map<string, number>();
  for (const { productKey, seatCount } of withdrawal.groups) {
    left.set(productKey, (left.get(productKey) ?? 0) + seatCount);
  }
  const seatIds: string[] = [];
  for (const [productKey, { staying, seats }] of found.products) {
    const allowed = left.get(productKey);
    if (allowed === undefined) continue;
    const surplus = Math.max(0, staying - allowed);
    seatIds.push(
      ...[...seats]
        .sort(byLastToGo)
        .slice(0, surplus)
        .map(({ id }) => id),
    );
  }
  const ending = new Set(seatIds);
  const isOver = ({ productKey }: ReplacementGroup) => left.get(productKey) === 0;
  const isGone = (group: ReplacementGroup, { state, seatId }: Replacement) =>
    state === 'retired' || (seatId === null ? isOver(group) : ending.has(seatId));
  const seated = found.groups.map((group) => ({
    group,
    gone: group.codes.filter((code) => isGone(group, code)),
  }));
  const all = new Set(seated.flatMap(({ gone }) => gone.map(({ code }) => code)));
  return {
    groups: seated.map(({ group, gone }) => seatedGroup(group, gone)),
    findCode: createCodeFinder(all, [...new Set(found.groups.map(({ redeemUrl }) => redeemUrl))]),
    seatIds,
    codeIds: seated.flatMap(({ gone }) => gone.flatMap(({ id, state }) => (state === 'retired' ? [] : id))),
  };
}

/** Seats that are free go first, those in use last. */
function byLastToGo(a: { readonly state: string }, b: { readonly state: string }): number {
  return rankOf(a.state) - rankOf(b.state);
}

function rankOf(state: string): number {
  if (state === 'free') return 0;
  return state === 'redeemed' ? 2 : 1;
}

function seatedGroup(group: ReplacementGroup, gone: readonly Replacement[]): SeatedGroup {
  return {
    group: plannedReplacement(group, 0),
    seats: gone.map(({ code, state, wasRedeemed }) => ({
      code,
      template: group.redeemUrl,
      isRedeemed: state === 'redeemed' || wasRedeemed,
      holders: [],
      isWithdrawn: true,
      decided: null,
    })),
  };
}
