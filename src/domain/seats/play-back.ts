import type { SeatState } from './seat-state.ts';

/** One event of a seat, as the ledger keeps it. */
export interface PlayedEvent {
  readonly version: number;
  readonly at: Date;
  /** The columns that it set, as JSON has them: instants are texts. */
  readonly changed: Readonly<Record<string, unknown>>;
}

/** A seat as its events tell it, instants as texts. What they never set is null. */
export interface PlayedSeat {
  readonly product_key: string;
  readonly state: SeatState;
  readonly version: number;
  readonly code_id: number | null;
  readonly learner_email: string | null;
  readonly learner_key: string | null;
  readonly learner_name: string | null;
  readonly contact_id: string | null;
  readonly state_since: string;
  readonly redeemed_at: string | null;
  readonly redeemer_user_id: string | null;
  readonly redeemer_email: string | null;
  readonly used_by_other: boolean;
  readonly access_until: string | null;
  readonly operation_id: string | null;
  readonly created_at: string;
  readonly ended_at: string | null;
  readonly ended_why: string | null;
}

const UNTOLD = {
  code_id: null,
  learner_email: null,
  learner_key: null,
  learner_name: null,
  contact_id: null,
  redeemed_at: null,
  redeemer_user_id: null,
  redeemer_email: null,
  used_by_other: false,
  access_until: null,
  operation_id: null,
  ended_at: null,
  ended_why: null,
};

/**
 * The seat that these events make, oldest first. Throws where one is missing, doubled or out of order. Which order a seat
 * belongs to and which seat came after it are not events of it.
 */
export function playBack(events: readonly PlayedEvent[]): PlayedSeat {
  const [first] = events;
  if (first === undefined) throw new Error('A seat without events cannot be played back');
  let seat: Record<string, unknown> = { ...UNTOLD, created_at: first.at.toISOString() };
  for (const [index, { version, at, changed }] of events.entries()) {
    if (version !== index + 1) throw new Error(`Event ${index + 1} of a seat has version ${version}`);
    const entered = 'state' in changed ? { state_since: at.toISOString() } : {};
    seat = { ...seat, ...changed, ...entered, version };
  }
  return seat as unknown as PlayedSeat;
}
