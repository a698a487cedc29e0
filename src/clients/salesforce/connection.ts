import { Connection as JsforceConnection } from 'jsforce';
import { z } from 'zod';
import { DealseatError } from '../../domain/failure.ts';
import { issueInWords } from '../../domain/issue-words.ts';
import { type HttpRequest, type HttpResponse, httpRequest, TransportError } from '../http.ts';
import type { SalesforceCall } from './call.ts';
import { failureOfAnswer, failureOfFaults, failureOfTransport, unreadable } from './failures.ts';
import { faultsOfResult } from './faults.ts';
import { type FilePart, multipartBody } from './multipart.ts';
import { type AccessToken, TokenCache, type TokenOptions } from './token.ts';
import { BufferedTransport, jsonText } from './transport.ts';

export interface ConnectionOptions extends TokenOptions {
  /** For example `66.0`. */
  readonly apiVersion: string;
}

/** One page of a query, or of a child list inside a record. */
export const page = z.object({
  records: z.array(z.unknown()),
  // A path, never a full address: jsforce would send the token to whatever host stands there.
  nextRecordsUrl: z.string().startsWith('/services/data/').nullish(),
});

export type Page = z.infer<typeof page>;

/** A roster of a hundred thousand codes has a tenth of this. */
const MAX_FILE_BYTES = 256 * 1024 * 1024;

/** A child list: Salesforce sends null for an empty one. */
export const childPage = page.nullable();

/** Every request to the org passes here: token, one jsforce connection a call, and the check of what comes back. */
export class Connection {
  readonly apiVersion: string;
  readonly #tokens: TokenCache;
  readonly #timeoutMs: number;

  constructor(options: ConnectionOptions) {
    this.apiVersion = options.apiVersion;
    this.#tokens = new TokenCache(options);
    this.#timeoutMs = options.timeoutMs;
  }

  async token(signal?: AbortSignal): Promise<AccessToken> {
    return await this.#tokens.get(signal);
  }

  /** Makes one request with jsforce and parses its answer. */
  async request<T>(
    call: SalesforceCall,
    answer: z.ZodType<T>,
    send: (jsforce: JsforceConnection) => Promise<unknown>,
    signal?: AbortSignal,
  ): Promise<T> {
    const body = await this.#inSession(call, signal, (token) => send(this.#connect(token, call, signal)));
    return accept(answer, body, call);
  }

  /** The bytes of a file. jsforce reads every answer as text, so this call goes without it. */
  async download(call: SalesforceCall, path: string, signal?: AbortSignal): Promise<Uint8Array> {
    const request = { method: 'GET', path, maxBytes: MAX_FILE_BYTES } as const;
    return (await this.#exchange(call, request, signal)).body;
  }

  /** Makes a record with a file in it. jsforce would have the file in memory as text, several times over. */
  async upload<T>(
    call: SalesforceCall,
    answer: z.ZodType<T>,
    { path, record, file }: { readonly path: string; readonly record: object; readonly file: FilePart },
    signal?: AbortSignal,
  ): Promise<T> {
    const { contentType, body } = multipartBody(record, file);
    const headers = { 'content-type': contentType, accept: 'application/json' };
    const response = await this.#exchange(call, { method: 'POST', path, headers, body }, signal);
    return accept(answer, JSON.parse(jsonText(response, call)), call);
  }

  async #exchange(
    call: SalesforceCall,
    { path, headers, ...request }: Omit<HttpRequest, 'url' | 'timeoutMs'> & { readonly path: string },
    signal: AbortSignal | undefined,
  ): Promise<HttpResponse> {
    return await this.#inSession(call, signal, async (token) => {
      try {
        const response = await httpRequest({
          ...request,
          url: `${token.instanceUrl}/services/data/v${this.apiVersion}${path}`,
          headers: { ...headers, authorization: `Bearer ${token.value}` },
          timeoutMs: this.#timeoutMs,
          signal,
        });
        if (response.status >= 300) throw failureOfAnswer(response, call);
        return response;
      } catch (error) {
        throw error instanceof TransportError ? failureOfTransport(error, call) : error;
      }
    });
  }

  /** All rows of a query, page by page. */
  async query<T>(soql: string, row: z.ZodType<T>, call: SalesforceCall, signal?: AbortSignal): Promise<T[]> {
    return await this.#queryAt('query', soql, row, { call, signal });
  }

  /** As `query`, and with what lies in the recycle bin. */
  async queryAll<T>(
    soql: string,
    row: z.ZodType<T>,
    call: SalesforceCall,
    signal?: AbortSignal,
  ): Promise<T[]> {
    return await this.#queryAt('queryAll', soql, row, { call, signal });
  }

  async #queryAt<T>(
    resource: 'query' | 'queryAll',
    soql: string,
    row: z.ZodType<T>,
    { call, signal }: { readonly call: SalesforceCall; readonly signal: AbortSignal | undefined },
  ): Promise<T[]> {
    const path = queryPath(soql, resource);
    const first = await this.request(call, page, (jsforce) => jsforce.requestGet(path), signal);
    return await this.rows(first, row, call, signal);
  }

  /** The rows of a page and of all that follow it. */
  async rows<T>(first: Page, row: z.ZodType<T>, call: SalesforceCall, signal?: AbortSignal): Promise<T[]> {
    const records: T[] = [];
    const seen = new Set<string>();
    let current = first;
    for (;;) {
      records.push(...current.records.map((record) => parseAnswer(row, record, call)));
      const next = current.nextRecordsUrl;
      if (!next) return records;
      if (seen.has(next)) throw unreadable(call, `the page ${next} follows itself`);
      seen.add(next);
      current = await this.request(call, page, (jsforce) => jsforce.requestGet(next), signal);
    }
  }

  /**
   * A connection a call, because it carries that call's cancellation and purpose. No `oauth2` and no `refreshFn`:
   * with either, jsforce answers a 401 by itself (see `TokenCache`).
   */
  #connect(token: AccessToken, call: SalesforceCall, signal: AbortSignal | undefined): JsforceConnection {
    const jsforce = new JsforceConnection({
      instanceUrl: token.instanceUrl,
      accessToken: token.value,
      version: this.apiVersion,
      logLevel: 'NONE',
    });
    jsforce._transport = new BufferedTransport({ call, timeoutMs: this.#timeoutMs, signal });
    return jsforce;
  }

  /**
   * Salesforce may end a token at any time, and what it refuses for that it has not carried out: so the very call is
   * made once more, with a new token.
   */
  async #inSession<T>(
    call: SalesforceCall,
    signal: AbortSignal | undefined,
    send: (token: AccessToken) => Promise<T>,
  ): Promise<T> {
    for (let isRepeat = false; ; isRepeat = true) {
      const token = await this.#tokens.get(signal);
      try {
        const answer = await send(token);
        this.#tokens.accepted(token);
        return answer;
      } catch (error) {
        if (!(error instanceof DealseatError) || error.code !== 'crm.session_expired') throw error;
        // Other calls that were answered meanwhile, as queries may be, say nothing of this one.
        if (!this.#tokens.refused(token) || isRepeat) throw refusedTwice(call, error);
      }
    }
  }
}

export function queryPath(soql: string, resource: 'query' | 'queryAll' = 'query'): string {
  return `/${resource}?q=${encodeURIComponent(soql)}`;
}

/** A success that says in its body that nothing was done is a refusal. */
export function accept<T>(answer: z.ZodType<T>, body: unknown, call: SalesforceCall): T {
  const refusal = failureOfFaults(faultsOfResult(body), call, 200);
  if (refusal !== null) throw refusal;
  return parseAnswer(answer, body, call);
}

function refusedTwice(call: SalesforceCall, cause: unknown): DealseatError {
  return new DealseatError({
    code: 'crm.unauthorized',
    message:
      `Salesforce: ${call.name}: a token fetched just now was refused as well. Check that the Run-As user of ` +
      'the External Client App is active and may use the API.',
    mayPass: true,
    cause,
  });
}

function parseAnswer<T>(schema: z.ZodType<T>, body: unknown, call: SalesforceCall): T {
  const parsed = schema.safeParse(body, { error: issueInWords });
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  // Its words have the shape of the value alone: the value itself may be a code.
  throw unreadable(call, `${issue?.path.join('.') || 'the answer'}: ${issue?.message}`);
}
