export interface WebhookEvent {
  readonly eventId: number;
  readonly subscriptionId: number;
  readonly portalId: number;
  readonly appId: number;
  readonly occurredAt: number;
  readonly attemptNumber: number;
  readonly objectId: number;
  readonly changeSource: string;
  readonly [field: string]: unknown;
}

export interface EventShape {
  /** `classic`: `deal.propertyChange`; `object`: `object.propertyChange` with `objectTypeId`. Default classic. */
  readonly form?: 'classic' | 'object';
  /** The published table says `eventType`, every captured body `subscriptionType`. Default the latter. */
  readonly typeField?: 'subscriptionType' | 'eventType';
  readonly portalId?: number;
  readonly appId?: number;
  readonly subscriptionId?: number;
  /** Set to give several events the same id, which HubSpot does not rule out. */
  readonly eventId?: number;
  readonly occurredAt?: number;
  readonly changeSource?: string;
}

/** A change of one record, before it has been put into HubSpot's words. */
export interface EventSubject {
  readonly singular: string;
  readonly typeId: string;
  readonly kind: string;
  readonly objectId: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export type EventDefaults = Required<
  Pick<EventShape, 'portalId' | 'appId' | 'subscriptionId' | 'eventId' | 'occurredAt' | 'changeSource'>
>;

export function buildEvent(subject: EventSubject, shape: EventShape, defaults: EventDefaults): WebhookEvent {
  const isObjectForm = shape.form === 'object';
  return {
    eventId: shape.eventId ?? defaults.eventId,
    subscriptionId: shape.subscriptionId ?? defaults.subscriptionId,
    portalId: shape.portalId ?? defaults.portalId,
    appId: shape.appId ?? defaults.appId,
    occurredAt: shape.occurredAt ?? defaults.occurredAt,
    [shape.typeField ?? 'subscriptionType']: `${isObjectForm ? 'object' : subject.singular}.${subject.kind}`,
    ...(isObjectForm ? { objectTypeId: subject.typeId } : {}),
    attemptNumber: 0,
    objectId: Number(subject.objectId),
    ...subject.fields,
    changeSource: shape.changeSource ?? defaults.changeSource,
    isSensitive: false,
  };
}
