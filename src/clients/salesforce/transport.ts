import { PassThrough } from 'node:stream';
import type { HttpRequest as JsforceRequest, HttpResponse as JsforceResponse } from 'jsforce';
import { Transport } from 'jsforce/lib/transport.js';
import { StreamPromise } from 'jsforce/lib/util/promise.js';
import { parseJson } from '../../domain/parse-json.ts';
import { type HttpRequest, type HttpResponse, httpRequest, TransportError } from '../http.ts';
import type { SalesforceCall } from './call.ts';
import { failureOfAnswer, failureOfTransport, unreadable } from './failures.ts';

interface TransportOptions {
  readonly call: SalesforceCall;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * jsforce's way out to HTTP, replaced. Its own repeats calls, follows a redirect of a POST as a GET, waits for
 * ever on a stalled body, and ends the process when a connection is cut inside a body. Ours makes one attempt
 * with one deadline, and everything but a whole, readable success becomes a Dealseat failure right here, where
 * the status is still known: jsforce's errors do not carry it.
 */
export class BufferedTransport extends Transport {
  readonly #options: TransportOptions;

  constructor(options: TransportOptions) {
    super();
    this.#options = options;
  }

  override httpRequest(request: JsforceRequest): StreamPromise<JsforceResponse> {
    // jsforce pipes through the stream only for callers that stream, which we are not.
    return StreamPromise.create(() => ({ stream: new PassThrough(), promise: this.#send(request) }));
  }

  async #send(request: JsforceRequest): Promise<JsforceResponse> {
    const { call, timeoutMs, signal } = this.#options;
    let response: HttpResponse;
    try {
      response = await httpRequest({ ...translate(request), timeoutMs, signal });
    } catch (error) {
      throw error instanceof TransportError ? failureOfTransport(error, call) : error;
    }
    if (response.status >= 300) throw failureOfAnswer(response, call);
    return {
      statusCode: response.status,
      // jsforce parses only what is declared as JSON and hands everything else on as a string.
      headers: { ...response.headers, 'content-type': 'application/json' },
      body: response.status === 204 ? '' : jsonText(response, call),
    };
  }
}

function translate(request: JsforceRequest): Pick<HttpRequest, 'method' | 'url' | 'headers' | 'body'> {
  const { method, url, body } = request;
  if (
    method !== 'GET' &&
    method !== 'POST' &&
    method !== 'PUT' &&
    method !== 'PATCH' &&
    method !== 'DELETE'
  ) {
    throw new TypeError(`jsforce sent an unforeseen ${method}`);
  }
  if (body !== undefined && body !== null && typeof body !== 'string') {
    throw new TypeError('jsforce sent a body that is not text');
  }
  const { 'content-length': _, ...headers } = request.headers ?? {};
  return { method, url, headers, ...(body ? { body } : {}) };
}

/** The body, if it is JSON. */
export function jsonText(response: HttpResponse, call: SalesforceCall): string {
  const text = response.body.toString();
  if (parseJson(text) !== undefined) return text;
  throw unreadable(call, /^\s*</.test(text) ? 'an HTML page' : `${text.length} characters of no JSON`);
}
