/** What a person may decide about access that nobody should have: by a code that was taken back, or of a seat that ended. */
export const LATE_DECISIONS = ['keep', 'end', 'count'] as const;

export type LateDecision = (typeof LATE_DECISIONS)[number];

/** Why the rule of the catalog, or what a person decided, could not be followed. */
export type LateObstacle =
  /** The platform does not say who redeemed. */
  | 'unknown_learner'
  /** The learner has the same content by another seat. */
  | 'other_seat'
  /** The platform has no call for it, or refused. */
  | 'not_ended'
  /** All seats are given to others. */
  | 'no_free_seat';

/** `gone`: the learner has no access that comes from the seat alone. An obstacle: a person is asked, because of it. */
export type AccessLeftOutcome = 'revoked' | 'allowed' | 'gone' | 'asked' | LateObstacle;
