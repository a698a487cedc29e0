import type { SandboxHandler } from '../http.ts';
import type { Outbox } from '../outbox.ts';
import type { Tier } from './endpoint.ts';
import type { DuplicateRule } from './files.ts';
import { createGate } from './gate.ts';
import { type RateLimitOptions, RateLimits } from './rate-limits.ts';
import { seedDealseatProperties, seedPortal } from './seed.ts';
import { HubSpotState } from './state.ts';
import { ALL_SCOPES, type TokenGrant, Tokens } from './tokens.ts';
import type { DeliveryOptions } from './webhook-delivery.ts';
import type { EventShape, WebhookEvent } from './webhook-events.ts';
import type { Tampering, WebhookAnswer } from './webhook-request.ts';
import { HubSpotWebhooks } from './webhooks.ts';

export interface HubSpotSandboxOptions {
  readonly outbox: Outbox;
  readonly portalId?: number;
  /** Where the portal is hosted. Default `na1`. */
  readonly dataCenter?: string;
  /** One token with all scopes, or several with their own. */
  readonly token?: string;
  readonly tokens?: readonly TokenGrant[];
  readonly clientSecret?: string;
  readonly appId?: number;
  readonly now?: () => number;
  /** Where callers reach the stand-in. Default: where the request came in. */
  readonly baseUrl?: () => string;
  readonly tier?: Tier;
  /** The demo's deal and what belongs to it. Default true. */
  readonly seed?: boolean;
  /** Default false: a fresh portal has no `dealseat_*` properties. */
  readonly withDealseatProperties?: boolean;
  /** How long search does not know of a write. Default 5 s. */
  readonly searchIndexDelayMs?: number;
  /** How long `hs_is_closed*` lag behind the stage. Default 0. */
  readonly closedFlagsDelayMs?: number;
  /** After how long HubSpot counts what is associated with a deal. Default 0; Infinity: never. */
  readonly associationCountDelayMs?: number;
  readonly rateLimit?: RateLimitOptions;
  readonly duplicateRule?: DuplicateRule;
  readonly pollsUntilComplete?: number;
  readonly repeatResult?: 'IDEMPOTENT_IGNORE' | 'IDEMPOTENT_FAIL';
  /** Default true: HubSpot does not say, and this is the harder answer to live with. */
  readonly failedSendUsesSendId?: boolean;
  readonly delivery?: DeliveryOptions;
}

export interface HubSpotSandbox {
  readonly handler: SandboxHandler;
  readonly state: HubSpotState;
  readonly webhooks: HubSpotWebhooks;
  readonly tokens: Tokens;
  /** Where the delivery loop brings the events of the deal-stage subscription. */
  setWebhookTarget(targetUrl: string, options?: { readonly postTo?: string }): void;
  events(dealIds: readonly string[], shape?: EventShape): WebhookEvent[];
  sendWebhook(request: {
    readonly targetUrl: string;
    readonly postTo?: string;
    readonly events: readonly WebhookEvent[];
    readonly timestamp?: number;
    readonly tamper?: Tampering;
  }): Promise<WebhookAnswer>;
  /** Tells the webhook target that a deal is won, moving the deal to its won stage first if need be. */
  fireDealWon(dealId: string): Promise<void>;
  /** Ends the delivery loop. */
  stop(): void;
}

/** A strict stand-in for one HubSpot portal with one app. */
export function createHubSpotSandbox(options: HubSpotSandboxOptions): HubSpotSandbox {
  const now = options.now ?? Date.now;
  const tier = options.tier ?? 'professional';
  const grants = options.tokens ?? [{ token: options.token ?? 'sandbox-hubspot-token' }];
  const appId = options.appId ?? 54321;
  const state = new HubSpotState({
    portalId: options.portalId ?? 62515,
    dataCenter: options.dataCenter ?? 'na1',
    appId,
    now,
    outbox: options.outbox,
    searchIndexDelayMs: options.searchIndexDelayMs ?? 5000,
    closedFlagsDelayMs: options.closedFlagsDelayMs ?? 0,
    associationCountDelayMs: options.associationCountDelayMs ?? 0,
    duplicateRule: options.duplicateRule ?? 'bytes',
    pollsUntilComplete: options.pollsUntilComplete ?? 1,
    repeatResult: options.repeatResult ?? 'IDEMPOTENT_IGNORE',
    failedSendUsesSendId: options.failedSendUsesSendId ?? true,
  });
  if (options.withDealseatProperties) seedDealseatProperties(state);
  if (options.seed ?? true) seedPortal(state);
  const webhooks = new HubSpotWebhooks({
    state,
    clientSecret: options.clientSecret ?? 'sandbox-hubspot-secret',
    appId,
    ownsWebhooks: grants.some(({ kind }) => kind !== 'service-key'),
    scopes: grants.flatMap(({ scopes }) => scopes ?? ALL_SCOPES),
    delivery: options.delivery ?? {},
  });
  if (grants.some(({ kind }) => kind !== 'service-key')) {
    for (const propertyName of ['dealstage', 'dealseat_action']) {
      webhooks.subscribe({ type: 'deal.propertyChange', propertyName, active: true });
    }
  }
  const tokens = new Tokens(grants, now);
  return {
    handler: createGate({
      state,
      tokens,
      tier,
      limits: new RateLimits(tier, options.rateLimit ?? {}, now),
      baseUrl: (request) => options.baseUrl?.() ?? request.url.origin,
    }),
    state,
    webhooks,
    tokens,
    setWebhookTarget: (targetUrl, target) => webhooks.setTarget(targetUrl, target),
    events: (dealIds, shape) => webhooks.events(dealIds, shape),
    sendWebhook: (request) => webhooks.send(request),
    fireDealWon: (dealId) => fireDealWon(state, webhooks, dealId),
    stop: () => webhooks.stop(),
  };
}

async function fireDealWon(state: HubSpotState, webhooks: HubSpotWebhooks, dealId: string): Promise<void> {
  const { pipeline = '', dealstage } = state.valuesOf('deals', dealId);
  const won = state.pipelines.wonStage(pipeline).id;
  if (dealstage === won) webhooks.deliver(webhooks.events([dealId]));
  else state.edit('deals', dealId, { dealstage: won });
  await webhooks.settled();
}
