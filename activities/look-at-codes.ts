import { setTimeout as pause } from 'node:timers/promises';
import type { FirstLooks } from '../src/clients/first-looks.ts';
import type { DealRef } from '../src/domain/deal/deal.ts';
import type { EnsuredGroup } from '../src/domain/seats/code-group.ts';
import { isWorthReading, listedCount } from '../src/domain/seats/wait-for-codes.ts';
import { lookAtList } from './code-lists.ts';
import { type ActivityDeps, platformOf } from './deps.ts';
import { cancellationSignal } from './earlier-attempts.ts';
import { accountOf } from './lags.ts';
import type { RecentListings } from './recent-listings.ts';

export interface Found {
  /** The list may be complete, so it is worth a reading. */
  readonly isListed: boolean;
  /** As far as this look tells. */
  readonly listed: number;
  /** As the platform says. */
  readonly total: number | null;
}

/** One request; a list that it shows as a whole is kept for the step that reads it. */
export async function lookAtCodes(
  deps: ActivityDeps,
  looks: RecentListings,
  {
    deal,
    group,
    totalBefore,
  }: {
    readonly deal: DealRef;
    readonly group: Omit<EnsuredGroup, 'isListed'>;
    /** `Found.total` of the look before. */
    readonly totalBefore: number | null;
  },
  signal: AbortSignal,
): Promise<Found> {
  const { groupId, seatCount } = group;
  const look = await lookAtList(deps, deal, group, signal);
  const isListed = isWorthReading(look, seatCount, totalBefore);
  if (isListed && !look.hasMore) looks.keep(groupId, look.codes);
  return { isListed, listed: listedCount(look), total: look.total };
}

/** A platform that is slow, or whose requests are used up, must not keep a group from being reported that was made. */
const FIRST_LOOK_MS = 5_000;

/**
 * The look right after a group was made, or found: as early as lists of this size were seen to be complete on this
 * platform, and once more after the usual pause. Whatever keeps it from being made, the next one will meet.
 */
export async function isListedAtFirst(
  deps: ActivityDeps,
  { looks, firstLooks }: { readonly looks: RecentListings; readonly firstLooks: FirstLooks },
  { deal, group }: { readonly deal: DealRef; readonly group: Omit<EnsuredGroup, 'isListed'> },
  { usualMs }: { readonly usualMs: number },
): Promise<boolean> {
  const kind = `${accountOf(platformOf(deps, group.platform))}:${sizeClass(group.seatCount)}`;
  const signal = AbortSignal.any([cancellationSignal(), AbortSignal.timeout(usualMs + FIRST_LOOK_MS)]);
  const isListed = async () => {
    const found = await lookAtCodes(deps, looks, { deal, group, totalBefore: null }, signal);
    return found.isListed;
  };
  try {
    if (group.wasAdopted) return await isListed();
    const madeAt = performance.now();
    return await firstLooks.find(kind, usualMs, async (afterMs) => {
      await pause(Math.max(0, madeAt + afterMs - performance.now()), undefined, { signal });
      return isListed();
    });
  } catch {
    return false;
  }
}

/** Lists of one class take about as long to make. */
function sizeClass(seatCount: number): number {
  return Math.ceil(Math.log10(Math.max(1, seatCount)));
}
