import { momentInWords } from '../texts/days.ts';
import { doerOf } from './operation-words.ts';
import type { Actor } from './seat-state.ts';

/** What a person may decide about a code that was taken back and redeemed all the same. */
export const LATE_DECISIONS = ['keep', 'end', 'count'] as const;

export type LateDecision = (typeof LATE_DECISIONS)[number];

const DECIDED: Readonly<Record<LateDecision, string>> = {
  keep: 'the learner keeps the access',
  end: 'the access ends',
  count: 'the learner takes one of the sold seats',
};

/** `Kim Vale decided on 29 Nov 2026, 21:41 UTC that the access ends`. */
export function decidedInWords(decision: LateDecision, actor: Actor, at: Date): string {
  return `${doerOf(actor)} decided on ${momentInWords(at.getTime())} that ${DECIDED[decision]}`;
}
