import type { LookUps, Patience } from './activities.ts';
import type { Policy } from './policy.ts';

/** Name that the schedule and the workflow share. */
export const NUDGE_DEALS = 'nudgeDeals';

/** Id of the schedule, and stem of the ids of its runs. */
export const NUDGES_ID = 'seats-nudges';

export interface NudgeInput {
  readonly policy: Policy;
}

export interface NudgeResult {
  /** Deals that were looked at. */
  readonly orders: number;
  /** Nudges that went out. */
  readonly sent: number;
  /** Nudges that reached no one, or may not have. */
  readonly skipped: number;
  /** Deals whose CRM took no nudge: they are looked at again on the next day. */
  readonly left: number;
  /** Every deal was looked at. */
  readonly isComplete: boolean;
}

/** Holds ids of the store alone: neither addresses nor codes. */
export interface NudgeSomeInput extends LookUps, Patience {
  /** Id of the last order that was looked at; 0: none yet. */
  readonly after: number;
  readonly orders: number;
  /** So many nudges end the look. */
  readonly nudges: number;
}

export interface NudgedSome extends Omit<NudgeResult, 'isComplete'> {
  /** Where the next look goes on; null: all orders were looked at. */
  readonly next: number | null;
}

export interface NudgeActivities {
  /** Sends what is due for the next deals. Safe to repeat: what may be out already is looked for first. */
  nudgeSomeDeals(input: NudgeSomeInput): Promise<NudgedSome>;
}
