import { z } from 'zod';
import { DealseatError } from '../../domain/failure.ts';
import { parseJson } from '../../domain/parse-json.ts';
import { type HttpResponse, httpRequest, TransportError } from '../http.ts';
import { outsideLease } from '../lease.ts';
import { normalizeIdOf } from './ids.ts';
import { tokenRefusal } from './token-failures.ts';

export interface AccessToken {
  readonly value: string;
  readonly instanceUrl: string;
  /** The Run-As user of the app, 18 characters: who makes what Dealseat makes. */
  readonly userId: string;
}

export interface TokenOptions {
  readonly loginUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** 18 characters. */
  readonly orgId: string;
  readonly timeoutMs: number;
}

const tokenBody = z.object({
  access_token: z.string().min(1),
  instance_url: z.url({ protocol: /^https?$/ }),
  /** Ends in `/<org id>/<user id>`. */
  id: z.string(),
});

/**
 * Client-credentials tokens, fetched once for all callers. Salesforce names no expiry, so a token lives until a
 * call is refused. jsforce's own refresh is not used: it resends without limit, and for client credentials
 * it hides the reason of a 401.
 */
export class TokenCache {
  readonly #options: TokenOptions;
  #pending: Promise<AccessToken> | null = null;
  #current: AccessToken | null = null;
  #refusalsInARow = 0;

  constructor(options: TokenOptions) {
    this.#options = options;
  }

  /** The fetch belongs to all who wait for it, so one caller's cancellation ends only that caller's wait. */
  async get(signal?: AbortSignal): Promise<AccessToken> {
    signal?.throwIfAborted();
    if (this.#current !== null) return this.#current;
    this.#pending ??= outsideLease(() => this.#fetch()).finally(() => {
      this.#pending = null;
    });
    return await unlessAborted(this.#pending, signal);
  }

  /** A call was answered with this token, so the next refusal is an ordinary expiry again. */
  accepted(token: AccessToken): void {
    if (token === this.#current) this.#refusalsInARow = 0;
  }

  /**
   * Salesforce refused the token. Returns true when a new one can be hoped to help, false when the one before
   * was refused as well. Calls that ran side by side with one token count as one refusal.
   */
  refused(token: AccessToken): boolean {
    if (token === this.#current) {
      this.#current = null;
      this.#refusalsInARow += 1;
    }
    return this.#refusalsInARow < 2;
  }

  async #fetch(): Promise<AccessToken> {
    const response = await this.#request();
    if (response.status !== 200) throw tokenRefusal(response);
    const token = this.#parse(response);
    this.#current = token;
    return token;
  }

  async #request(): Promise<HttpResponse> {
    const { loginUrl, clientId, clientSecret, timeoutMs } = this.#options;
    try {
      return await httpRequest({
        method: 'POST',
        url: new URL('/services/oauth2/token', loginUrl).href,
        headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          client_id: clientId,
          client_secret: clientSecret,
        }).toString(),
        timeoutMs,
      });
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      throw new DealseatError({
        code: 'crm.unavailable',
        message: `Salesforce: fetch a token: ${error.message}`,
        cause: error,
      });
    }
  }

  #parse(response: HttpResponse): AccessToken {
    const body = tokenBody.safeParse(parseJson(response.body.toString())).data;
    const [orgId = '', user = ''] = body?.id.split('/').slice(-2) ?? [];
    const userId = normalizeIdOf('User', user);
    if (body === undefined || userId === null) {
      throw new DealseatError({
        code: 'crm.bad_response',
        message: 'Salesforce: fetch a token: 200 without access_token, instance_url and id of org and user',
      });
    }
    if (normalizeIdOf('Organization', orgId) !== this.#options.orgId) {
      throw new DealseatError({
        code: 'crm.account_mismatch',
        message:
          `Salesforce: the credentials belong to org ${orgId}, but SALESFORCE_ORG_ID is ` +
          `${this.#options.orgId}. Correct SALESFORCE_ORG_ID, or SALESFORCE_LOGIN_URL and the client id.`,
      });
    }
    return { value: body.access_token, instanceUrl: new URL(body.instance_url).origin, userId };
  }
}

async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await promise;
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
