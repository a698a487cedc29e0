import { DealseatError } from '../../domain/failure.ts';
import type { HttpResponse, TransportError } from '../http.ts';
import type { SalesforceCall } from './call.ts';
import { faultsOf, type SalesforceFault } from './faults.ts';
import { fieldAdvice } from './fields.ts';
import { isPassingInside, type Passing, passingOf, TOO_MANY_REQUESTS } from './passing.ts';

/** The one place where what Salesforce answers becomes a Dealseat failure. */

interface Verdict extends Passing {
  readonly advice?: string;
}

/** An answer with a status of 300 or more. */
export function failureOfAnswer(response: HttpResponse, call: SalesforceCall): DealseatError {
  if (response.status < 400) return redirected(response, call);
  return failureOfFaults(faultsOf(response.body), call, response.status) ?? failureOfStatus(response, call);
}

/** The error entries of an answer, of an item in a collection, or of an action's result; null: there are none. */
export function failureOfFaults(
  faults: readonly SalesforceFault[],
  call: SalesforceCall,
  status: number,
): DealseatError | null {
  const fault = faults.find((candidate) => verdictOf(candidate, call) !== null) ?? faults[0];
  return fault === undefined ? null : failureOfFault(fault, call, status);
}

function failureOfFault(fault: SalesforceFault, call: SalesforceCall, status: number): DealseatError {
  const verdict = verdictOf(fault, call) ?? verdictOfStatus(status, call);
  return failure(call, `${status} ${describeFault(fault, call)}`, verdict);
}

/** No whole answer came. */
export function failureOfTransport(error: TransportError, call: SalesforceCall): DealseatError {
  const isUnknown = call.effect === 'create' && error.mayHaveBeenSent;
  const code = isUnknown
    ? 'crm.outcome_unknown'
    : error.reason === 'too_large'
      ? 'crm.bad_response'
      : 'crm.unavailable';
  return new DealseatError({
    code,
    message: `Salesforce: ${call.name}: ${error.message}`,
    tookMs: error.tookMs,
    cause: error,
  });
}

/** A successful status with a body that is not what the call promises. */
export function unreadable(call: SalesforceCall, found: string): DealseatError {
  const code = call.effect === 'create' ? 'crm.outcome_unknown' : 'crm.bad_response';
  return failure(call, `unreadable answer: ${found}`, { code });
}

/** A call that is told to wait for longer than all its attempts may take would not be repeated at all. */
const MAX_PAUSE_MS = 60 * 60_000;

function failureOfStatus(response: HttpResponse, call: SalesforceCall): DealseatError {
  const isPage = /^\s*</.test(response.body.subarray(0, 200).toString());
  const kind = isPage ? 'an HTML page' : 'no error entry';
  const verdict = verdictOfStatus(response.status, call);
  const retryAfterSeconds = Number(response.headers['retry-after']);
  return failure(call, `${response.status} with ${kind}`, {
    ...verdict,
    // A page is of the edge or of a proxy.
    ...(isPage && verdict.code === 'crm.forbidden' ? { mayPass: true } : {}),
    ...(verdict.code === 'crm.rate_limited' && retryAfterSeconds > 0
      ? { retryAfterMs: Math.min(retryAfterSeconds * 1_000, MAX_PAUSE_MS) }
      : {}),
  });
}

/** The org does not answer under this host: nothing was carried out, but a login page is no answer either. */
function redirected(response: HttpResponse, call: SalesforceCall): DealseatError {
  if (response.status === 300) {
    return failure(call, '300: several records match', { code: 'crm.invalid_request' });
  }
  return failure(call, `redirected (${response.status}) to ${hostOf(response.headers.location)}`, {
    code: 'crm.bad_response',
    advice: 'If it lasts, SALESFORCE_LOGIN_URL is not the My Domain host of the org.',
  });
}

function verdictOf(fault: SalesforceFault, call: SalesforceCall): Verdict | null {
  const passing = passingOf(fault, call);
  if (passing !== null) return passing;
  switch (fault.code) {
    case 'INVALID_SESSION_ID':
      return isHopelessSession(fault)
        ? { code: 'crm.unauthorized', advice: "Check the app's policies for the REST API and IP ranges." }
        : { code: 'crm.session_expired' };
    case 'NOT_FOUND':
    case 'ENTITY_IS_DELETED':
    case 'INVALID_CROSS_REFERENCE_KEY':
      return { code: call.whenMissing ?? 'crm.not_found', advice: 'Check the id and the sharing rules.' };
    case 'INVALID_QUERY_LOCATOR':
      return { code: 'crm.bad_response', advice: 'The list ran out while it was read.' };
    case 'TXN_SECURITY_NO_ACCESS':
    case 'TXN_SECURITY_RUNTIME_EXCEPTION':
      return {
        code: 'crm.forbidden',
        advice: 'Exempt the integration user from the transaction security policy.',
        mayPass: true,
      };
    case 'STORAGE_LIMIT_EXCEEDED':
      return { code: 'crm.storage_full', advice: 'Setup > Storage Usage shows what takes the room.' };
    case 'INVALID_FIELD':
      return fieldVerdict(fault, call);
    case 'INVALID_FIELD_FOR_INSERT_UPDATE':
      return {
        code: 'crm.field_missing',
        advice: `Give the integration user edit access to ${fault.fields.join(', ') || 'the field'} of ${call.object}.`,
      };
    case 'INVALID_TYPE':
      return {
        code: 'crm.forbidden',
        advice: `Give the integration user access to ${call.object} and what belongs to it.`,
      };
    case 'API_DISABLED_FOR_ORG':
    case 'FUNCTIONALITY_NOT_ENABLED':
      return { code: 'crm.forbidden', advice: 'The edition or the user lacks this feature.' };
    case 'GONE':
    case 'UNSUPPORTED_API_VERSION':
      return { code: 'crm.invalid_request', advice: 'Set SALESFORCE_API_VERSION to 66.0.' };
    case 'INVALID_EMAIL_ADDRESS':
      return {
        code: call.whenRefused ?? 'crm.invalid_request',
        advice: 'Correct the e-mail address of the contact.',
      };
    default:
      if (fault.code.startsWith('INSUFFICIENT_ACCESS'))
        return { code: 'crm.forbidden', advice: `Give the integration user the right to ${call.name}.` };
      return isPassingInside(fault)
        ? { code: call.whenRefused ?? 'crm.invalid_request', mayPass: true }
        : null;
  }
}

function verdictOfStatus(status: number, call: SalesforceCall): Verdict {
  if (status === 401) return { code: 'crm.unauthorized', mayPass: true };
  if (status === 403) return { code: 'crm.forbidden' };
  if (status === 404) return { code: call.whenMissing ?? 'crm.not_found' };
  if (status === 409 || status === 412) return { code: 'crm.conflict' };
  if (status === 410) return { code: 'crm.invalid_request', advice: 'Set SALESFORCE_API_VERSION to 66.0.' };
  // 420: Salesforce's edge found no route to the org, so the request reached nobody.
  if (status === 420) return { code: 'crm.unavailable' };
  if (status === 429) return TOO_MANY_REQUESTS;
  // A gateway gives up on calls that the org goes on with, so a create may have happened.
  if (status >= 500) return { code: call.effect === 'create' ? 'crm.outcome_unknown' : 'crm.unavailable' };
  return { code: call.whenRefused ?? 'crm.invalid_request' };
}

function fieldVerdict(fault: SalesforceFault, call: SalesforceCall): Verdict {
  const [, compared] = /field '([^']+)' can not be filtered/.exec(fault.message) ?? [];
  if (compared !== undefined) {
    const advice = `Field ${compared} of ${call.object} is of a type that cannot be compared. ${fieldAdvice(call.object, compared)}`;
    return { code: 'crm.field_missing', advice };
  }
  const named = /No such column '([^']+)' on (?:entity|sobject of type) '?(\w+)/.exec(fault.message);
  const field = named?.[1] ?? fault.fields[0];
  const object = named?.[2] ?? call.object;
  if (field === undefined) return { code: 'crm.field_missing' };
  return {
    code: 'crm.field_missing',
    advice: `Field ${field} of ${object} does not exist or is hidden. ${fieldAdvice(object, field)}`,
  };
}

/** 401s that a new token does not cure: the app or its network policy is at fault. */
function isHopelessSession(fault: SalesforceFault): boolean {
  return /not valid for use with the REST API|not attached to Agent/i.test(fault.message);
}

function describeFault(fault: SalesforceFault, call: SalesforceCall): string {
  const fields = fault.fields.length > 0 ? ` (${fault.fields.join(', ')})` : '';
  return `${fault.code}${fields}${quote(fault, call)}`;
}

/** Salesforce says these of a record or of a right, in sentences of its own or an admin's, and quotes no value. */
const QUOTES_NO_VALUE =
  /^(?:FIELD_INTEGRITY_EXCEPTION|DUPLICATES_DETECTED|ENTITY_IS_LOCKED|REQUIRED_FIELD_MISSING|INSUFFICIENT_ACCESS.*)$/;

/** Links, and words with a digit or with capitals side by side, as codes have them: should it quote one after all. */
function masked(words: string): string {
  return words
    .replace(/https?:\/\/\S+/gi, '[link]')
    .replace(/[\w+/=-]{4,}/g, (word) => (/\d|[A-Z]{2}/.test(word) ? '[…]' : word));
}

/** Salesforce's own words, as far as they cannot echo a secret that we sent. */
function quote(fault: SalesforceFault, call: SalesforceCall): string {
  // Salesforce quotes the value in some messages (STRING_TOO_LONG does); a validation rule is an admin's fixed sentence.
  const isSecret = call.secrets === 'all' && fault.code !== 'FIELD_CUSTOM_VALIDATION_EXCEPTION';
  if (isSecret && !QUOTES_NO_VALUE.test(fault.code)) return '';
  // A bad field is answered with the whole query; the verdict names the field instead.
  if (fault.code === 'INVALID_FIELD') return '';
  if (call.secrets !== 'all' && call.secrets?.some((secret) => fault.message.includes(secret))) return '';
  const words = (isSecret ? masked(fault.message) : fault.message)
    .replace(/\s+/g, ' ')
    .replace(/[^\s@<>"']+@[^\s@<>"']+/g, '[address]')
    .trim()
    .slice(0, 300);
  return words === '' ? '' : ` "${words}"`;
}

function failure(call: SalesforceCall, found: string, verdict: Verdict): DealseatError {
  const advice = verdict.advice === undefined ? '' : `. ${verdict.advice}`;
  return new DealseatError({
    code: verdict.code,
    message: `Salesforce: ${call.name}: ${found}${advice}`,
    retryAfterMs: verdict.retryAfterMs,
    mayPass: verdict.mayPass,
  });
}

function hostOf(location: string | undefined): string {
  return location !== undefined && URL.canParse(location) ? new URL(location).host : 'another page';
}
