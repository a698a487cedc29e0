/** What a person may decide about a code that was taken back and redeemed all the same. */
export const LATE_DECISIONS = ['keep', 'end', 'count'] as const;

export type LateDecision = (typeof LATE_DECISIONS)[number];
