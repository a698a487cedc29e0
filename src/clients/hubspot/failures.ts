import { DealseatError, type FailureCode } from '../../domain/failure.ts';
import type { Call } from '../call.ts';
import { type HubSpotErrorBody, type HubSpotErrorEntry, parseErrorBody } from './error-body.ts';

export interface Answer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly bodyText: string;
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
/** HubSpot asks for at least two seconds before a locked record is tried again. */
const LOCKED_PAUSE_MS = 2 * SECOND_MS;
/** The burst window is ten seconds, and rolls. */
const BURST_PAUSE_MS = 10 * SECOND_MS;
/** The daily quota returns at midnight of the portal; an hourly look costs nearly nothing. */
const DAILY_PAUSE_MS = 60 * MINUTE_MS;
/** A portal that moves to another data centre is away for up to a day. */
const MOVING_PAUSE_MS = 5 * MINUTE_MS;

const LOCKED = 423;
const TOO_EARLY = 425;
const PORTAL_MOVING = 477;
/** HubSpot documents neither this status nor its body, which are known from reports: the body is what tells. */
const PORTAL_ELSEWHERE = 488;
/** Cloudflare could not reach HubSpot itself (521, 523): nothing was carried out. */
const NEVER_REACHED = new Set([521, 523]);

/** HubSpot answered with another status than success: the one place that maps it to the taxonomy. */
export function failureOfAnswer(call: Call, answer: Answer): DealseatError {
  const { status } = answer;
  const body = parseErrorBody(answer.bodyText);
  const found = describe(call, status, body);
  const fail = (code: FailureCode, message: string, retryAfterMs?: number) =>
    new DealseatError({ code, message, retryAfterMs });
  const failForNow = (code: FailureCode) => new DealseatError({ code, message: found, mayPass: true });

  // HubSpot refuses good tokens for a moment too.
  if (status === 401) return failForNow('crm.unauthorized');
  // A page is of the edge or of a proxy.
  if (status === 403 && /^\s*</.test(answer.bodyText)) return failForNow('crm.forbidden');
  if (status === 403) return fail('crm.forbidden', found + scopeHint(body));
  if (status === 404) return fail(call.whenMissing ?? 'crm.not_found', found);
  if (status === 409) return fail('crm.conflict', found);
  if (status === LOCKED) return fail('crm.conflict', found, retryAfter(answer) ?? LOCKED_PAUSE_MS);
  if (status === 429) return fail('crm.rate_limited', found, retryAfter(answer) ?? quotaPause(body));
  if (status === PORTAL_MOVING) {
    const hint = ' The portal is moving to another data centre.';
    return fail('crm.unavailable', found + hint, retryAfter(answer) ?? MOVING_PAUSE_MS);
  }
  if (status === PORTAL_ELSEWHERE || body.dataCenter !== null) {
    return fail('crm.unavailable', found + elsewhereHint(body), retryAfter(answer) ?? MOVING_PAUSE_MS);
  }
  if (NEVER_REACHED.has(status)) return fail('crm.unavailable', found);
  if (status === TOO_EARLY) return fail('crm.unavailable', found, retryAfter(answer) ?? undefined);
  if (status === 408 || status >= 500) return unknownUnlessRepeatable(call, 'crm.unavailable', found);
  return refusedValue(call, body, found);
}

/**
 * What an entry of a batch answer (207) says, by the status that HubSpot gives its category where it stands alone. Of
 * several, one that a person must mend decides over those that pass.
 */
export function failureOfEntries(call: Call, entries: readonly HubSpotErrorEntry[]): DealseatError | null {
  const failures = entries.map((entry) => {
    const category = entry.category ?? 'UNKNOWN';
    const found = `HubSpot: ${call.name}: ${category} for ${entry.ids.slice(0, 5).join(', ') || 'some of them'}.`;
    const status = STATUS_OF_CATEGORY[category];
    if (status !== undefined) {
      const answer = { status, headers: {}, bodyText: '' };
      const { code, retryAfterMs, mayPass } = failureOfAnswer(call, answer);
      return new DealseatError({ code, message: found, retryAfterMs, mayPass });
    }
    // HubSpot documents no list of its categories.
    return new DealseatError({
      code: call.whenRefused ?? 'crm.invalid_request',
      message: found,
      mayPass: true,
    });
  });
  const forPeople = failures.filter(({ class: its }) => its === 'attention');
  return forPeople.find(({ mayPass }) => !mayPass) ?? forPeople[0] ?? failures[0] ?? null;
}

/** The categories that reports of HubSpot's answers show. */
const STATUS_OF_CATEGORY: Readonly<Record<string, number>> = {
  CONFLICT: 409,
  OBJECT_ALREADY_EXISTS: 409,
  LOCKED: LOCKED,
  RATE_LIMIT: 429,
  RATE_LIMITS: 429,
  INVALID_AUTHENTICATION: 401,
  EXPIRED_AUTHENTICATION: 401,
  MISSING_SCOPES: 403,
  FORBIDDEN: 403,
  BANNED: 403,
  OBJECT_NOT_FOUND: 404,
  VALIDATION_ERROR: 400,
  INTERNAL_ERROR: 500,
  SERVICE_UNAVAILABLE: 503,
  TIMEOUT: 504,
};

/**
 * HubSpot answered with a success code that the client does not list for this call, and the client threw. A write
 * is most likely done; only reading back tells.
 */
export function failureOfUnlistedSuccess(call: Call, status: number): DealseatError {
  return new DealseatError({
    code: call.effect === 'read' ? 'crm.bad_response' : 'crm.outcome_unknown',
    message: `HubSpot: ${call.name}: HubSpot answered with success code ${status}, which is not the one it documents.`,
  });
}

/** HubSpot answered with a success whose body cannot be read. */
export function unreadable(call: Call, status: number | null, contentType: string | null): DealseatError {
  const what = `status ${status ?? 'unknown'}, content type ${contentType ?? 'absent'}`;
  return unknownUnlessRepeatable(
    call,
    'crm.bad_response',
    `HubSpot: ${call.name}: the answer cannot be read (${what}).`,
  );
}

/** HubSpot's answer was left unread, because it is larger than any that we can use. */
export function failureOfOversize(call: Call, maxBytes: number): DealseatError {
  const message = `HubSpot: ${call.name}: the answer has more than ${maxBytes} bytes.`;
  return unknownUnlessRepeatable(call, 'crm.bad_response', message);
}

/** No whole answer came. `mayHaveBeenSent` is false only when no connection was made. */
export function failureOfSilence(
  call: Call,
  silence: {
    readonly reason: string;
    readonly mayHaveBeenSent: boolean;
    readonly tookMs?: number;
    readonly cause?: unknown;
  },
): DealseatError {
  const message = `HubSpot: ${call.name}: ${silence.reason}.`;
  if (!silence.mayHaveBeenSent)
    return new DealseatError({ code: 'crm.unavailable', message, cause: silence.cause });
  return unknownUnlessRepeatable(call, 'crm.unavailable', message, silence);
}

function unknownUnlessRepeatable(
  call: Call,
  code: FailureCode,
  message: string,
  { tookMs, cause }: { readonly tookMs?: number; readonly cause?: unknown } = {},
): DealseatError {
  const its = call.effect === 'create' ? 'crm.outcome_unknown' : code;
  return new DealseatError({ code: its, message, tookMs, cause });
}

function refusedValue(call: Call, body: HubSpotErrorBody, found: string): DealseatError {
  const unknown = body.propertyErrors.filter(({ error }) => error === 'PROPERTY_DOESNT_EXIST');
  if (unknown.length > 0) {
    const names = unknown.map(({ property }) => `"${property}"`).join(', ');
    return new DealseatError({
      code: 'crm.field_missing',
      message: `HubSpot: ${call.name}: the portal has no property ${names}. Run \`dealseat doctor --fix\` to create it.`,
    });
  }
  return new DealseatError({ code: call.whenRefused ?? 'crm.invalid_request', message: found });
}

const MAX_MESSAGE_LENGTH = 300;

/** Only HubSpot's own message, category and correlation id, shortened: bodies and headers hold tokens and data. */
function describe(call: Call, status: number, body: HubSpotErrorBody): string {
  const category = body.category ?? body.policyName;
  const head = `HubSpot: ${call.name}: status ${status}${category === null ? '' : ` ${category}`}`;
  const tail = body.correlationId === null ? '' : ` (correlation id ${shorten(body.correlationId)})`;
  return `${head}${detail(call, body)}${tail}.`;
}

function detail(call: Call, body: HubSpotErrorBody): string {
  if (body.propertyErrors.length > 0) {
    const list = body.propertyErrors.map(({ property, error }) => `property "${property}": ${error}`);
    return `: ${shorten(list.join('; '))}`;
  }
  if (body.message === null || holdsSecret(body.message, call)) return '';
  return `: ${shorten(body.message).replace(/\.$/, '')}`;
}

/** HubSpot quotes the value that it refuses. */
function holdsSecret(message: string, { secrets = [] }: Call): boolean {
  return secrets === 'all' || secrets.some((secret) => message.includes(secret));
}

/** Mostly it passes by itself after a move; a token from before the move goes astray until it is replaced. */
function elsewhereHint({ dataCenter }: HubSpotErrorBody): string {
  const isName = dataCenter !== null && /^[a-z]{2,3}\d{1,2}$/.test(dataCenter);
  const host = isName ? ` or set HUBSPOT_BASE_URL to https://api-${dataCenter}.hubapi.com,` : '';
  return (
    ` The portal lives in ${isName ? `data centre ${dataCenter}` : 'another data centre'}, where this request did not go.` +
    ` If it lasts, make a new access token in HubSpot,${host} and restart.`
  );
}

function scopeHint(body: HubSpotErrorBody): string {
  if (body.requiredScopes.length === 0) return '';
  return ` The token needs one of the scopes ${body.requiredScopes.join(', ')}.`;
}

function shorten(text: string): string {
  return text.length <= MAX_MESSAGE_LENGTH ? text : `${text.slice(0, MAX_MESSAGE_LENGTH)}…`;
}

/** A call that is told to wait for longer than all its attempts may take would not be repeated at all. */
const MAX_PAUSE_MS = 60 * MINUTE_MS;

/** In seconds. Documented for 477 only, but honoured wherever it comes. */
function retryAfter({ headers }: Answer): number | null {
  const seconds = Number(headers['retry-after'] ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds * SECOND_MS, MAX_PAUSE_MS) : null;
}

function quotaPause(body: HubSpotErrorBody): number {
  if (body.policyName === 'DAILY') return DAILY_PAUSE_MS;
  return body.policyName === 'SECONDLY' ? SECOND_MS : BURST_PAUSE_MS;
}

/** For `catch`: what is not there counts as `value`. */
export function unlessMissing<T>(value: T): (error: unknown) => T {
  return (error) => {
    const isMissing =
      error instanceof DealseatError &&
      (error.code === 'crm.not_found' || error.code === 'crm.deal_not_found');
    if (isMissing) return value;
    throw error;
  };
}
