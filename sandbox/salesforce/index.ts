import { type PartRunner, type SandboxRequest, type SandboxResponse, UNDISTURBED } from '../exchange.ts';
import type { SandboxHandler } from '../http.ts';
import { answerRevoke, answerToken } from './oauth.ts';
import {
  type Delivery,
  type MessageOptions,
  OutboundMessages,
  type SendOptions,
} from './outbound-messages.ts';
import { OutboundQueue } from './outbound-queue.ts';
import { answerRest, answerVersions, segmentsOf } from './rest.ts';
import { seedOrg } from './seed.ts';
import type { SalesforceSandboxOptions } from './settings.ts';
import { SalesforceState } from './state.ts';

export type { SalesforceSandboxOptions } from './settings.ts';

const DEFAULT_BASE_URL = 'https://vendor.my.salesforce.com';

export interface SalesforceSandbox {
  readonly handler: SandboxHandler;
  readonly state: SalesforceState;
  /** The queue of outbound messages: what is pending, and every try so far. */
  readonly outbound: OutboundQueue;
  /** Where the org sends its outbound messages. Until a target is set it sends none. */
  setWebhookTarget(targetUrl: string | null): void;
  /** Queues the message of an opportunity as if it had been won just now; needs a target. */
  fireOpportunityWon(opportunityId: string): void;
  /** The SOAP body for 1 to 100 opportunities, with the data of now. */
  outboundMessage(opportunityIds: readonly string[], options?: MessageOptions): string;
  /** Posts one message past the queue: no retries. */
  sendOutboundMessage(options: SendOptions): Promise<Delivery>;
  /** Stops the delivery of outbound messages. */
  close(): Promise<void>;
}

/** A strict stand-in of one Salesforce org. Everything it keeps is in memory. */
export function createSalesforceSandbox(options: SalesforceSandboxOptions): SalesforceSandbox {
  const state = new SalesforceState(options);
  const messages = new OutboundMessages(state, options.baseUrl ?? (() => DEFAULT_BASE_URL));
  const outbound = new OutboundQueue(messages, state.settings);
  if (options.seed ?? true) seedOrg(state);
  state.reportListeners.push((opportunityId) => outbound.add(opportunityId));
  return {
    handler: (request, parts = UNDISTURBED) => route(state, options, { request, parts }),
    state,
    outbound,
    setWebhookTarget: (targetUrl) => outbound.setTarget(targetUrl),
    fireOpportunityWon: (opportunityId) => {
      if (outbound.targetUrl === null) throw new RangeError('set the target of outbound messages first');
      outbound.add(opportunityId);
    },
    outboundMessage: (opportunityIds, messageOptions) => messages.build(opportunityIds, messageOptions),
    sendOutboundMessage: (sendOptions) => messages.send(sendOptions),
    close: () => outbound.close(),
  };
}

function route(
  state: SalesforceState,
  options: SalesforceSandboxOptions,
  { request, parts }: { readonly request: SandboxRequest; readonly parts: PartRunner },
): SandboxResponse | Promise<SandboxResponse> {
  const [, services, area, ...rest] = segmentsOf(request.url);
  if (services !== 'services') return notHere();
  if (area === 'oauth2' && request.method === 'POST') {
    const baseUrl = options.baseUrl?.() ?? request.url.origin;
    if (rest.join('/') === 'token') return answerToken(state, options, request, baseUrl);
    if (rest.join('/') === 'revoke') return answerRevoke(state, request);
  }
  if (area !== 'data') return notHere();
  return rest.length === 0 ? answerVersions() : answerRest(state, { request, segments: rest, parts });
}

/** Outside the API a real org answers with a web page. */
function notHere(): SandboxResponse {
  return {
    status: 404,
    headers: { 'content-type': 'text/html' },
    body: '<html><body>URL No Longer Exists</body></html>',
  };
}
