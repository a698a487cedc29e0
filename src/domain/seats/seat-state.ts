/**
 * A seat is one person's entitlement to one product of one order. A code, or access that was given directly, only fills
 * it: a seat that ends stays as it is, and a new free one takes its place.
 */
export const SEAT_STATES = [
  /** Nobody has it. */
  'free',
  /** Offered to a person who has not accepted yet. */
  'invited',
  /** Its code was handed out: in a roster, a message, an export. */
  'exposed',
  /** Accepted, and not redeemed yet. */
  'claimed',
  /** Access is being given directly. */
  'granting',
  /** In use. */
  'redeemed',
  /** Access is being taken away. */
  'removing',
  /** Over. Kept for its history. */
  'ended',
] as const;

export type SeatState = (typeof SEAT_STATES)[number];

/** Why a seat ended. `unsure`: perhaps it did; the database was lost, and nothing else tells. */
export type SeatEnd =
  | 'withdrawn'
  | 'revoked'
  | 'reassigned'
  | 'reissued'
  | 'cancelled'
  | 'expired'
  | 'unsure';

/** From which states each state may be entered. `ended` is never left. */
export const ENTERED_FROM: Readonly<Record<SeatState, readonly SeatState[]>> = {
  free: ['invited', 'granting'],
  // From `removing` and `granting` back to where it was, when the platform refuses.
  invited: ['free', 'removing'],
  exposed: ['free', 'invited', 'removing'],
  claimed: ['free', 'invited', 'exposed', 'removing'],
  granting: ['free', 'invited', 'claimed'],
  // Whoever has a code may redeem it, whatever the ledger says of the seat.
  redeemed: ['free', 'invited', 'exposed', 'claimed', 'granting', 'removing'],
  removing: ['invited', 'exposed', 'claimed', 'redeemed'],
  ended: ['free', 'invited', 'exposed', 'claimed', 'granting', 'redeemed', 'removing'],
};

type SeatUse = 'used' | 'reserved' | 'free' | 'ended';

/** How the seat counts: `used + reserved + free` is what was sold. */
export const USE_OF: Readonly<Record<SeatState, SeatUse>> = {
  free: 'free',
  invited: 'reserved',
  exposed: 'reserved',
  claimed: 'used',
  granting: 'used',
  redeemed: 'used',
  removing: 'used',
  ended: 'ended',
};

export interface SeatCounts {
  readonly sold: number;
  readonly used: number;
  readonly reserved: number;
  readonly free: number;
}

export function countSeats(states: Iterable<readonly [SeatState, number]>): SeatCounts {
  const counts = { sold: 0, used: 0, reserved: 0, free: 0 };
  for (const [state, count] of states) {
    const use = USE_OF[state];
    if (use === 'ended') continue;
    counts[use] += count;
    counts.sold += count;
  }
  return counts;
}

/** Who did it. `system`: Dealseat by a rule; `crm`: somebody who edited a record; `platform`: a learner, at the platform. */
export interface Actor {
  readonly kind: 'system' | 'crm' | 'platform' | 'person' | 'api';
  /** A name for people, such as an operator's or a partner's; null: not known. */
  readonly name: string | null;
}

export const DEALSEAT: Actor = { kind: 'system', name: null };

/** What happened to a seat, in the words of the ledger. */
export type SeatEventKind =
  | 'created'
  | 'asked'
  | 'assigned'
  | 'unassigned'
  | 'exposed'
  | 'redeemed'
  | 'granting'
  | 'granted'
  | 'removing'
  | 'kept'
  | 'access_changed'
  | 'code_changed'
  | 'flagged'
  | 'ended';

/** Compared, never shown: without outer blanks, in one Unicode form, in lower case. */
export function emailKey(email: string): string {
  return email.normalize('NFKC').trim().toLowerCase();
}
