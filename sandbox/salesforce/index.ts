import type { SandboxHandler, SandboxRequest, SandboxResponse } from '../http.ts';
import { answerRevoke, answerToken } from './oauth.ts';
import { answerRest, answerVersions } from './rest.ts';
import { seedOrg } from './seed.ts';
import type { SalesforceSandboxOptions } from './settings.ts';
import { SalesforceState } from './state.ts';

export type { SalesforceSandboxOptions } from './settings.ts';

export interface SalesforceSandbox {
  readonly handler: SandboxHandler;
  readonly state: SalesforceState;
}

/** A strict stand-in of one Salesforce org. Everything it keeps is in memory. */
export function createSalesforceSandbox(options: SalesforceSandboxOptions): SalesforceSandbox {
  const state = new SalesforceState(options);
  if (options.seed ?? true) seedOrg(state);
  const baseUrlOf = (request: SandboxRequest) => options.baseUrl?.() ?? request.url.origin;
  return { state, handler: (request) => route(state, options, request, baseUrlOf(request)) };
}

function route(
  state: SalesforceState,
  client: SalesforceSandboxOptions,
  request: SandboxRequest,
  baseUrl: string,
): SandboxResponse {
  const segments = request.url.pathname.split('/').slice(1).map(decodeURIComponent);
  const [services, area, ...rest] = segments;
  if (services !== 'services') return notHere();
  if (area === 'oauth2' && request.method === 'POST') {
    if (rest.join('/') === 'token') return answerToken(state, client, request, baseUrl);
    if (rest.join('/') === 'revoke') return answerRevoke(state, request);
  }
  if (area !== 'data') return notHere();
  const isVersionList = rest.every((segment) => segment === '');
  return isVersionList ? answerVersions() : answerRest(state, request, withoutTrailingSlash(rest));
}

function withoutTrailingSlash(segments: readonly string[]): readonly string[] {
  return segments.at(-1) === '' ? segments.slice(0, -1) : segments;
}

/** Outside the API a real org answers with a web page. */
function notHere(): SandboxResponse {
  return {
    status: 404,
    headers: { 'content-type': 'text/html' },
    body: '<html><body>URL No Longer Exists</body></html>',
  };
}
