import { createHmac } from 'node:crypto';
import type { SandboxRequest, SandboxResponse } from '../exchange.ts';
import type { SalesforceState } from './state.ts';

export interface OAuthClient {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** `POST /services/oauth2/token`: an External Client App that allows nothing but client credentials. */
export function answerToken(
  state: SalesforceState,
  client: OAuthClient,
  request: SandboxRequest,
  baseUrl: string,
): SandboxResponse {
  const form = readForm(request);
  if (form?.get('grant_type') !== 'client_credentials') {
    return refusal('unsupported_grant_type', 'grant type not supported');
  }
  const { myDomainHost, runAsUser } = state.settings;
  if (myDomainHost !== null && request.headers.host !== myDomainHost) {
    return refusal('invalid_grant', 'request not supported on this domain');
  }
  const given = credentials(request, form);
  if (given.id !== client.clientId) return refusal('invalid_client_id', 'client identifier invalid');
  if (given.secret !== client.clientSecret) return refusal('invalid_client', 'invalid client credentials');
  if (!runAsUser) return refusal('invalid_grant', 'no client credentials user enabled');
  const issuedAt = String(state.now());
  const id = `${baseUrl}/id/${state.orgId}/${state.userId}`;
  return {
    status: 200,
    headers: { 'content-type': 'application/json;charset=UTF-8', 'cache-control': 'no-cache, no-store' },
    body: {
      access_token: state.tokens.issue(),
      signature: createHmac('sha256', client.clientSecret)
        .update(id + issuedAt)
        .digest('base64'),
      scope: 'api',
      instance_url: baseUrl,
      id,
      token_type: 'Bearer',
      issued_at: issuedAt,
    },
  };
}

/** `POST /services/oauth2/revoke`. */
export function answerRevoke(state: SalesforceState, request: SandboxRequest): SandboxResponse {
  const token = readForm(request)?.get('token');
  if (!token) return refusal('unsupported_token_type', 'this token type is not supported');
  state.tokens.revoke(token);
  return { status: 200 };
}

function readForm(request: SandboxRequest): URLSearchParams | null {
  const type = request.headers['content-type'] ?? '';
  if (!/^application\/x-www-form-urlencoded(;|$)/i.test(type)) return null;
  return new URLSearchParams(request.body.toString('utf8'));
}

/** From the form, or from a Basic header in its place. */
function credentials(request: SandboxRequest, form: URLSearchParams): { id: string; secret: string } {
  const basic = /^Basic (\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (basic === undefined) {
    return { id: form.get('client_id') ?? '', secret: form.get('client_secret') ?? '' };
  }
  const [id = '', secret = ''] = Buffer.from(basic, 'base64').toString('utf8').split(':');
  return { id, secret };
}

function refusal(error: string, description: string): SandboxResponse {
  return {
    status: 400,
    headers: { 'content-type': 'application/json;charset=UTF-8' },
    body: { error, error_description: description },
  };
}
