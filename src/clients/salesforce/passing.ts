import type { FailureCode } from '../../domain/failure.ts';
import type { SalesforceCall } from './call.ts';
import type { SalesforceFault } from './faults.ts';

/**
 * The one list of what passes by itself, of the error codes that Salesforce publishes (`ExceptionCode` and `StatusCode` of
 * its WSDLs, and the error codes of its REST API).
 */

const minute = 60_000;
const DAILY_LIMIT_PAUSE_MS = 15 * minute;
const CONCURRENCY_PAUSE_MS = minute / 2;
const MAIL_LIMIT_PAUSE_MS = 60 * minute;

export interface Passing {
  readonly code: FailureCode;
  readonly retryAfterMs?: number;
  readonly mayPass?: boolean;
}

/** Another transaction has the record: nothing was written. */
const LOCKED = [
  'UNABLE_TO_LOCK_ROW',
  'RECORD_IN_USE_BY_WORKFLOW',
  'TERRITORY_REALIGN_IN_PROGRESS',
  'ENTITY_FAILED_IFLASTMODIFIED_ON_UPDATE',
];
/** Of the whole org, as long as it takes: nothing was carried out. */
const AWAY = [
  'API_CURRENTLY_DISABLED',
  'FUNCTIONALITY_TEMPORARILY_UNAVAILABLE',
  'INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE',
  'ORG_IN_MAINTENANCE',
  'ORG_NOT_OWNED_BY_INSTANCE',
  'SSO_SERVICE_DOWN',
  'TXN_SECURITY_METERING_ERROR',
];
/** Of the whole org too, but it may have stopped in the middle. */
const OVERLOADED = ['SERVER_UNAVAILABLE'];
/** This call took too long or met an accident, and may have been carried out. */
const STOPPED = [
  'QUERY_TIMEOUT',
  'REQUEST_RUNNING_TOO_LONG',
  'UNKNOWN_EXCEPTION',
  'INTERNAL_ERROR',
  'ERROR_IN_MAILER',
  'EMAIL_EXTERNAL_TRANSPORT_CONNECTION_ERROR',
  'EMAIL_EXTERNAL_TRANSPORT_UNKNOWN_ERROR',
];
/** A service beside the org, such as the one that looks for duplicates, kept the record from being written. */
const UNCHECKED = ['MATCH_SERVICE_ERROR', 'MATCH_SERVICE_TIMED_OUT', 'MATCH_SERVICE_UNAVAILABLE_ERROR'];
const BUSY = [
  'EXCEEDED_RATE_LIMIT',
  'TOO_MANY_APEX_REQUESTS',
  'TOO_MANY_JOBS',
  'EMAIL_EXTERNAL_TRANSPORT_TOO_MANY_REQUESTS_ERROR',
];
const MAILS_USED_UP = ['SINGLE_EMAIL_LIMIT_EXCEEDED', 'MASS_MAIL_LIMIT_EXCEEDED'];

/** What the code alone says; null: it does not pass by itself. */
export function passingOf({ code, message }: SalesforceFault, call: SalesforceCall): Passing | null {
  const inDoubt = call.effect === 'create';
  if (LOCKED.includes(code)) return { code: 'crm.conflict' };
  if (AWAY.includes(code)) return { code: 'crm.unavailable' };
  if (OVERLOADED.includes(code)) return { code: inDoubt ? 'crm.outcome_unknown' : 'crm.unavailable' };
  if (STOPPED.includes(code))
    return { code: inDoubt ? 'crm.outcome_unknown' : 'crm.unavailable', mayPass: true };
  if (UNCHECKED.includes(code)) return { code: 'crm.unavailable', mayPass: true };
  if (BUSY.includes(code)) return { code: 'crm.rate_limited', retryAfterMs: CONCURRENCY_PAUSE_MS };
  if (MAILS_USED_UP.includes(code)) return { code: 'crm.rate_limited', retryAfterMs: MAIL_LIMIT_PAUSE_MS };
  if (code !== 'REQUEST_LIMIT_EXCEEDED') return null;
  const isConcurrent = /concurrent/i.test(message);
  return {
    code: 'crm.rate_limited',
    retryAfterMs: isConcurrent ? CONCURRENCY_PAUSE_MS : DAILY_LIMIT_PAUSE_MS,
  };
}

/** As the status alone: no error entry came with it. */
export const TOO_MANY_REQUESTS: Passing = { code: 'crm.rate_limited', retryAfterMs: DAILY_LIMIT_PAUSE_MS };

const WORDS = [
  'unable to obtain exclusive access',
  'currently being modified by another user',
  'running for too long',
  'CPU time limit exceeded',
  'Read timed out',
  'ConcurrentPerOrg\\w*',
];
const INSIDE = new RegExp(
  `(?:^|\\W)(?:${[...LOCKED, ...AWAY, ...OVERLOADED, ...STOPPED, ...UNCHECKED, ...WORDS].join('|')})(?:\\W|$)`,
  'i',
);

/**
 * A trigger or flow of the org met one of these: nothing was written, because its transaction is taken back as a whole. It
 * may be a fault of the trigger as well.
 */
export function isPassingInside({ message }: SalesforceFault): boolean {
  return INSIDE.test(message);
}
