import { DealseatError, type FailureCode } from '../../domain/failure.ts';
import type { TransportError } from '../http.ts';
import type { BudgetExceeded } from '../request-budget.ts';
import { type Answer, beginningOf, type TiCall } from './call.ts';
import { errorText, reportsErrors } from './error-messages.ts';
import { namesRecord } from './layers.ts';

/**
 * Every way in which a call to the platform can fail, told in our taxonomy. Nothing else in this client chooses
 * a failure code for a status.
 *
 * A create call has one rule of its own: `lms.outcome_unknown` whenever the platform may have made the record.
 * Only an answer of the platform that refuses the request, or a connection that never came about, proves that
 * it did not.
 */

/** No turn within the time the caller is willing to wait: nothing was sent. */
export function outOfBudget(call: TiCall, error: BudgetExceeded): DealseatError {
  return new DealseatError({
    code: 'lms.rate_limited',
    message: `${beginningOf(call)} was not sent: ${error.message}`,
    retryAfterMs: error.retryAfterMs,
    cause: error,
  });
}

/** No whole answer came. */
export function noAnswer(call: TiCall, error: TransportError): DealseatError {
  const code: FailureCode = error.reason === 'too_large' ? 'lms.bad_response' : 'lms.unavailable';
  return new DealseatError({
    code: error.mayHaveBeenSent ? unlessCreate(call, code) : code,
    message: `Thought Industries: ${call.name}: ${error.message}`,
    tookMs: error.tookMs,
    cause: error,
  });
}

/** What is wrong with an answer, or null when its body may be read for what was asked. */
export function refusal(
  call: TiCall,
  answer: Answer,
  context: {
    readonly retryAfterMs: number | null;
    readonly tookMs: number;
    readonly secrets: readonly string[];
  },
): DealseatError | null {
  const code = codeOf(call, answer);
  if (code === null) return null;
  return new DealseatError({
    code,
    message: describe(call, answer, code, context.secrets),
    retryAfterMs: context.retryAfterMs ?? undefined,
    tookMs: context.tookMs,
    mayPass: isSeenForAMoment(answer),
  });
}

/**
 * Good keys are refused for a moment too, what was just made is not found everywhere yet, and a state that stands in the
 * way may change. None of these answers is given after the request was carried out.
 */
function isSeenForAMoment({ status, isHtml }: Answer): boolean {
  return status === 401 || status === 404 || status === 409 || (status === 403 && isHtml);
}

/** A well-formed answer that does not hold what it should. `what` names fields, never their values. */
export function unreadable(call: TiCall, what: string): DealseatError {
  return new DealseatError({
    code: unlessCreate(call, 'lms.bad_response'),
    message: `${beginningOf(call)}: ${what}`,
  });
}

/** The call was answered, but with no list of codes in any known place. */
export function noCodeList(call: TiCall): DealseatError {
  return new DealseatError({
    code: 'lms.codes_path_missing',
    message: `${beginningOf(call)}: the answer has no list under redemptionCodes, codes, data or items (check TI_CODES_PATH)`,
  });
}

/** The configuration says that this tenant lists none, so it is not asked. */
export function unlisted(groupId: string): DealseatError {
  return new DealseatError({
    code: 'lms.codes_path_missing',
    message: `Thought Industries: the codes of group ${groupId} are not listed by API on this tenant (TI_CODES_PATH=none)`,
  });
}

/** The platform answered the ping and said that the key is not valid. */
export function invalidKey(call: TiCall): DealseatError {
  return new DealseatError({
    code: 'lms.unauthorized',
    message: `${beginningOf(call)} answered that the key is not valid (check TI_API_KEY)`,
    mayPass: true,
  });
}

function codeOf(call: TiCall, answer: Answer): FailureCode | null {
  const { status } = answer;
  if (status >= 500) return unlessCreate(call, 'lms.unavailable');
  if (status >= 400) return codeOfClientError(call, status);
  // A redirect is never followed (it could carry the key to another host), so the call was not answered.
  if (status < 200 || status >= 300) return unlessCreate(call, 'lms.bad_response');
  if (answer.json === undefined) {
    return unlessCreate(call, answer.isHtml ? 'lms.unavailable' : 'lms.bad_response');
  }
  if (!reportsErrors(answer.json)) return null;
  // With an id there is a record, though perhaps not the one asked for: looking it up compares it with what was asked.
  if (call.effect === 'create' && namesRecord(answer.json)) return 'lms.outcome_unknown';
  return call.whenPartial ?? call.whenRefused ?? 'lms.rejected';
}

function codeOfClientError(call: TiCall, status: number): FailureCode {
  switch (status) {
    case 401:
      return 'lms.unauthorized';
    case 403:
      return 'lms.forbidden';
    case 404:
    case 405:
    case 410:
      return call.whenMissing ?? 'lms.not_found';
    case 408:
      return unlessCreate(call, 'lms.unavailable');
    case 423:
    case 425:
      return 'lms.unavailable';
    case 429:
      return 'lms.rate_limited';
    default:
      return call.whenRefused ?? 'lms.rejected';
  }
}

function unlessCreate(call: TiCall, code: FailureCode): FailureCode {
  return call.effect === 'create' ? 'lms.outcome_unknown' : code;
}

function describe(call: TiCall, answer: Answer, code: FailureCode, secrets: readonly string[]): string {
  const text = call.secrets === 'all' ? '' : errorText(answer.json, [...secrets, ...(call.secrets ?? [])]);
  const said = text || kindOfBody(answer);
  const advice = adviceFor(answer.status, code);
  return `${beginningOf(call)} answered ${answer.status}${said && `: ${said}`}${advice && ` (${advice})`}`;
}

function kindOfBody({ json, isHtml, status }: Answer): string {
  if (isHtml) return 'an HTML page, probably of a proxy';
  if (json === undefined && status >= 200 && status < 300) return 'no readable JSON';
  return '';
}

function adviceFor(status: number, code: FailureCode): string {
  if (status >= 300 && status < 400) {
    return 'a redirect, which is not followed: set TI_BASE_URL to the host that answers itself';
  }
  switch (code) {
    case 'lms.unauthorized':
      return 'check TI_API_KEY';
    case 'lms.not_found':
      return 'check TI_BASE_URL, or whether an admin removed the group';
    case 'lms.codes_path_missing':
      return 'check TI_CODES_PATH';
    default:
      return '';
  }
}
