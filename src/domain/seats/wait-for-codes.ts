import type { CodesLook } from './code-group.ts';

/** Each gap is so much longer than the one before: a look comes late by half of the wait at most. */
const GROWTH = 1.5;
/** A list of so many codes more doubles the gaps: it takes longer to make, and a reading of it costs more. */
const SEATS_THAT_DOUBLE = 1_000;

export interface Gaps {
  readonly firstMs: number;
  readonly longestMs: number;
}

/** How long a list that was found short is left alone after look number `look`, from 1. */
export function gapAfterLook(look: number, seatCount: number, { firstMs, longestMs }: Gaps): number {
  const gapMs = firstMs * GROWTH ** (look - 1) * (1 + seatCount / SEATS_THAT_DOUBLE);
  return Math.round(Math.min(longestMs, gapMs));
}

/**
 * Whether a look at the first page is reason to read the whole list, which then proves it. Where more pages follow only
 * the platform's `total` says how many codes there are, and some platforms misreport it: one that contradicts its own
 * page, or that stands still from look to look, is no reason to wait.
 */
export function isWorthReading(look: CodesLook, seatCount: number, totalBefore: number | null): boolean {
  const { codes, hasMore, total } = look;
  if (codes.length >= seatCount) return true;
  if (!hasMore) return false;
  return total === null || total <= codes.length || total >= seatCount || total === totalBefore;
}

/** As far as one look tells. */
export function listedCount({ codes, hasMore, total }: CodesLook): number {
  return hasMore && total !== null ? Math.max(total, codes.length) : codes.length;
}
