import { randomInt } from 'node:crypto';
import { invalid } from './answers.ts';
import { OBJECT_TYPES, objectType } from './object-types.ts';
import type { RecordChange } from './records.ts';
import type { HubSpotState } from './state.ts';
import {
  type DeliveryModes,
  type DeliveryOptions,
  DeliveryQueue,
  type DeliveryRecord,
} from './webhook-delivery.ts';
import { buildEvent, type EventShape, type EventSubject, type WebhookEvent } from './webhook-events.ts';
import { postWebhook, type Tampering, type WebhookAnswer } from './webhook-request.ts';

export interface Subscription {
  readonly id: number;
  /** `deal.propertyChange` or `object.propertyChange`. */
  readonly type: string;
  readonly objectTypeId: string;
  readonly propertyName: string | null;
  active: boolean;
}

export interface WebhookOptions {
  readonly state: HubSpotState;
  readonly clientSecret: string;
  readonly appId: number;
  /** Apps with only a service key own no subscriptions. */
  readonly ownsWebhooks: boolean;
  /** Without the object's read scope an event is not sent. */
  readonly scopes: readonly string[];
  readonly delivery: DeliveryOptions;
}

const MAX_SUBSCRIPTIONS = 1000;
const NEVER_SUBSCRIBED = ['hs_lastmodifieddate', 'num_unique_conversion_events'];
const ANSWER_TIMEOUT_MS = 5000;

/** Subscriptions of the portal's app, the events they make, and signed requests by hand for tests. */
export class HubSpotWebhooks {
  readonly #options: WebhookOptions;
  readonly #queue: DeliveryQueue;
  readonly #subscriptions: Subscription[] = [];
  #nextSubscriptionId = 92_894;

  constructor(options: WebhookOptions) {
    this.#options = options;
    this.#queue = new DeliveryQueue(options.delivery, options.clientSecret, options.state.now);
    options.state.records.onChange = (change) => this.#onChange(change);
  }

  /** Every request the delivery loop has made, oldest first. */
  get deliveries(): readonly DeliveryRecord[] {
    return this.#queue.records;
  }

  /** Events given up after the last try. */
  get dropped(): readonly WebhookEvent[] {
    return this.#queue.dropped;
  }

  /** HubSpot calls only https; plain http is taken for this machine alone. */
  setTarget(targetUrl: string, options: { readonly postTo?: string } = {}): void {
    const { protocol, hostname } = new URL(options.postTo ?? targetUrl);
    const isLocal = ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
    if (protocol !== 'https:' && !isLocal) throw invalid(`Target URL ${targetUrl} must be https`);
    this.#queue.target = { targetUrl, ...options };
  }

  /** Signs all that is sent from now on, tries of older events included. */
  rotateSecret(clientSecret: string): void {
    this.#queue.clientSecret = clientSecret;
  }

  setMaxConcurrentRequests(count: number): void {
    if (count <= 5) throw invalid(`maxConcurrentRequests must be greater than 5, found ${count}`);
    this.#queue.maxInFlight = count;
  }

  subscribe(subscription: {
    readonly type: string;
    readonly propertyName?: string;
    /** Needed for the `object.*` form. */
    readonly objectTypeId?: string;
    readonly active?: boolean;
  }): Subscription {
    const [prefix = '', kind] = subscription.type.split('.');
    const propertyName = subscription.propertyName ?? null;
    if (!this.#options.ownsWebhooks)
      throw invalid('Apps with a service key cannot own webhook subscriptions');
    if (this.#subscriptions.length >= MAX_SUBSCRIPTIONS) {
      throw invalid(
        `Couldn't create another subscription. You've reached the maximum number of subscriptions (${MAX_SUBSCRIPTIONS}).`,
      );
    }
    if ((kind === 'propertyChange') !== (propertyName !== null)) {
      throw invalid(`${subscription.type}: propertyName goes with propertyChange, and only with it`);
    }
    if (propertyName !== null && NEVER_SUBSCRIBED.includes(propertyName)) {
      throw invalid(`Changes of ${propertyName} cannot be subscribed to`);
    }
    const made: Subscription = {
      id: this.#nextSubscriptionId++,
      type: subscription.type,
      objectTypeId: objectType(prefix === 'object' ? (subscription.objectTypeId ?? '') : prefix).typeId,
      propertyName,
      active: subscription.active ?? false,
    };
    this.#subscriptions.push(made);
    return made;
  }

  /** Turns on one of HubSpot's ways to bring events badly; absent modes go off. */
  setModes(modes: DeliveryModes): void {
    this.#queue.modes = modes;
  }

  /** What HubSpot would send for these deals' present stages, one event a deal. */
  events(dealIds: readonly string[], shape: EventShape = {}): WebhookEvent[] {
    return dealIds.map((dealId) => {
      const stage = this.#options.state.records.find('deals', dealId)?.properties.dealstage ?? 'closedwon';
      return this.#build(
        {
          singular: 'deal',
          typeId: OBJECT_TYPES.deals.typeId,
          kind: 'propertyChange',
          objectId: dealId,
          fields: { propertyName: 'dealstage', propertyValue: stage },
        },
        shape,
      );
    });
  }

  /** One signed request at once, past the delivery loop; by default as HubSpot makes it, or spoilt on purpose. */
  send(request: {
    readonly targetUrl: string;
    readonly postTo?: string;
    readonly events: readonly WebhookEvent[];
    readonly timestamp?: number;
    readonly tamper?: Tampering;
  }): Promise<WebhookAnswer> {
    return postWebhook({
      timestamp: this.#options.state.now(),
      ...request,
      clientSecret: this.#queue.clientSecret,
      timeoutMs: ANSWER_TIMEOUT_MS,
    });
  }

  /** Hands events to the delivery loop, which sends again until they are accepted. */
  deliver(events: readonly WebhookEvent[]): void {
    this.#queue.add(events);
  }

  /** Resolves when nothing is waiting or in flight. */
  settled(): Promise<void> {
    return this.#queue.settled();
  }

  stop(): void {
    this.#queue.stop();
  }

  #onChange(change: RecordChange): void {
    const type = OBJECT_TYPES[change.record.object];
    const property = change.kind === 'propertyChange' ? change.property : null;
    const mayRead = type.readScopes.some((scope) => this.#options.scopes.includes(scope));
    const subscribed = this.#subscriptions.filter(
      (subscription) =>
        subscription.active &&
        subscription.objectTypeId === type.typeId &&
        subscription.type.endsWith(`.${change.kind}`) &&
        subscription.propertyName === property,
    );
    if (!mayRead) return;
    for (const subscription of subscribed) {
      const subject = {
        singular: type.singular,
        typeId: type.typeId,
        kind: change.kind,
        ...subjectOf(change),
      };
      const form = subscription.type.startsWith('object.') ? 'object' : 'classic';
      this.#queue.add([
        this.#build(subject, { form, subscriptionId: subscription.id, changeSource: change.source }),
      ]);
    }
  }

  #build(subject: EventSubject, shape: EventShape): WebhookEvent {
    const { state, appId } = this.#options;
    return buildEvent(subject, shape, {
      portalId: state.portalId,
      appId,
      subscriptionId: 92_893,
      eventId: randomInt(1, 2 ** 32),
      occurredAt: state.now(),
      changeSource: 'CRM_UI',
    });
  }
}

function subjectOf(change: RecordChange): Pick<EventSubject, 'objectId' | 'fields'> {
  const objectId = change.record.id;
  switch (change.kind) {
    case 'propertyChange':
      return { objectId, fields: { propertyName: change.property, propertyValue: change.value } };
    case 'merge':
      return {
        objectId,
        fields: {
          primaryObjectId: Number(objectId),
          mergedObjectIds: change.mergedIds.map(Number),
          newObjectId: Number(objectId),
          numberOfPropertiesMoved: 0,
        },
      };
    case 'creation':
      return { objectId, fields: { changeFlag: 'NEW' } };
    case 'deletion':
      return { objectId, fields: { changeFlag: 'DELETED' } };
  }
}
