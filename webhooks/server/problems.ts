import type { FastifyReply } from 'fastify';
import { DealseatError, type FailureCode } from '../../src/domain/failure.ts';
import { TemporalUnavailableError } from '../../src/runs/port.ts';
import { SEAT_REQUEST_FAULTS, SeatRequestError } from '../../src/seats/seat-request-error.ts';
import { OperationsRefused, type Refusal } from '../../src/store/operations-refused.ts';

/** Every code that the webhook server itself answers with; failures of a run keep the codes of `FAILURES`. */
export const WEBHOOK_PROBLEMS = {
  'webhook.malformed': { status: 400, title: 'The request cannot be read.' },
  'webhook.signature_invalid': { status: 401, title: 'The signature is missing or wrong.' },
  'webhook.stale': {
    status: 401,
    title: 'The signature is right but its time is not within five minutes of now.',
  },
  'webhook.unauthorized': { status: 401, title: 'The credentials are missing or wrong.' },
  'webhook.forbidden': { status: 403, title: 'The key does not open this.' },
  'webhook.wrong_account': {
    status: 403,
    title: 'The message comes from an account that is not served here.',
  },
  'webhook.not_found': { status: 404, title: 'There is nothing at this address.' },
  'webhook.unknown_provisioning': { status: 404, title: 'No run of that deal is on record.' },
  'webhook.timeout': { status: 408, title: 'The request took too long to arrive.' },
  'webhook.too_large': { status: 413, title: 'The body is too large.' },
  'webhook.unsupported_media_type': { status: 415, title: 'The body has the wrong content type.' },
  'webhook.crm_off': { status: 422, title: 'That CRM is not configured here.' },
  'webhook.rate_limited': { status: 429, title: 'Too many requests.' },
  'webhook.headers_too_large': { status: 431, title: 'The request headers are too large.' },
  'webhook.internal': { status: 500, title: 'The request failed for a reason that no rule foresees.' },
  'webhook.no_store': { status: 503, title: 'This server has no database of seats open.' },
  'webhook.not_taken': {
    status: 503,
    title: 'The events could not be taken now; send the request again.',
  },
  'temporal.unavailable': {
    status: 503,
    title: 'Temporal does not accept work now; send the request again.',
  },
} as const satisfies Record<string, { readonly status: number; readonly title: string }>;

export type WebhookProblemCode = keyof typeof WEBHOOK_PROBLEMS;

export interface FieldFault {
  readonly field: string;
  readonly message: string;
}

interface ProblemDetails {
  /** What this caller did wrong and what was expected. Never repeats credentials, nor what may hold them. */
  readonly detail?: string;
  readonly errors?: readonly FieldFault[];
  readonly retryAfterSeconds?: number;
}

/** Thrown by routes and hooks, answered as problem+json. */
export class WebhookProblem extends Error {
  readonly code: WebhookProblemCode;
  readonly details: ProblemDetails;

  constructor(code: WebhookProblemCode, details: ProblemDetails = {}) {
    super(details.detail ?? WEBHOOK_PROBLEMS[code].title);
    this.name = 'WebhookProblem';
    this.code = code;
    this.details = details;
  }
}

/** RFC 9457 body; `code` is stable and what programs branch on. */
export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail?: string;
  readonly errors?: readonly FieldFault[];
}

interface Answer {
  readonly body: ProblemBody;
  readonly retryAfterSeconds: number | null;
}

const RETRY_AFTER_SECONDS = 30;

export function sendProblem(reply: FastifyReply, error: unknown): FastifyReply {
  const { body, retryAfterSeconds } = toAnswer(error);
  if (retryAfterSeconds !== null) reply.header('retry-after', retryAfterSeconds);
  if (body.status === 401) reply.header('www-authenticate', 'Bearer');
  return reply.code(body.status).type('application/problem+json; charset=utf-8').send(JSON.stringify(body));
}

export function toAnswer(error: unknown): Answer {
  if (error instanceof WebhookProblem) return webhookAnswer(error.code, error.details);
  if (error instanceof TemporalUnavailableError) return webhookAnswer('temporal.unavailable', {});
  if (error instanceof SeatRequestError) return requestAnswer(error);
  if (error instanceof DealseatError) return failureAnswer(error);
  return webhookAnswer(codeOfFrameworkError(error), {});
}

function webhookAnswer(code: WebhookProblemCode, details: ProblemDetails): Answer {
  const { status, title } = WEBHOOK_PROBLEMS[code];
  const { detail, errors, retryAfterSeconds } = details;
  return {
    body: {
      ...problemHead(code, status, title),
      ...(detail === undefined ? {} : { detail }),
      ...(errors === undefined ? {} : { errors }),
    },
    retryAfterSeconds: retryAfterSeconds ?? (status === 503 ? RETRY_AFTER_SECONDS : null),
  };
}

function requestAnswer({ code, message }: SeatRequestError): Answer {
  const { status, title } = SEAT_REQUEST_FAULTS[code];
  return { body: { ...problemHead(code, status, title), detail: message }, retryAfterSeconds: null };
}

/** A dry run reads the CRM while the caller waits, so the CRM's failures reach the caller. */
function failureAnswer(error: DealseatError): Answer {
  const waitSeconds =
    error.retryAfterMs === undefined ? RETRY_AFTER_SECONDS : Math.ceil(error.retryAfterMs / 1_000);
  const isPassing = error.class === 'retry' || error.class === 'later';
  return {
    body: {
      ...problemHead(error.code, failureStatus(error, isPassing), failureTitle(error)),
      detail: error.message,
      ...(error instanceof OperationsRefused ? { errors: error.refusals.map(rowFault) } : {}),
    },
    retryAfterSeconds: isPassing ? waitSeconds : null,
  };
}

function rowFault({ index, code, message }: Refusal): FieldFault {
  return { field: `operations.${index}`, message: `${code}: ${message}` };
}

function failureTitle({ code }: DealseatError): string {
  if (code.startsWith('seat.')) return 'What was asked of the seat cannot be done.';
  if (code.startsWith('store.')) return 'The database of seats cannot be used now.';
  return 'The deal could not be read or planned.';
}

function failureStatus(error: DealseatError, isPassing: boolean): number {
  if (error.code === 'crm.deal_not_found') return 404;
  if (error.code === 'plan.changed') return 409;
  if (isSeatCode(error.code)) return SEAT_STATUS[error.code] ?? 409;
  return isPassing ? 503 : 502;
}

type SeatCode = Extract<FailureCode, `seat.${string}`>;

/** Those of the others: it is the seat, as it is now, that does not allow it. */
const SEAT_STATUS: Readonly<Partial<Record<SeatCode, number>>> = {
  'seat.not_found': 404,
  'seat.bad_person': 422,
  'seat.bad_date': 422,
  'seat.id_used': 422,
};

function isSeatCode(code: FailureCode): code is SeatCode {
  return code.startsWith('seat.');
}

function problemHead(code: string, status: number, title: string) {
  return { type: `urn:dealseat:problem:${code}`, title, status, code };
}

/** Fastify's own refusals; their messages repeat parts of the request, so only the kind of error is kept. */
function codeOfFrameworkError(error: unknown): WebhookProblemCode {
  const { code, statusCode } = (error ?? {}) as { readonly code?: unknown; readonly statusCode?: unknown };
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return 'webhook.too_large';
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return 'webhook.unsupported_media_type';
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) return 'webhook.malformed';
  return 'webhook.internal';
}
