import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';
import { DealseatError, FAILURES, IS_REPEATED } from '../domain/failure.ts';

/** The one place where our failures become Temporal's: type = code, class -> retry or not. */
export function toApplicationFailure(error: DealseatError, pollIntervalMs?: number): ApplicationFailure {
  const isWaiting = error.code === 'lms.codes_not_listed';
  const delayMs = error.retryAfterMs ?? (isWaiting ? pollIntervalMs : undefined);
  return ApplicationFailure.create({
    type: error.code,
    // The cause stays behind: vendor errors carry whole answers, and answers carry codes and tokens.
    message: error.message,
    nonRetryable: error.isBelieved || !(error.mayPass || IS_REPEATED[error.class]),
    details: [{ class: error.class, cure: FAILURES[error.code].cure }],
    // Temporal takes a pause of nothing for the end of all attempts.
    ...(delayMs === undefined ? {} : { nextRetryDelay: Math.max(1, delayMs) }),
    // Waiting for codes is no fault: neither an alarm in the log nor in the metrics.
    ...(isWaiting ? { category: ApplicationFailureCategory.BENIGN } : {}),
  });
}

/** Converts what activities throw; what is not ours passes as it is, because a bug must look like one. */
export const convertFailures: ActivityInboundCallsInterceptor = {
  async execute(input, next) {
    try {
      return await next(input);
    } catch (error) {
      throw error instanceof DealseatError ? toApplicationFailure(error) : error;
    }
  },
};
