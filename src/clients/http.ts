import { Readable } from 'node:stream';
import { type Dispatcher, errors, getGlobalDispatcher, request } from 'undici';
import { currentLease, type Lease, LeaseEnded } from './lease.ts';

/** The one way out to HTTP for clients that we write ourselves: one attempt, one deadline over headers and body. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  /** Instead of host and path in messages, where the path names a person. */
  readonly shownUrl?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Pieces go out one after the other: a large file among them is in memory once. */
  readonly body?: string | readonly Uint8Array[];
  /** From the first byte out to the last byte in. */
  readonly timeoutMs: number;
  /** Answers above this many bytes are refused. Default 16 MiB. */
  readonly maxBytes?: number;
  readonly signal?: AbortSignal | undefined;
  readonly dispatcher?: Dispatcher;
}

export interface HttpResponse {
  readonly status: number;
  /** Names in lower case; of repeated headers the first. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** From the first byte out to the last byte in. */
  readonly tookMs: number;
}

export type TransportFailure = 'timeout' | 'unreachable' | 'interrupted' | 'too_large';

/** No usable answer came. `mayHaveBeenSent` is false only when the connection was never made. */
export class TransportError extends Error {
  readonly reason: TransportFailure;
  readonly mayHaveBeenSent: boolean;
  /** How long the answer was waited for. */
  readonly tookMs: number;

  constructor(
    reason: TransportFailure,
    {
      mayHaveBeenSent,
      tookMs,
      message,
      cause,
    }: {
      readonly mayHaveBeenSent: boolean;
      readonly tookMs: number;
      readonly message: string;
      readonly cause?: unknown;
    },
  ) {
    super(message, { cause });
    this.name = 'TransportError';
    this.reason = reason;
    this.mayHaveBeenSent = mayHaveBeenSent;
    this.tookMs = tookMs;
  }
}

/** Bound of every answer whose caller names no other. */
export const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

const LARGE_ANSWER_BYTES = 1024 * 1024;

/** Errors of undici that tell of our own mistake in the call: they stay the bugs they are. */
const CALLER_BUGS = new Set([
  'UND_ERR_INVALID_ARG',
  'UND_ERR_NOT_SUPPORTED',
  'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH',
  'ERR_INVALID_ARG_TYPE',
  'ERR_INVALID_URL',
]);

/**
 * Sends one request once and reads the whole answer; follows no redirect.
 * Throws `TransportError` when no whole answer came, the signal's own reason when the caller cancelled, and `LeaseEnded`
 * when the attempt may not act any more.
 */
export async function httpRequest(options: HttpRequest): Promise<HttpResponse> {
  const lease = options.method === 'GET' ? undefined : currentLease();
  await lease?.confirm();
  const startedAt = performance.now();
  const took = () => performance.now() - startedAt;
  const deadline = AbortSignal.timeout(options.timeoutMs);
  const ends = [options.signal, lease?.signal].filter((end) => end !== undefined);
  const signal = AbortSignal.any([...ends, deadline]);
  const where = `${options.method} ${describeUrl(options.shownUrl ?? options.url)}`;
  const departure = watchDeparture(options.dispatcher ?? getGlobalDispatcher(), lease);
  try {
    const response = await request(options.url, {
      method: options.method,
      headers: { ...options.headers, ...lengthOf(options.body) },
      body: typeof options.body === 'object' ? Readable.from(options.body) : (options.body ?? null),
      signal,
      // undici's own bounds would end a call with another error than our deadline does.
      headersTimeout: 0,
      bodyTimeout: 0,
      dispatcher: departure.dispatcher,
    });
    const body = await readAll(response, options.maxBytes ?? MAX_ANSWER_BYTES);
    return {
      status: response.statusCode,
      headers: firstValues(response.headers),
      body,
      tookMs: took(),
    };
  } catch (error) {
    const fail = (reason: TransportFailure, found: string, cause?: unknown) => {
      const mayHaveBeenSent = departure.hasLeft();
      return new TransportError(reason, {
        mayHaveBeenSent,
        tookMs: took(),
        message: `${where}: ${found}`,
        cause,
      });
    };
    if (error instanceof TooLarge) throw fail('too_large', error.message);
    for (const end of ends) end.throwIfAborted();
    if (error instanceof LeaseEnded) throw error;
    const missing = departure.hasLeft() ? 'no whole answer' : 'no connection';
    if (deadline.aborted) throw fail('timeout', `${missing} within ${options.timeoutMs} ms`, error);
    // Not passed on as the cause: it carries a piece of the answer.
    if (error instanceof errors.HTTPParserError) throw fail('interrupted', 'the answer is not valid HTTP');
    const code = errorCode(error);
    if (code === null || CALLER_BUGS.has(code)) throw error;
    throw fail(departure.hasLeft() ? 'interrupted' : 'unreachable', `${missing} (${code})`, error);
  }
}

/** undici finds out the length of a text by itself. */
function lengthOf(body: HttpRequest['body']): { readonly 'content-length'?: string } {
  if (typeof body !== 'object') return {};
  return { 'content-length': String(body.reduce((length, piece) => length + piece.byteLength, 0)) };
}

/**
 * Tells whether a request was ever put on a connection. Error codes cannot: the same reset comes from a refused
 * handshake and from a server that carried the request out before it died. A request that had to wait for its connection
 * leaves only if its attempt may still act.
 */
function watchDeparture(
  dispatcher: Dispatcher,
  lease: Lease | undefined,
): { dispatcher: Dispatcher; hasLeft(): boolean } {
  let left = false;
  const watched = dispatcher.compose((dispatch) => (options, handler) => {
    return dispatch(options, {
      onRequestStart: (controller, context) => {
        if (lease?.isSure === false) {
          controller.abort(new LeaseEnded('its call had to wait for too long'));
          return;
        }
        left = true;
        handler.onRequestStart?.(controller, context);
      },
      onRequestUpgrade: (...args) => handler.onRequestUpgrade?.(...args),
      onResponseStart: (...args) => handler.onResponseStart?.(...args),
      onResponseData: (...args) => handler.onResponseData?.(...args),
      onResponseEnd: (...args) => handler.onResponseEnd?.(...args),
      onResponseError: (...args) => handler.onResponseError?.(...args),
    });
  });
  return { dispatcher: watched, hasLeft: () => left };
}

interface Incoming {
  readonly headers: Dispatcher.ResponseData['headers'];
  readonly body: AsyncIterable<Uint8Array>;
}

class TooLarge extends Error {}

async function readAll({ headers, body }: Incoming, maxBytes: number): Promise<Buffer> {
  // A large file whose length is told is in memory once; undici sees to it that the length is true.
  const told = Number(headers['content-length']);
  const whole = told > LARGE_ANSWER_BYTES && told <= maxBytes ? Buffer.alloc(told) : null;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > (whole?.length ?? maxBytes)) throw new TooLarge(`answer above ${maxBytes} bytes`);
    if (whole === null) chunks.push(chunk);
    else whole.set(chunk, size - chunk.length);
  }
  return whole ?? Buffer.concat(chunks);
}

function firstValues(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const first = Array.isArray(value) ? value[0] : value;
    if (first !== undefined) result[name.toLowerCase()] = first;
  }
  return result;
}

/** Host and path only: query strings can carry tokens. */
function describeUrl(url: string): string {
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
}

function errorCode(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}
