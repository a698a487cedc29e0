import { momentInWords } from '../texts/days.ts';
import { doerOf } from './operation-words.ts';
import type { Actor } from './seat-state.ts';

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

const DECIDED: Readonly<Record<LateDecision, string>> = {
  keep: 'the learner keeps the access',
  end: 'the access ends',
  count: 'the learner takes one of the sold seats',
};

/** `Kim Vale decided on 29 Nov 2026, 21:41 UTC that the access ends`. */
export function decidedInWords(decision: LateDecision, actor: Actor, at: Date): string {
  return `${doerOf(actor)} decided on ${momentInWords(at.getTime())} that ${DECIDED[decision]}`;
}
