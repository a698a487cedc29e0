import type { SeatEnd } from '../seats/seat-state.ts';

/** What is wrong with a seat, and what cures it. Neither codes nor addresses stand in it. */
export interface FindingText {
  readonly text: string;
  readonly cure: string;
}

/** Why a code must not be used any more, as the past of its seat. */
const TAKEN: Readonly<Record<SeatEnd | 'spare', string>> = {
  withdrawn: 'was withdrawn',
  revoked: 'was taken back',
  reassigned: 'was given to someone else under another code',
  reissued: 'was replaced by another code',
  cancelled: 'was cancelled with the deal',
  expired: 'has expired',
  unsure: 'may have been taken back before the database was rebuilt',
  spare: 'was not given to anyone',
};

/** A code that was taken back is in use. */
export function lateRedemptionFinding(title: string, why: SeatEnd | 'spare'): FindingText {
  return {
    text: `A learner redeemed a code of ${title} although its seat ${TAKEN[why]}.`,
    cure: 'Ask the owner of the deal whether the learner keeps the access, then settle it with `dealseat seats settle`.',
  };
}

/** A seat ended in the store, and nothing was ended at the platform. */
export function accessLeftFinding(title: string, why: SeatEnd): FindingText {
  return {
    text: `A learner may still have access to ${title} although the seat ${TAKEN[why]}.`,
    cure: 'Ask the owner of the deal whether the learner keeps the access, then settle it with `dealseat seats settle`.',
  };
}

/** The deal of the seats is gone, was merged, or does not let Dealseat write. `why`: what the CRM said. */
export function numbersNotShownFinding(dealName: string, why: string): FindingText {
  return {
    text: `The deal ${dealName} does not show how many of its seats are used: ${why}`,
    cure: 'If the deal was deleted or merged, nothing is to be done. Otherwise let Dealseat write on it; the numbers are written when a seat changes.',
  };
}

/** One person used two codes of one product. */
export function twoSeatsFinding(title: string): FindingText {
  return {
    text: `A learner redeemed a second code of ${title} and uses two seats of the deal.`,
    cure: 'Ask the customer for whom the second seat was meant, then reassign it.',
  };
}
