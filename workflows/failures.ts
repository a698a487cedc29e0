import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/workflow';
import type { MessageOutcomes } from '../src/contracts/message-outcomes.ts';
import {
  type FailureCode,
  failureClass,
  isFailureCode,
  type Problem,
  problem,
} from '../src/domain/failure.ts';

/** What failed, as one problem: the outermost failure with a code of ours, in the words that the client chose. */
export function problemOf(error: unknown): Problem {
  const last = lastOwnFailure(error);
  if (last !== null && !isGivenUpPoll(error, last.code)) return problem(last.code, last.message);
  return isPoll(error)
    ? problem('lms.codes_never_listed', last?.message ?? 'The code list could not be read in time')
    : problem('run.step_failed', describe(error));
}

/** What a failed execution of `sendMessages` says of its messages. */
export function messageOutcomesOf(error: unknown): MessageOutcomes {
  for (let current: unknown = error; current instanceof Error; current = current.cause) {
    if (!(current instanceof ApplicationFailure)) continue;
    const [details] = (current.details ?? []) as { readonly messages?: MessageOutcomes }[];
    return details?.messages ?? {};
  }
  return {};
}

interface OwnFailure {
  readonly code: FailureCode;
  readonly message: string;
}

function lastOwnFailure(error: unknown): OwnFailure | null {
  for (let current: unknown = error; current instanceof Error; current = current.cause) {
    const found =
      current instanceof ApplicationFailure
        ? { type: current.type, message: current.message }
        : current instanceof TimeoutFailure
          ? failureBefore(current)
          : null;
    if (found && isFailureCode(found.type)) return { code: givenUp(found.type), message: found.message };
  }
  return null;
}

/** The attempt before a time-out. The SDK drops it from the error; the failure as the server sent it still has it. */
function failureBefore({ failure }: TimeoutFailure): { type: unknown; message: string } | null {
  const before = failure?.cause;
  return before ? { type: before.applicationFailureInfo?.type, message: before.message ?? '' } : null;
}

/** Problems that a person can fix while the run waits, or settle, where no look-up could. */
export function needsPerson({ code }: Problem): boolean {
  return failureClass(code) === 'attention' || failureClass(code) === 'ambiguous';
}

/**
 * A workflow hears of a retried failure only when its bound is reached. The poll's bound shows itself in two
 * shapes: between attempts as the last failure, during one as a time-out; both mean "never listed".
 */
function givenUp(code: FailureCode): FailureCode {
  return code === 'lms.codes_not_listed' ? 'lms.codes_never_listed' : code;
}

/** Nothing is lost by waiting for codes, so even an outage until the deadline is left to a person to judge. */
function isGivenUpPoll(error: unknown, code: FailureCode): boolean {
  return isPoll(error) && (failureClass(code) === 'retry' || failureClass(code) === 'later');
}

function isPoll(error: unknown): boolean {
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
