import {
  isCancellation,
  log,
  proxyActivities,
  setCurrentDetails,
  TemporalFailure,
} from '@temporalio/workflow';
import type {
  EventsRead,
  SeatSyncActivities,
  SeatSyncInput,
  SeatSyncResult,
} from '../src/contracts/seat-sync.ts';
import { countOf } from '../src/domain/words.ts';
import { syncBounds } from './calls.ts';

/** Looks at the events of one sync; a window that is larger is read on by the next sync. */
const MAX_LOOKS = 5;
/** Codes that were redeemed late, and deals that are written, in one sync. */
const MAX_LATE = 50;
const MAX_SHOWN = 100;

/**
 * One look at what learners redeemed. What one part cannot do keeps the others from nothing, and makes the run a failed
 * one at its end.
 */
export async function syncSeats(input: SeatSyncInput): Promise<SeatSyncResult> {
  const activities = proxyActivities<SeatSyncActivities>(syncBounds(input.policy));
  const { platform, maxRequests, showEveryMs } = input;
  const failures: TemporalFailure[] = [];
  const attempt = async <T>(work: () => Promise<T>): Promise<T | null> => {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof TemporalFailure) || isCancellation(error)) throw error;
      log.warn('A part of the sync of seats failed', { platform, message: error.message });
      failures.push(error);
      return null;
    }
  };
  const events = await attempt(() => readEvents(activities, input));
  const left = Math.max(1, maxRequests - (events?.requests ?? 1));
  const counters = await attempt(() => activities.countRedemptions({ platform, maxRequests: left }));
  const late = await attempt(() => activities.settleLateRedemptions({ limit: MAX_LATE }));
  const shown = await attempt(() => activities.showSeatNumbers({ showEveryMs, limit: MAX_SHOWN }));
  const result = { events, counters, late, shown };
  setCurrentDetails(describe(result));
  const [failure] = failures;
  if (failure !== undefined) throw failure;
  return result;
}

/** At most half of the requests: the counters find what the events miss. */
async function readEvents(
  { readRedemptions }: SeatSyncActivities,
  { platform, overlapMs, maxRequests }: SeatSyncInput,
): Promise<EventsRead> {
  const allowed = Math.max(1, Math.floor(maxRequests / 2));
  let sum: EventsRead = { events: 0, recorded: 0, late: 0, foreign: 0, requests: 0, isComplete: false };
  for (let look = 1; look <= MAX_LOOKS; look += 1) {
    const maxPages = allowed - sum.requests;
    if (maxPages < 1) break;
    const read = await readRedemptions({ platform, overlapMs, maxPages });
    sum = {
      events: sum.events + read.events,
      recorded: sum.recorded + read.recorded,
      late: sum.late + read.late,
      foreign: sum.foreign + read.foreign,
      requests: sum.requests + read.requests,
      isComplete: read.isComplete,
    };
    if (read.isComplete) break;
  }
  return sum;
}

function describe({ events, counters, late, shown }: SeatSyncResult): string {
  const lines = [
    events === null
      ? 'The events could not be read.'
      : `${countOf(events.events, 'event')} read, ${countOf(events.recorded, 'new redemption')}${events.isComplete ? '' : '; the next sync reads on'}`,
    counters === null
      ? 'The counters of groups could not be read.'
      : `${countOf(counters.groups, 'group')} asked, ${countOf(counters.listed, 'list')} read, ${countOf(counters.recorded, 'new redemption')}`,
    late === null
      ? 'Late redemptions could not be settled.'
      : `Late redemptions: access of ${late.revoked} ended, ${late.allowed} counted, ${late.asked} asked about`,
    shown === null
      ? 'Deals could not be written.'
      : `${countOf(shown.shown, 'deal')} written, ${shown.failed} could not be`,
  ];
  return lines.map((line) => `- ${line}`).join('\n');
}
