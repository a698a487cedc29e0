import type { SandboxRequest, SandboxResponse } from '../exchange.ts';
import type { SandboxHandler } from '../http.ts';
import { RateWindow } from './rate-window.ts';
import { Refusal } from './refusal.ts';
import { findResource } from './routes.ts';
import type { TiState } from './state.ts';

export const API_PREFIX = '/incoming/v2';

/** The REST API of the tenant, everything below `/incoming/v2`. */
export function createApi(state: TiState): SandboxHandler {
  const rateWindow = new RateWindow();
  return (request) => {
    if (!isAuthorized(request, state.options.apiKey)) return { status: 401 };
    const verdict = rateWindow.count(state.options);
    const response = verdict.isAllowed
      ? respond(state, request)
      : tooMany(verdict.retryAfterS, state.options.rateLimit.sendRetryAfter);
    return { ...response, headers: { ...verdict.headers, ...response.headers } };
  };
}

/** Only the header counts: neither `X-API-Key` nor a key in the query opens the API. */
function isAuthorized({ headers }: SandboxRequest, apiKey: string): boolean {
  const match = /^Bearer (.+)$/i.exec(headers.authorization ?? '');
  return match?.[1] === apiKey;
}

function respond(state: TiState, request: SandboxRequest): SandboxResponse {
  try {
    const resource = findResource(state, request.path.slice(API_PREFIX.length), request.url.searchParams);
    if (!resource) throw new Refusal(404, 'Not found');
    const method = resource[request.method];
    if (!method) {
      throw new Refusal(405, 'Method not allowed', { Allow: Object.keys(resource).join(', ') });
    }
    checkBody(request);
    return method(request);
  } catch (error) {
    if (error instanceof Refusal) return error.response;
    throw error;
  }
}

function checkBody({ method, headers, body }: SandboxRequest): void {
  if (method === 'GET') {
    if (body.length > 0) throw new Refusal(400, 'A GET takes no body');
    return;
  }
  const mediaType = headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (mediaType !== 'application/json') throw new Refusal(400, 'The body must be application/json');
}

function tooMany(retryAfterS: number, sendRetryAfter: boolean): SandboxResponse {
  return {
    status: 429,
    ...(sendRetryAfter ? { headers: { 'Retry-After': String(retryAfterS) } } : {}),
    body: {
      error: 'rate_limit_exceeded',
      message: `Rate limit exceeded. Please retry after ${retryAfterS} seconds.`,
      retryAfter: retryAfterS,
    },
  };
}
