/** The terms of a code group that say how long a learner has access. At most one is set. */
export interface AccessTerms {
  /** Days of 24 hours from the redemption. */
  readonly days: number | null;
  readonly until: Date | null;
}

const DAY_MS = 24 * 60 * 60 * 1_000;

/** When the access that a redemption gave ends. Null: never, or it is not known since when. */
export function accessUntil({ days, until }: AccessTerms, redeemedAt: Date | null): Date | null {
  if (until !== null) return until;
  if (days === null || redeemedAt === null) return null;
  return new Date(redeemedAt.getTime() + days * DAY_MS);
}
