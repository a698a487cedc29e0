const DAY_MS = 24 * 60 * 60 * 1_000;

/** What a product grants, in time: one of the two at most. */
export interface AccessTerms {
  readonly access_days: number | null;
  readonly access_until: Date | null;
}

interface Access {
  /** As it was set for the seat itself. */
  readonly access_until: Date | null;
  readonly redeemed_at: Date | null;
}

/** When the access of a seat in use ends, as far as Dealseat knows; null: by no day that it knows of. */
export function accessEndOf(seat: Access, terms: AccessTerms | null): Date | null {
  if (seat.access_until !== null) return seat.access_until;
  return seat.redeemed_at === null || terms === null ? null : accessEndFrom(seat.redeemed_at, terms);
}

/** The end of an access that begins now. */
export function accessEndFrom(begin: Date, { access_days, access_until }: AccessTerms): Date | null {
  if (access_until !== null) return access_until;
  return access_days === null ? null : new Date(begin.getTime() + access_days * DAY_MS);
}
