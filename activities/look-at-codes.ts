import { setTimeout as pause } from 'node:timers/promises';
import type { EnsuredGroup } from '../src/domain/seats/code-group.ts';
import { isWorthReading, listedCount } from '../src/domain/seats/wait-for-codes.ts';
import { type ActivityDeps, platformOf } from './deps.ts';
import { cancellationSignal } from './earlier-attempts.ts';
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
    group: { platform, groupId, seatCount },
    totalBefore,
  }: {
    readonly group: Pick<EnsuredGroup, 'platform' | 'groupId' | 'seatCount'>;
    /** `Found.total` of the look before. */
    readonly totalBefore: number | null;
  },
  signal: AbortSignal,
): Promise<Found> {
  const look = await platformOf(deps, platform).lookAtCodes(groupId, signal);
  const isListed = isWorthReading(look, seatCount, totalBefore);
  if (isListed && !look.hasMore) looks.keep(groupId, look.codes);
  return { isListed, listed: listedCount(look), total: look.total };
}

/** A platform that is slow, or whose requests are used up, must not keep a group from being reported that was made. */
const FIRST_LOOK_MS = 5_000;

/** The look right after a group was made, or found. Whatever keeps it from being made, the next one will meet. */
export async function isListedAtFirst(
  deps: ActivityDeps,
  looks: RecentListings,
  group: Omit<EnsuredGroup, 'isListed'>,
  { afterMs }: { readonly afterMs: number },
): Promise<boolean> {
  const pauseMs = group.wasAdopted ? 0 : afterMs;
  const signal = AbortSignal.any([cancellationSignal(), AbortSignal.timeout(pauseMs + FIRST_LOOK_MS)]);
  try {
    await pause(pauseMs, undefined, { signal });
    return (await lookAtCodes(deps, looks, { group, totalBefore: null }, signal)).isListed;
  } catch {
    return false;
  }
}
