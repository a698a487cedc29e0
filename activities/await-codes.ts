import { Context, sleep } from '@temporalio/activity';
import type { ProvisioningActivities } from '../src/contracts/activities.ts';
import { DealseatError } from '../src/domain/failure.ts';
import type { EnsuredGroup } from '../src/domain/seats/code-group.ts';
import { countOf, numberOf } from '../src/domain/words.ts';
import type { ActivityDeps } from './deps.ts';
import { cancellationSignal, leaveWord, wordOfAttemptBefore } from './earlier-attempts.ts';
import { type Found, lookAtCodes } from './look-at-codes.ts';
import { gapsOfRetries, pauseAfterShortList } from './pause-after-short-list.ts';
import type { RecentListings } from './recent-listings.ts';

/** What an attempt leaves for the next one: what the platform said of each group that it found short, by group id. */
type Totals = Readonly<Record<string, number | null>>;

/**
 * Throws `lms.codes_not_listed` until the list of every group may be complete; a look costs one request for each group that
 * was short. The whole proof is made when the list is read for use.
 */
export function awaitCodes(deps: ActivityDeps, looks: RecentListings): ProvisioningActivities['awaitCodes'] {
  return async ({ deal, groups }) => {
    const before = wordOfAttemptBefore<Totals>();
    const due = before === null ? groups : groups.filter(({ groupId }) => groupId in before);
    await sinceFirstLook();
    const short: ({ readonly group: EnsuredGroup } & Found)[] = [];
    for (const group of due) {
      const looking = { deal, group, totalBefore: before?.[group.groupId] ?? null };
      const found = await lookAtCodes(deps, looks, looking, cancellationSignal());
      if (!found.isListed) short.push({ group, ...found });
    }
    if (short.length === 0) return;
    leaveWord(Object.fromEntries(short.map(({ group, total }) => [group.groupId, total])) satisfies Totals);
    throw new DealseatError({
      code: 'lms.codes_not_listed',
      message: short
        .map(
          ({ group: { seatCount, label }, listed }) =>
            `${numberOf(listed)} of ${countOf(seatCount, 'code')} of ${label} ${seatCount === 1 ? 'is' : 'are'} listed`,
        )
        .join('; '),
      retryAfterMs: pauseAfterShortList(Math.max(...short.map(({ group }) => group.seatCount))),
    });
  };
}

/** The making of the group has looked just now. */
async function sinceFirstLook(): Promise<void> {
  const { attempt, scheduledTimestampMs } = Context.current().info;
  if (attempt > 1) return;
  const firstMs = gapsOfRetries()?.firstMs ?? 0;
  // Not longer than that, whatever the server's clock says.
  const leftMs = Math.min(firstMs, scheduledTimestampMs + firstMs - Date.now());
  if (leftMs > 0) await sleep(leftMs);
}
