import { isCancellation, TemporalFailure } from '@temporalio/workflow';
import type { Problem } from '../src/domain/failure.ts';
import { needsPerson, problemOf } from './failures.ts';

/** The value, or the problem that a person or another reading of the deal settles; other failures are thrown on. */
export async function attempt<T>(work: Promise<T>): Promise<{ value: T } | { problem: Problem }> {
  try {
    return { value: await work };
  } catch (error) {
    if (!(error instanceof TemporalFailure) || isCancellation(error)) throw error;
    const found = problemOf(error);
    if (!needsPerson(found) && found.code !== 'deal.merged') throw error;
    return { problem: found };
  }
}
