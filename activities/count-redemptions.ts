import { log } from '@temporalio/activity';
import type { Lms } from '../src/clients/lms.ts';
import type { CountersRead, SeatSyncActivities } from '../src/contracts/seat-sync.ts';
import { DealseatError } from '../src/domain/failure.ts';
import type { RedemptionCode } from '../src/domain/seats/code-group.ts';
import { type CountedGroup, groupsToCount, noteCounted } from '../src/store/group-counters.ts';
import { type HeardRedemption, recordRedemptions } from '../src/store/record-redemptions.ts';
import { readPosition, savePosition } from '../src/store/sync-positions.ts';
import { platformOf } from './deps.ts';
import { cancellationSignal } from './earlier-attempts.ts';
import type { SeatSyncDeps } from './seat-sync-deps.ts';

/** A list is read whole once it was begun; what that took above the budget is taken from the syncs after it. */
interface Debt {
  readonly requests: number;
}

/**
 * Asks for the counters of groups in rotation, and reads the list of codes where a counter says more than the store
 * knows. This finds what the events have missed.
 */
export function countRedemptions(deps: SeatSyncDeps): SeatSyncActivities['countRedemptions'] {
  return async ({ platform, maxRequests }): Promise<CountersRead> => {
    const { seats } = deps;
    const name = `counters:${platform}`;
    const at = new Date(deps.now());
    const { state, readUpTo } = await readPosition<Debt>(seats.db, name);
    const debt = state.requests ?? 0;
    const allowed = maxRequests - debt;
    const result = { groups: 0, listed: 0, requests: 0, recorded: 0, late: 0 };
    const groups = allowed > 0 ? await groupsToCount(seats.db, { platform, at, limit: allowed }) : [];
    for (const group of groups) {
      if (result.requests >= allowed) break;
      await countGroup(deps, { platform, group, at }, result);
    }
    const owed = Math.max(0, debt + result.requests - maxRequests);
    await savePosition<Debt>(seats.db, name, { readUpTo, state: { requests: owed } }, at);
    return result;
  };
}

type Counted = { -readonly [K in keyof CountersRead]: CountersRead[K] };

async function countGroup(
  deps: SeatSyncDeps,
  { platform, group, at }: { readonly platform: string; readonly group: CountedGroup; readonly at: Date },
  result: Counted,
): Promise<void> {
  const { seats } = deps;
  const lms = platformOf(deps, platform);
  result.groups += 1;
  result.requests += 1;
  const count = await countOf(lms, group.platformGroupId);
  if (count !== null && count > group.known && count !== group.seen) {
    result.listed += 1;
    const isRead = await readList(lms, group, async (codes) => {
      result.requests += 1;
      const { recorded, late } = await recordRedemptions(seats, heardIn(codes, platform), at);
      result.recorded += recorded;
      result.late += late;
    });
    if (!isRead) return noteCounted(seats.db, group.id, { seen: null, at });
  }
  await noteCounted(seats.db, group.id, { seen: count, at });
}

/** Null: the platform does not have the group any more, which the audit reports. */
async function countOf(lms: Lms, groupId: string): Promise<number | null> {
  try {
    return (await lms.getGroup(groupId, cancellationSignal())).redeemedCount;
  } catch (error) {
    if (error instanceof DealseatError && error.code === 'lms.not_found') return null;
    throw error;
  }
}

/** False: this tenant lists no codes by its API. */
async function readList(
  lms: Lms,
  { platformGroupId }: CountedGroup,
  onPage: (codes: readonly RedemptionCode[]) => Promise<void>,
): Promise<boolean> {
  try {
    for await (const page of lms.listCodes(platformGroupId, cancellationSignal())) await onPage(page);
    return true;
  } catch (error) {
    if (!(error instanceof DealseatError) || error.code !== 'lms.codes_path_missing') throw error;
    log.warn('Codes of this tenant are not listed, so redemptions are known by its events alone');
    return false;
  }
}

function heardIn(codes: readonly RedemptionCode[], platform: string): readonly HeardRedemption[] {
  return codes
    .filter(({ isRedeemed }) => isRedeemed)
    .map(({ code, redeemedAt = null, redeemedByUserId = null }) => ({
      platform,
      code,
      from: 'list',
      redeemedAt,
      userId: redeemedByUserId,
      email: null,
    }));
}
