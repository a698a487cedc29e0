import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure, TimeoutFailure } from '@temporalio/common';
import { causesOf } from '../domain/causes.ts';
import { DealseatError, isFailureCode } from '../domain/failure.ts';

/**
 * Why a dry run failed, in the words of the client that failed: whoever asked for it waits for the answer. A run's
 * failure reaches people through the deal instead.
 */
export function previewFailure(error: unknown): unknown {
  if (!(error instanceof WorkflowFailedError)) return error;
  const causes = [...causesOf(error)];
  for (const cause of causes) {
    if (cause instanceof ApplicationFailure && isFailureCode(cause.type)) {
      return new DealseatError({ code: cause.type, message: cause.message, cause: error });
    }
  }
  return causes.some((cause) => cause instanceof TimeoutFailure)
    ? new DealseatError({
        code: 'crm.unavailable',
        message: 'The deal could not be read in time',
        cause: error,
      })
    : error;
}
