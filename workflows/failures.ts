import { ActivityFailure, ApplicationFailure } from '@temporalio/workflow';
import {
  type FailureCode,
  failureClass,
  isFailureCode,
  type Problem,
  problem,
} from '../src/domain/failure.ts';

/** What failed, as one problem: the outermost failure with a code of ours, in the words that the client chose. */
export function problemOf(error: unknown): Problem {
  for (let current: unknown = error; current instanceof Error; current = current.cause) {
    if (current instanceof ApplicationFailure && isFailureCode(current.type)) {
      return problem(givenUp(current.type), current.message);
    }
  }
  return waitedForCodes(error)
    ? problem('lms.codes_never_listed', 'The code list could not be read in time')
    : problem('run.step_failed', describe(error));
}

/** Problems that a person can fix while the run waits. */
export function needsPerson({ code }: Problem): boolean {
  return failureClass(code) === 'attention';
}

/**
 * A workflow hears of a retried failure only when its bound is reached. The poll's bound shows itself in two
 * shapes: between attempts as the last failure, during one as a time-out; both mean "never listed".
 */
function givenUp(code: FailureCode): FailureCode {
  return code === 'lms.codes_not_listed' ? 'lms.codes_never_listed' : code;
}

function waitedForCodes(error: unknown): boolean {
  return error instanceof ActivityFailure && error.activityType === 'awaitCodes';
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const message = rootCause(error).message;
  return error instanceof ActivityFailure ? `${error.activityType}: ${message}` : message;
}

function rootCause(error: Error): Error {
  return error.cause instanceof Error ? rootCause(error.cause) : error;
}

/** The failure a run ends with: type = code, the cure in its message, what was undone in its details. */
export function runFailure(
  { code, message, cure }: Problem,
  details: object,
  cause?: unknown,
): ApplicationFailure {
  return ApplicationFailure.create({
    type: code,
    message: `${message}. ${cure}`,
    nonRetryable: true,
    details: [details],
    ...(cause instanceof Error ? { cause } : {}),
  });
}
