import type { SandboxRequest } from '../exchange.ts';
import type { SandboxHandler } from '../http.ts';
import { API_PREFIX, createApi } from './api.ts';
import { learnerPage } from './learner-page.ts';
import { type TiSandboxOptions, withDefaults } from './options.ts';
import { redemptionOf } from './redeem-events.ts';
import { TiState } from './state.ts';
import { WebhookSender } from './webhooks.ts';

export interface TiSandbox {
  readonly handler: SandboxHandler;
  readonly state: TiState;
  /** Tells a target of redemptions, once it has one. */
  readonly webhooks: WebhookSender;
}

/** A tenant of Thought Industries: the REST API below `/incoming/v2`, and the learner's `/redeem` page. */
export function createTiSandbox(options: TiSandboxOptions = {}): TiSandbox {
  const state = new TiState(withDefaults(options));
  const webhooks = new WebhookSender();
  state.onRedeemed = (code) => webhooks.add(redemptionOf(state, code));
  const api = createApi(state);
  const handler: SandboxHandler = async (request) => {
    if (!request.path.startsWith(`${API_PREFIX}/`)) return learnerPage(state, request) ?? { status: 404 };
    const response = await api(request);
    state.requests.push({
      at: new Date(state.options.now()).toISOString(),
      method: request.method,
      path: withoutSecrets(state, request),
      status: response.status,
    });
    return response;
  };
  return { handler, state, webhooks };
}

function withoutSecrets(state: TiState, { path }: SandboxRequest): string {
  const shown = (segment: string) => (segment.includes('@') ? '(address)' : segment);
  return path
    .split('/')
    .map((segment) => (state.code(segment) ? '(code)' : shown(segment)))
    .join('/');
}
