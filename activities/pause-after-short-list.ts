import { Context } from '@temporalio/activity';
import { type Gaps, gapAfterLook } from '../src/domain/seats/wait-for-codes.ts';

/** Between the pauses of the step's own retries. `readingMs`: how long it took to find the list short. */
export function pauseAfterShortList(seatCount: number, readingMs = 0): number {
  const { attempt } = Context.current().info;
  // A list of many pages is left alone for as long as its reading took: the platform's requests are for all deals.
  return Math.max(gapAfterLook(attempt, seatCount, gapsOfRetries()), readingMs);
}

export function gapsOfRetries(): Gaps {
  const { retryPolicy } = Context.current().info;
  const firstMs = Number(retryPolicy?.initialInterval ?? 0);
  return { firstMs, longestMs: Number(retryPolicy?.maximumInterval ?? firstMs) };
}
