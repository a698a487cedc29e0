import type { SeatEnd, SeatState } from './seat-state.ts';

/** How people read the state of a seat. */
export const STATE_WORDS: Readonly<Record<SeatState, string>> = {
  free: 'Free',
  invited: 'Invited',
  exposed: 'Handed out',
  claimed: 'Accepted, not started',
  granting: 'Being set up',
  redeemed: 'In use',
  removing: 'Being removed',
  ended: 'Ended',
};

export const END_WORDS: Readonly<Record<SeatEnd, string>> = {
  withdrawn: 'withdrawn',
  revoked: 'removed',
  reassigned: 'given to another person',
  reissued: 'replaced by a new code',
  cancelled: 'cancelled',
  expired: 'expired',
  unsure: 'perhaps removed before the database was rebuilt',
};

/** `In use`, `Ended: removed`. */
export function seatWords(state: SeatState, endedWhy: SeatEnd | null): string {
  return state === 'ended' && endedWhy !== null
    ? `${STATE_WORDS.ended}: ${END_WORDS[endedWhy]}`
    : STATE_WORDS[state];
}
