import { Context } from '@temporalio/activity';
import type { RedemptionCode } from '../src/domain/seats/code-group.ts';

interface Listing {
  readonly codes: readonly RedemptionCode[];
  readonly timer: NodeJS.Timeout;
}

/** Ten groups of the largest size. */
const MAX_CODES = 100_000;
const KEPT_MS = 60_000;

/**
 * Whole code lists that one step of a run has just read, for its next step, so that the platform is not asked twice. Each
 * is taken once, by the same run in the same worker, and forgotten after a minute; whoever finds none reads the list.
 * What contacts carry and what the roster holds is read from the CRM in any case. Secret, as the codes are.
 */
export interface RecentListings {
  keep(groupId: string, codes: readonly RedemptionCode[]): void;
  take(groupId: string): readonly RedemptionCode[] | null;
}

export function createRecentListings({ maxCodes = MAX_CODES, keptMs = KEPT_MS } = {}): RecentListings {
  const listings = new Map<string, Listing>();
  let codeCount = 0;
  const remove = (key: string) => {
    const listing = listings.get(key);
    if (listing === undefined) return null;
    clearTimeout(listing.timer);
    listings.delete(key);
    codeCount -= listing.codes.length;
    return listing.codes;
  };
  return {
    keep(groupId, codes) {
      const key = keyOf(groupId);
      remove(key);
      if (codes.length > maxCodes) return;
      for (const oldest of listings.keys()) {
        if (codeCount + codes.length <= maxCodes) break;
        remove(oldest);
      }
      listings.set(key, { codes, timer: setTimeout(() => remove(key), keptMs).unref() });
      codeCount += codes.length;
    },
    take: (groupId) => remove(keyOf(groupId)),
  };
}

/** A reset makes another run of it, which believes nothing that the one before has seen. */
function keyOf(groupId: string): string {
  return JSON.stringify([Context.current().info.workflowExecution?.runId, groupId]);
}
