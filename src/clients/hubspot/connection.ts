import { Client } from '@hubspot/api-client';
import type { z } from 'zod';
import { parseJson } from '../../domain/parse-json.ts';
import type { Call } from '../call.ts';
import { type HttpResponse, httpRequest, MAX_ANSWER_BYTES, TransportError } from '../http.ts';
import { currentLease, LeaseEnded } from '../lease.ts';
import { untilStopped } from '../until-stopped.ts';
import { AnswerWitness, isSuccess } from './answer-witness.ts';
import { failureOfAnswer, failureOfOversize, failureOfSilence, unreadable } from './failures.ts';
import { KeptConnections } from './kept-connections.ts';
import type { Quota } from './quota.ts';

export interface HubSpotCall<T> extends Call {
  /** What of the answer we rely on. */
  readonly answer: z.ZodType<T>;
  /** Bound over the whole call, body included. Default: that of the connection. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

export interface PlainRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
}

export interface Connection {
  /** One call of the official client. `send` makes exactly that call and nothing else. */
  call<T>(call: HubSpotCall<T>, send: (client: Client) => Promise<unknown>): Promise<T>;
  /** One call that the official client has no method for. */
  request<T>(call: HubSpotCall<T>, request: PlainRequest): Promise<T>;
}

export interface ConnectionOptions {
  readonly accessToken: string;
  readonly baseUrl: string;
  readonly timeoutMs: number;
  readonly quota: Quota;
}

interface Connected extends ConnectionOptions {
  readonly connections: KeptConnections;
}

/**
 * The way to HubSpot: one attempt a call, a deadline over headers and body, cancellation, failures of our taxonomy.
 *
 * The official client knows neither deadline nor cancellation nor a bound on answers, and without an agent it uses the
 * global `fetch`, whose sockets hang for five minutes. So every call gets its own `httpAgent` (a documented option of the client),
 * which ends this call's request and its socket, whatever state they are in; a client object costs a millisecond.
 * Retries and the limiter of the client stay off (they live in a process-wide singleton, and repeat creates).
 *
 * Behind these agents the calls share connections, because a new one costs two or three round trips. The price is that
 * HubSpot may close a kept connection just as a create is written to it: that create is in doubt, as with any silence.
 * It is made rare: no connection is kept for long, and a close that has reached this machine is heard of first.
 *
 * `client.apiRequest` takes neither agent nor signal, so the few calls the client has no method for go
 * through our own `httpRequest`.
 */
export function connectHubSpot(options: ConnectionOptions): Connection {
  // The client joins base and path as text: a slash at the end would send `//crm/…`.
  const baseUrl = options.baseUrl.replace(/\/+$/, '');
  const connected = { ...options, baseUrl, connections: new KeptConnections(baseUrl) };
  const { quota } = options;
  return {
    call: (call, send) => quota.spend(call, () => callClient(call, send, connected)),
    request: (call, request) => quota.spend(call, () => callPlain(call, request, connected)),
  };
}

/** The same connection, of which every call waits for the proof first: nothing is asked of another portal. */
export function onlyAfter(
  proof: (signal?: AbortSignal) => Promise<void>,
  connection: Connection,
): Connection {
  return {
    call: async (call, send) => {
      await proof(call.signal);
      return connection.call(call, send);
    },
    request: async (call, request) => {
      await proof(call.signal);
      return connection.request(call, request);
    },
  };
}

async function callClient<T>(
  call: HubSpotCall<T>,
  send: (client: Client) => Promise<unknown>,
  { accessToken, baseUrl, timeoutMs, quota, connections }: Connected,
): Promise<T> {
  call.signal?.throwIfAborted();
  const isRead = call.effect === 'read';
  const lease = isRead ? undefined : currentLease();
  await lease?.confirm();
  const oversize = new AbortController();
  const late = new AbortController();
  const errand = {
    isRead,
    maxBytes: MAX_ANSWER_BYTES,
    onExceeded: () => oversize.abort(),
    mayLeave: () => lease?.isSure !== false,
    onLate: () => late.abort(new LeaseEnded('its call had to wait for too long')),
  };
  const witness = new AnswerWitness(quota.observe);
  const deadline = AbortSignal.timeout(call.timeoutMs ?? timeoutMs);
  const ends = [call.signal, lease?.signal, late.signal].filter((end) => end !== undefined);
  const stop = AbortSignal.any([deadline, oversize.signal, ...ends]);
  try {
    const value = await connections.run(errand, (httpAgent) => {
      const client = new Client({ accessToken, basePath: baseUrl, httpAgent, middleware: [witness] });
      return untilStopped(() => send(client), stop);
    });
    const parsed = call.answer.safeParse(value);
    if (parsed.success) return parsed.data;
    throw unreadable(call, witness.status, witness.contentType);
  } catch (error) {
    for (const end of ends) end.throwIfAborted();
    if (error === deadline.reason) {
      const reason = `no whole answer within ${call.timeoutMs ?? timeoutMs} ms`;
      throw failureOfSilence(call, { reason, mayHaveBeenSent: true });
    }
    if (error === oversize.signal.reason) throw failureOfOversize(call, MAX_ANSWER_BYTES);
    throw witness.explain(call, error);
  }
}

async function callPlain<T>(
  call: HubSpotCall<T>,
  { method, path, query, body }: PlainRequest,
  { accessToken, baseUrl, timeoutMs, quota }: ConnectionOptions,
): Promise<T> {
  call.signal?.throwIfAborted();
  const url = new URL(baseUrl + path);
  for (const [name, value] of Object.entries(query ?? {})) url.searchParams.set(name, value);
  try {
    const response = await httpRequest({
      method,
      url: url.href,
      headers: {
        authorization: `Bearer ${accessToken}`,
        accept: 'application/json',
        ...(body ? { 'content-type': 'application/json' } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
      timeoutMs: call.timeoutMs ?? timeoutMs,
      signal: call.signal,
    });
    quota.observe(response.headers);
    return readAnswer(call, response);
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    if (error.reason === 'too_large') throw failureOfOversize(call, MAX_ANSWER_BYTES);
    throw failureOfSilence(call, {
      reason: error.message,
      mayHaveBeenSent: error.mayHaveBeenSent,
      tookMs: error.tookMs,
      cause: error.cause,
    });
  }
}

function readAnswer<T>(call: HubSpotCall<T>, { status, headers, body }: HttpResponse): T {
  const bodyText = body.toString('utf8');
  if (!isSuccess(status)) throw failureOfAnswer(call, { status, headers, bodyText });
  const parsed = call.answer.safeParse(parseJson(bodyText));
  if (parsed.success) return parsed.data;
  throw unreadable(call, status, headers['content-type'] ?? null);
}
