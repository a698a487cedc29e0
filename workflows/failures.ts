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
import { withCure } from '../src/domain/words.ts';

/**
 * The value, or the problem that a person or another reading of the deal settles; other failures are thrown on.
 */
export async function orProblem<T>(
  work: Promise<T>,
): Promise<{ readonly value: T } | { readonly problem: Problem }> {
  try {
    return { value: await work };
  } catch (error) {
    if (!(error instanceof TemporalFailure) || isCancellation(error)) throw error;
    const found = problemOf(error);
    if (!needsPerson(found, error) && found.code !== 'deal.merged') throw error;
    return { problem: found };
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

/** Problems that a person can fix while the run waits, or settle, where neither a look-up nor a repeat could. */
function needsPerson({ code }: Problem, error: TemporalFailure): boolean {
  const its = failureClass(code);
  return its === 'attention' || its === 'ambiguous' || (its === 'retry' && isBelieved(error));
}

/** The step gave up repeating it, because it is of one call or record and lasts. */
function isBelieved(error: TemporalFailure): boolean {
  return [...causesOf(error)].some(
    (cause) => cause instanceof ApplicationFailure && cause.nonRetryable === true,
  );
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
