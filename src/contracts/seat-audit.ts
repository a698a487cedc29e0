import type { Policy } from './policy.ts';

/** Name that the schedule and the workflow share. */
export const AUDIT_SEATS = 'auditSeats';

/** Id of the schedule, and stem of the ids of its runs. */
export const SEAT_AUDIT_ID = 'seats-audit';

export interface SeatAuditInput {
  /** Of the learning platform, in one night: what is left is looked at in the next one. */
  readonly maxRequests: number;
  readonly policy: Policy;
}

export interface SeatAuditResult {
  readonly orders: number;
  readonly requests: number;
  readonly findings: number;
  /** Every order was looked at. */
  readonly isComplete: boolean;
}

export interface SeatAuditActivities {
  /** Compares deal, platform and store of the next orders. Changes nothing but findings; safe to repeat. */
  auditSomeSeats(input: { readonly limit: number; readonly maxRequests: number }): Promise<SeatAuditResult>;
}
