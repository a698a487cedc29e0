import type { SandboxRequest, SandboxResponse } from '../exchange.ts';
import type { SandboxHandler } from '../http.ts';
import { HubSpotRefusal, notFound, refusalAnswer } from './answers.ts';
import type { Call, Endpoint, Tier } from './endpoint.ts';
import type { RateLimits } from './rate-limits.ts';
import { type Match, route } from './router.ts';
import type { HubSpotState } from './state.ts';
import { requireScopes, type Tokens } from './tokens.ts';

const TIERS: readonly Tier[] = ['free', 'starter', 'professional', 'enterprise'];

export interface GateOptions {
  readonly state: HubSpotState;
  readonly tokens: Tokens;
  readonly limits: RateLimits;
  readonly tier: Tier;
  readonly baseUrl: (request: SandboxRequest) => string;
}

/** What every request passes: token, scopes, limits, tier; then its endpoint. Refusals become HubSpot's bodies. */
export function createGate(options: GateOptions): SandboxHandler {
  return async (request) => {
    try {
      return await admit(options, request);
    } catch (error) {
      if (error instanceof HubSpotRefusal) return refusalAnswer(error);
      throw error;
    }
  };
}

async function admit(options: GateOptions, request: SandboxRequest): Promise<SandboxResponse> {
  const match = route(request.method, request.url.pathname);
  if (typeof match === 'object' && match.endpoint.open) {
    return carryOut(options, request, match, options.state);
  }
  const grant = options.tokens.authenticate(request.headers.authorization, request.url.searchParams);
  if (match === 'not_found') throw notFound();
  if (match === 'wrong_method') {
    throw new HubSpotRefusal(405, `${request.method} is not allowed here`, { category: 'VALIDATION_ERROR' });
  }
  const { endpoint, params } = match;
  const headers = options.limits.admit(grant.token, endpoint.limit);
  requireScopes(grant, typeof endpoint.scopes === 'function' ? endpoint.scopes(params) : endpoint.scopes);
  requireTier(options.tier, endpoint);
  const portalId = grant.portalId ?? options.state.portalId;
  if (portalId !== options.state.portalId && !endpoint.anyPortal) throw notFound();
  const appId = grant.appId ?? options.state.appId;
  const response = await carryOut(options, request, match, { portalId, appId });
  return { ...response, headers: { ...response.headers, ...headers } };
}

async function carryOut(
  { state, tokens, baseUrl }: GateOptions,
  request: SandboxRequest,
  { endpoint, params }: Match,
  { portalId, appId }: Pick<Call, 'portalId' | 'appId'>,
): Promise<SandboxResponse> {
  const call: Call = {
    request,
    url: request.url,
    params,
    state,
    lookUpToken: (token) => tokens.find(token),
    portalId,
    appId,
    baseUrl: baseUrl(request),
  };
  const response = await endpoint.answer(call);
  const swapped = response.status === 201 && state.okInsteadOfCreated?.test(request.path);
  return swapped ? { ...response, status: 200 } : response;
}

/** HubSpot publishes no text for this; the words are ours. */
function requireTier(tier: Tier, { minimumTier }: Endpoint): void {
  if (minimumTier === undefined || TIERS.indexOf(tier) >= TIERS.indexOf(minimumTier)) return;
  throw new HubSpotRefusal(403, `The account's tier is ${tier}; this call needs ${minimumTier} or higher`, {
    category: 'MISSING_SCOPES',
    subCategory: 'SANDBOX.TIER_TOO_LOW',
  });
}
