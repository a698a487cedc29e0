import {
  type Client,
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
} from '@temporalio/client';
import type { SeatsConfig } from '../config/config.ts';
import type { Policy } from '../contracts/policy.ts';
import { type SeatSyncInput, SYNC_SEATS, seatSyncId } from '../contracts/seat-sync.ts';

interface SeatSyncScheduleOptions {
  readonly client: Client;
  readonly taskQueue: string;
  readonly policy: Policy;
  readonly seats: SeatsConfig;
  /** Of the learning platform, in all. */
  readonly requestsPerMinute: number;
}

const MINUTE_MS = 60_000;

/** One request for the events, and one for a group. */
const LEAST_REQUESTS = 2;

/** What one sync may ask of the platform: its share of the requests in one interval. */
function requestsPerSync(
  { intervalMs, requestsPercent }: Pick<SeatsConfig, 'intervalMs' | 'requestsPercent'>,
  requestsPerMinute: number,
): number {
  const share = (requestsPerMinute * (intervalMs / MINUTE_MS) * requestsPercent) / 100;
  return Math.max(LEAST_REQUESTS, Math.floor(share));
}

/** Makes the schedule that follows one learning platform; an existing one takes over the settings, and stays paused if it is. */
export async function ensureSeatSyncSchedule(
  options: SeatSyncScheduleOptions,
  platform: string,
): Promise<void> {
  const { client } = options;
  const scheduleId = seatSyncId(platform);
  try {
    await client.schedule.create({ scheduleId, ...settings(options, platform) });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    await client.schedule
      .getHandle(scheduleId)
      .update(({ state }) => ({ ...settings(options, platform), state }));
  }
}

/** Syncs now, or lets the sync at work do so. False: there is no schedule. */
export async function triggerSeatSync(client: Client, platform: string): Promise<boolean> {
  try {
    await client.schedule.getHandle(seatSyncId(platform)).trigger(ScheduleOverlapPolicy.BUFFER_ONE);
    return true;
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return false;
    throw error;
  }
}

function settings(
  { taskQueue, policy, seats, requestsPerMinute }: SeatSyncScheduleOptions,
  platform: string,
) {
  const { intervalMs, overlapMs, showEveryMs } = seats;
  const maxRequests = requestsPerSync(seats, requestsPerMinute);
  const input: SeatSyncInput = { platform, maxRequests, overlapMs, showEveryMs, policy };
  return {
    spec: { intervals: [{ every: intervalMs }] },
    policies: {
      // The next one does what a missed one would have done.
      overlap: ScheduleOverlapPolicy.SKIP,
      catchupWindow: '1 minute' as const,
      pauseOnFailure: false,
    },
    action: {
      type: 'startWorkflow' as const,
      workflowType: SYNC_SEATS,
      workflowId: seatSyncId(platform),
      taskQueue,
      args: [input],
      staticSummary: `Sync of seats with ${platform}`,
      staticDetails: `Records what learners redeemed in ${platform}, settles late redemptions, and shows the numbers on the deals.`,
    },
  };
}
