import type { Policy } from './policy.ts';

/** Name that the schedule and the workflow share. */
export const SYNC_SEATS = 'syncSeats';

/** Id of the schedule, and stem of the ids of its runs. */
export function seatSyncId(platform: string): string {
  return `seats:${platform}`;
}

export interface SeatSyncBounds {
  /** Of the learning platform, in one sync: what the events leave is for the counters of groups. */
  readonly maxRequests: number;
  /** How far behind its last look each look at the events begins: the platform may show some late. */
  readonly overlapMs: number;
  /** How often at most a deal is written for its numbers. */
  readonly showEveryMs: number;
}

export interface SeatSyncInput extends SeatSyncBounds {
  /** Name of the learning platform. */
  readonly platform: string;
  readonly policy: Policy;
}

export interface SeatSyncResult {
  readonly events: EventsRead | null;
  readonly counters: CountersRead | null;
  readonly late: LateSettled | null;
  readonly shown: NumbersShown | null;
}

/** How many redemptions were heard of for the first time, and how many of these were of codes that must not be used. */
export interface Redeemed {
  readonly recorded: number;
  readonly late: number;
}

export interface EventsRead extends Redeemed {
  readonly events: number;
  /** Of codes that Dealseat did not make. */
  readonly foreign: number;
  /** Calls of the platform, about. */
  readonly requests: number;
  /** False: the window is read on by the next look. */
  readonly isComplete: boolean;
}

export interface CountersRead extends Redeemed {
  readonly groups: number;
  /** Groups whose list was read, because their counter had changed. */
  readonly listed: number;
  readonly requests: number;
}

export interface LateSettled {
  readonly revoked: number;
  readonly allowed: number;
  /** People are asked about these. */
  readonly asked: number;
}

export interface NumbersShown {
  readonly shown: number;
  /** Deals that the CRM does not show any more, or that it did not let us write. */
  readonly failed: number;
}

/** All may be repeated at any point. */
export interface SeatSyncActivities {
  /** Read, then recorded. */
  readRedemptions(
    input: Pick<SeatSyncInput, 'platform' | 'overlapMs'> & { readonly maxPages: number },
  ): Promise<EventsRead>;
  /** Read, then recorded: groups in rotation. */
  countRedemptions(
    input: Pick<SeatSyncInput, 'platform'> & { readonly maxRequests: number },
  ): Promise<CountersRead>;
  /**
   * Ends access, counts a seat or asks a person, by the rule of the catalog: of codes that were redeemed late, and of seats
   * that ended in use.
   */
  settleLateRedemptions(input: { readonly limit: number }): Promise<LateSettled>;
  /** Overwrite. */
  showSeatNumbers(
    input: Pick<SeatSyncInput, 'showEveryMs'> & { readonly limit: number },
  ): Promise<NumbersShown>;
}
