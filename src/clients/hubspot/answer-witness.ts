import { DealseatError } from '../../domain/failure.ts';
import type { Call } from '../call.ts';
import {
  type Answer,
  failureOfAnswer,
  failureOfSilence,
  failureOfUnlistedSuccess,
  unreadable,
} from './failures.ts';

export function isSuccess(status: number): boolean {
  return status >= 200 && status <= 299;
}

/** The parts of the client's response context that we look at. */
interface ResponseContext {
  readonly httpStatusCode: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: { text(): Promise<string> };
}

/**
 * Middleware that keeps the answer as it came. The client's own errors lose the status (no content type, bad
 * JSON), drop fields they do not know (`policyName` of a 429) and carry all headers in their message.
 */
export class AnswerWitness {
  #answer: Answer | null = null;
  readonly #onHeaders: (headers: Answer['headers']) => void;

  constructor(onHeaders: (headers: Answer['headers']) => void) {
    this.#onHeaders = onHeaders;
  }

  pre(context: unknown): unknown {
    return context;
  }

  async post(context: unknown): Promise<unknown> {
    const { httpStatusCode, headers, body } = context as ResponseContext;
    this.#onHeaders(headers);
    // Bodies of successes hold file links and contacts, and are not needed to explain anything.
    const bodyText = isSuccess(httpStatusCode) ? '' : await body.text();
    this.#answer = { status: httpStatusCode, headers, bodyText };
    return context;
  }

  get status(): number | null {
    return this.#answer?.status ?? null;
  }

  get contentType(): string | null {
    return this.#answer?.headers['content-type'] ?? null;
  }

  explain(call: Call, error: unknown): unknown {
    if (error instanceof DealseatError) return error;
    if (this.#answer !== null && !isSuccess(this.#answer.status)) return failureOfAnswer(call, this.#answer);
    if (this.#answer !== null && isApiException(error))
      return failureOfUnlistedSuccess(call, this.#answer.status);
    // The client has no error type for a missing content type, XML or bad JSON.
    if (this.#answer !== null) return unreadable(call, this.status, this.contentType);
    const code = systemErrorCode(error);
    // No answer and no broken connection: a bug, ours or the client's, and it stays one.
    if (code === null) return error;
    return failureOfSilence(call, {
      reason: NEVER_CONNECTED.has(code) ? `no connection (${code})` : `connection lost (${code})`,
      mayHaveBeenSent: !NEVER_CONNECTED.has(code),
      cause: error,
    });
  }
}

/** Node's codes for: there was no connection, so there was no request. */
const NEVER_CONNECTED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/** Node's errors of sockets and TLS carry a text code; the client's own errors carry a number or nothing. */
function systemErrorCode(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}

/** By shape: the client has one class for each API module and exports none of them. */
function isApiException(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  return 'code' in error && typeof error.code === 'number' && 'body' in error;
}
