import { Context, sleep } from '@temporalio/activity';
import type { ProvisioningActivities } from '../src/contracts/activities.ts';
import { DealseatError } from '../src/domain/failure.ts';
import { isWorthReading, listedCount } from '../src/domain/seats/wait-for-codes.ts';
import { countOf } from '../src/domain/words.ts';
import { type ActivityDeps, platformOf } from './deps.ts';
import { cancellationSignal, leaveWord, wordOfAttemptBefore } from './earlier-attempts.ts';
import { gapsOfRetries, pauseAfterShortList } from './pause-after-short-list.ts';
import type { RecentListings } from './recent-listings.ts';

/** What a look leaves for the next one. */
interface Seen {
  readonly total: number | null;
}

/**
 * Throws `lms.codes_not_listed` until the list of a group may be complete; each look costs one request. The whole proof is
 * made when the list is read for use.
 */
export function awaitCodes(deps: ActivityDeps, looks: RecentListings): ProvisioningActivities['awaitCodes'] {
  return async ({ group: { groupId, platform, label, seatCount, wasAdopted } }) => {
    const totalBefore = wordOfAttemptBefore<Seen>()?.total ?? null;
    if (!wasAdopted) await untilFirstLook();
    const look = await platformOf(deps, platform).lookAtCodes(groupId, cancellationSignal());
    if (isWorthReading(look, seatCount, totalBefore)) {
      if (!look.hasMore) looks.keep(groupId, look.codes);
      return;
    }
    leaveWord({ total: look.total } satisfies Seen);
    throw new DealseatError({
      code: 'lms.codes_not_listed',
      message: `${listedCount(look)} of ${countOf(seatCount, 'code')} of ${label} ${seatCount === 1 ? 'is' : 'are'} listed`,
      retryAfterMs: pauseAfterShortList(seatCount),
    });
  };
}

/** A group that was just made lists its codes a moment later: a look at once would mostly be lost. */
async function untilFirstLook(): Promise<void> {
  const { attempt, scheduledTimestampMs } = Context.current().info;
  if (attempt > 1) return;
  const { firstMs } = gapsOfRetries();
  // Not longer than that, whatever the server's clock says.
  const leftMs = Math.min(firstMs, scheduledTimestampMs + firstMs - Date.now());
  if (leftMs > 0) await sleep(leftMs);
}
