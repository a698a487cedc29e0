import { z } from 'zod';
import { DealseatError, type FailureCode } from '../../domain/failure.ts';
import { parseJson } from '../../domain/parse-json.ts';
import type { HttpResponse } from '../http.ts';

/** What the OAuth endpoint refuses, and what an admin does about it. */

const oauthError = z.object({ error: z.string(), error_description: z.string().default('') });

interface Cure {
  readonly error: string;
  /** Part of the description that tells causes with the same error apart. */
  readonly says?: RegExp;
  readonly code: FailureCode;
  readonly cure: string;
}

const CURES: readonly Cure[] = [
  {
    error: 'invalid_grant',
    says: /no client credentials user/i,
    code: 'crm.unauthorized',
    cure: 'Set a Run-As user for the client credentials flow in the policies of the External Client App.',
  },
  {
    error: 'invalid_grant',
    says: /domain/i,
    code: 'crm.unauthorized',
    cure: 'Set SALESFORCE_LOGIN_URL to the My Domain host (https://<name>.my.salesforce.com), not login or test.',
  },
  {
    error: 'invalid_client_id',
    code: 'crm.unauthorized',
    cure: 'Set SALESFORCE_CLIENT_ID to the consumer key of the External Client App.',
  },
  {
    error: 'invalid_client',
    code: 'crm.unauthorized',
    cure: 'Set SALESFORCE_CLIENT_SECRET to the current consumer secret of the External Client App.',
  },
  {
    error: 'unsupported_grant_type',
    code: 'crm.unauthorized',
    cure: 'Enable the client credentials flow in the External Client App.',
  },
  {
    error: 'invalid_grant',
    says: /rate exceeded/i,
    code: 'crm.rate_limited',
    cure: 'Nothing: the next try comes later.',
  },
];

const LOGIN_RATE_PAUSE_MS = 15 * 60_000;

/** Every answer of the token endpoint but 200. */
export function tokenRefusal(response: HttpResponse): DealseatError {
  const { status } = response;
  if (status === 420 || status === 429 || status >= 500) {
    return refusal('crm.unavailable', `${status}`);
  }
  if (status < 400) {
    return refusal(
      'crm.bad_response',
      `${status}. Set SALESFORCE_LOGIN_URL to the My Domain host of the org.`,
    );
  }
  const body = parse(response.body);
  if (body === null) {
    return refusal(
      'crm.unauthorized',
      `${status} without an OAuth error. Set SALESFORCE_LOGIN_URL to the My Domain host of the org.`,
    );
  }
  const known = CURES.find(
    ({ error, says }) => error === body.error && (says === undefined || says.test(body.error_description)),
  );
  const found = `${status} ${body.error} "${body.error_description.slice(0, 200)}"`;
  return refusal(known?.code ?? 'crm.unauthorized', known === undefined ? found : `${found}. ${known.cure}`);
}

function refusal(code: FailureCode, found: string): DealseatError {
  return new DealseatError({
    code,
    message: `Salesforce: fetch a token: ${found}`,
    retryAfterMs: code === 'crm.rate_limited' ? LOGIN_RATE_PAUSE_MS : undefined,
    // The login service refuses good credentials for a moment too, above all just after they were changed.
    mayPass: code === 'crm.unauthorized',
  });
}

function parse(body: Buffer): z.infer<typeof oauthError> | null {
  return oauthError.safeParse(parseJson(body.toString())).data ?? null;
}
