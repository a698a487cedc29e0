import { Context } from '@temporalio/activity';
import { type Gaps, gapAfterLook } from '../src/domain/seats/wait-for-codes.ts';

/** Temporal's own first pause is about as long. */
const SHORT_READING_MS = 1_000;

/**
 * Between the pauses of the step's own retries. `readingMs`: how long it took to find the list short. Undefined: Temporal's
 * own first pause, where it did not tell the attempt how long that is.
 */
export function pauseAfterShortList(seatCount: number, readingMs = 0): number | undefined {
  const gaps = gapsOfRetries();
  // A list of many pages is left alone for as long as its reading took: the platform's requests are for all deals.
  if (gaps === null) return readingMs > SHORT_READING_MS ? readingMs : undefined;
  const { attempt } = Context.current().info;
  return Math.max(gapAfterLook(attempt, seatCount, gaps), readingMs);
}

/** Null: Temporal leaves the retry policy out when it sends an attempt out with the turn that asks for it. */
export function gapsOfRetries(): Gaps | null {
  const { retryPolicy } = Context.current().info;
  if (retryPolicy?.initialInterval === undefined) return null;
  const firstMs = Number(retryPolicy.initialInterval);
  return { firstMs, longestMs: Number(retryPolicy.maximumInterval ?? firstMs) };
}
