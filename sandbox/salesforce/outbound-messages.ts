import { request } from 'undici';
import { mustBeId } from './ids.ts';
import { isAck, outboundEnvelope } from './outbound-xml.ts';
import type { SalesforceState } from './state.ts';
import type { Row } from './store.ts';

/** Builds and posts outbound messages by hand, good ones and bad ones. */

const MAX_NOTIFICATIONS = 100;
const DEFAULT_FIELDS = ['Id', 'LastModifiedById', 'Name', 'StageName'];
const WRONG_ORG_ID = '00D000000000000EAA';
const LISTENER_TIMEOUT_MS = 10_000;

export interface MessageOptions {
  /** One for each opportunity. Default: fresh ones; a retry of Salesforce repeats the first ones. */
  readonly notificationIds?: readonly string[];
  /** Which fields the admin chose for the message. `Id` is always sent. */
  readonly fields?: readonly string[];
  /** Claims to come from another org. */
  readonly wrongOrg?: boolean;
  /** Present when the admin ticked "Send Session ID". */
  readonly sessionId?: string;
  /** Announces another object than Opportunity. */
  readonly objectName?: string;
}

export interface SendOptions extends MessageOptions {
  readonly targetUrl: string;
  readonly opportunityIds: readonly string[];
  /** Posts the same message a second time, as Salesforce does now and then; the answer is the second one's. */
  readonly duplicate?: boolean;
}

export interface Delivery {
  /** Null when no answer came. */
  readonly status: number | null;
  readonly acked: boolean;
}

export class OutboundMessages {
  readonly #state: SalesforceState;
  readonly #baseUrl: () => string;
  readonly #actionId: string;

  constructor(state: SalesforceState, baseUrl: () => string) {
    this.#state = state;
    this.#baseUrl = baseUrl;
    this.#actionId = state.store.nextId('04k');
  }

  newNotificationId(): string {
    return this.#state.store.nextId('04l');
  }

  /** The SOAP body for 1 to 100 opportunities, with the data of now. */
  build(opportunityIds: readonly string[], options: MessageOptions = {}): string {
    if (opportunityIds.length === 0 || opportunityIds.length > MAX_NOTIFICATIONS) {
      throw new RangeError(`a message carries 1 to ${MAX_NOTIFICATIONS} notifications`);
    }
    const fields = [...new Set(['Id', ...(options.fields ?? DEFAULT_FIELDS)])];
    return outboundEnvelope({
      organizationId: options.wrongOrg ? WRONG_ORG_ID : this.#state.orgId,
      actionId: this.#actionId,
      sessionId: options.sessionId ?? null,
      baseUrl: this.#baseUrl(),
      objectName: options.objectName ?? 'Opportunity',
      notifications: opportunityIds.map((opportunityId, index) => ({
        id: options.notificationIds?.[index] ?? this.newNotificationId(),
        record: this.#recordNow(opportunityId),
        fields,
      })),
    });
  }

  async send({ targetUrl, opportunityIds, duplicate, ...options }: SendOptions): Promise<Delivery> {
    const body = this.build(opportunityIds, options);
    if (duplicate) await postMessage(targetUrl, body);
    return postMessage(targetUrl, body);
  }

  /** A record that this org does not hold (deleted, or of another org) is told by its id alone. */
  #recordNow(opportunityId: string): Row {
    const id = mustBeId(opportunityId);
    return this.#state.store.find('Opportunity', id) ?? { Id: id };
  }
}

export async function postMessage(targetUrl: string, body: string): Promise<Delivery> {
  const target = new URL(targetUrl);
  try {
    const response = await request(target, {
      method: 'POST',
      headers: { 'content-type': 'text/xml; charset=utf-8', soapaction: '""' },
      body,
      signal: AbortSignal.timeout(LISTENER_TIMEOUT_MS),
    });
    const text = await response.body.text();
    return { status: response.statusCode, acked: isAck(response.statusCode, text) };
  } catch {
    // Down, too slow or cut off: all the same to the queue, which sends again.
    return { status: null, acked: false };
  }
}
