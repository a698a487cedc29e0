import {
  ActivityFailure,
  ApplicationFailure,
  isCancellation,
  TemporalFailure,
  TimeoutFailure,
} from '@temporalio/workflow';
import { causesOf } from '../src/domain/causes.ts';
import {
  type FailureCode,
  failureClass,
  isFailureCode,
  type Problem,
  problem,
} from '../src/domain/failure.ts';
import { isTechnical, type Outage, outageOf } from '../src/domain/outage.ts';
import { withCure } from '../src/domain/words.ts';

/**
 * The value, or the problem that a person, another reading of the deal or time settles; other failures are thrown on.
 */
export async function orProblem<T>(
  work: Promise<T>,
): Promise<{ readonly value: T } | { readonly problem: Problem; readonly outage: Outage | null }> {
  try {
    return { value: await work };
  } catch (error) {
    if (!(error instanceof TemporalFailure) || isCancellation(error)) throw error;
    const found = problemOf(error);
    if (!isWaitedFor(found, error) && found.code !== 'deal.merged') throw error;
    return { problem: found, outage: outageIn(error) };
  }
}

/** What failed, as one problem: the outermost failure with a code of ours, in the words that the client chose. */
export function problemOf(error: unknown): Problem {
  const last = lastOwnFailure(error);
  if (last !== null && !isGivenUpPoll(error, last.code)) return problem(last.code, last.message);
  return isPoll(error)
    ? problem('lms.codes_never_listed', last?.message ?? 'The code list could not be read in time')
    : problem('run.step_failed', describe(error));
}

interface OwnFailure {
  readonly code: FailureCode;
  readonly message: string;
}

function lastOwnFailure(error: unknown): OwnFailure | null {
  for (const cause of causesOf(error)) {
    const found =
      cause instanceof ApplicationFailure
        ? { type: cause.type, message: cause.message }
        : cause instanceof TimeoutFailure
          ? failureBefore(cause)
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

/** A person can fix it while the run waits, or settle it, or it passes by itself: nothing is undone for it. */
function isWaitedFor({ code }: Problem, error: TemporalFailure): boolean {
  const its = failureClass(code);
  return its === 'attention' || its === 'ambiguous' || isTechnical(code) || hasTimedOut(error);
}

/** Which system was away until the step's time was over. A failure of one call is given up before, and is no outage. */
export function outageIn(error: TemporalFailure): Outage | null {
  return isBelieved(error) ? null : outageOf(problemOf(error).code);
}

/** The step gave up repeating it, because it is of one call or record and lasts. */
function isBelieved(error: TemporalFailure): boolean {
  return [...causesOf(error)].some(
    (cause) => cause instanceof ApplicationFailure && cause.nonRetryable === true,
  );
}

/** No worker took the step in time, or it never came to its end. */
function hasTimedOut(error: TemporalFailure): boolean {
  return error instanceof ActivityFailure && error.cause instanceof TimeoutFailure;
}

/**
 * A workflow hears of a retried failure only when its bound is reached. The poll's bound shows itself in two
 * shapes: between attempts as the last failure, during one as a time-out; both mean "never listed".
 */
function givenUp(code: FailureCode): FailureCode {
  return code === 'lms.codes_not_listed' ? 'lms.codes_never_listed' : code;
}

/** What is of the list itself is for a person to judge; an outage ends by itself. */
function isGivenUpPoll(error: unknown, code: FailureCode): boolean {
  return isPoll(error) && isTechnical(code) && outageOf(code) === null;
}

function isPoll(error: unknown): boolean {
  return error instanceof ActivityFailure && error.activityType === 'awaitCodes';
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { message } = [...causesOf(error)].at(-1) ?? error;
  return error instanceof ActivityFailure ? `${error.activityType}: ${message}` : message;
}

/** Ends the story of a run, which is then undone and says in `runFailure` how it ended. */
export function storyEnd({ code, message }: Problem): ApplicationFailure {
  return ApplicationFailure.create({ type: code, message, nonRetryable: true });
}

/** The failure a run ends with: type = code, the cure in its message, what was undone in its details. */
export function runFailure(found: Problem, details: object, cause?: unknown): ApplicationFailure {
  return ApplicationFailure.create({
    type: found.code,
    message: inWords(found),
    nonRetryable: true,
    details: [details],
    ...(cause instanceof Error ? { cause } : {}),
  });
}

function inWords({ message, cure }: Problem): string {
  return withCure(message, cure);
}
