import { SaxesParser, type SaxesTagNS } from 'saxes';
import { decodeUtf8 } from '../server/bounded-json.ts';
import { WebhookProblem } from '../server/problems.ts';

export interface OutboundMessage {
  /** As sent: 15 or 18 characters. */
  readonly organizationId: string;
  readonly notifications: readonly Notification[];
}

/** What is null was absent; a bad notification spoils itself, not the others. */
export interface Notification {
  readonly id: string | null;
  /** Type of the record, such as `Opportunity`. */
  readonly objectType: string | null;
  readonly recordId: string | null;
  /** The user who had changed the record last when it was sent; only if the admin chose that field. */
  readonly lastModifiedById: string | null;
}

const SOAP = 'http://schemas.xmlsoap.org/soap/envelope/';
const OUTBOUND = 'http://soap.sforce.com/2005/09/outbound';
const INSTANCE = 'http://www.w3.org/2001/XMLSchema-instance';
const RECORD = new Set(['urn:sobject.enterprise.soap.sforce.com', 'urn:sobject.partner.soap.sforce.com']);

const MAX_DEPTH = 16;
const MAX_NOTIFICATIONS = 100;
const MAX_ID_LENGTH = 100;
/** Of an element with its namespace. Every element is compared by its whole path, so long names cost quadratic time. */
const MAX_NAME_LENGTH = 256;

/** Paths of the elements that matter; records may be of either schema, so their namespace is normalised. */
const NOTIFICATIONS = `${SOAP}Envelope ${SOAP}Body ${OUTBOUND}notifications`;
const ORGANIZATION = `${NOTIFICATIONS} ${OUTBOUND}OrganizationId`;
const NOTIFICATION = `${NOTIFICATIONS} ${OUTBOUND}Notification`;
const NOTIFICATION_ID = `${NOTIFICATION} ${OUTBOUND}Id`;
const RECORD_ELEMENT = `${NOTIFICATION} ${OUTBOUND}sObject`;
const RECORD_ID = `${RECORD_ELEMENT} record:Id`;
const LAST_MODIFIED_BY_ID = `${RECORD_ELEMENT} record:LastModifiedById`;

/**
 * Reads a Salesforce outbound message (SOAP 1.1). Refuses what no such message holds and attackers like: document
 * types, entities of their own, processing instructions, deep nesting. Throws `webhook.malformed`.
 */
export function readOutboundMessage(body: Uint8Array): OutboundMessage {
  const reader = new MessageReader();
  const parser = new SaxesParser({ xmlns: true });
  parser.on('xmldecl', ({ encoding }) => {
    if (encoding !== undefined && encoding.toLowerCase() !== 'utf-8') refuse('The XML is not UTF-8.');
  });
  parser.on('doctype', () => refuse('The XML has a document type.'));
  parser.on('processinginstruction', () => refuse('The XML has a processing instruction.'));
  // The parser's own messages quote the body.
  parser.on('error', () =>
    refuse('The XML is not well formed, or uses an entity or namespace that it does not define.'),
  );
  parser.on('opentag', (tag) => reader.open(tag, (prefix) => parser.resolve(prefix)));
  parser.on('text', (text) => reader.text(text));
  parser.on('cdata', (text) => reader.text(text));
  parser.on('closetag', () => reader.close());
  parser.write(decodeUtf8(body)).close();
  return reader.result();
}

class MessageReader {
  readonly #path: string[] = [];
  readonly #organizationIds: string[] = [];
  readonly #notifications: { -readonly [Field in keyof Notification]: Notification[Field] }[] = [];
  #messageCount = 0;
  #text = '';

  open(tag: SaxesTagNS, resolvePrefix: (prefix: string) => string | undefined): void {
    if (this.#path.length >= MAX_DEPTH) refuse(`The XML nests deeper than ${MAX_DEPTH} levels.`);
    if (tag.uri.length + tag.local.length > MAX_NAME_LENGTH) {
      refuse(`An element or its namespace has a name of more than ${MAX_NAME_LENGTH} characters.`);
    }
    this.#path.push((RECORD.has(tag.uri) ? 'record:' : tag.uri) + tag.local);
    this.#text = '';
    const path = this.#path.join(' ');
    if (path === NOTIFICATIONS) this.#messageCount += 1;
    if (path === NOTIFICATION) {
      if (this.#notifications.length >= MAX_NOTIFICATIONS) {
        refuse(`There are more than ${MAX_NOTIFICATIONS} notifications.`);
      }
      this.#notifications.push({ id: null, objectType: null, recordId: null, lastModifiedById: null });
    }
    const notification = this.#notifications.at(-1);
    if (path === RECORD_ELEMENT && notification) notification.objectType = typeOfRecord(tag, resolvePrefix);
  }

  text(text: string): void {
    if (this.#text.length <= MAX_ID_LENGTH) this.#text += text.slice(0, MAX_ID_LENGTH + 1);
  }

  close(): void {
    const path = this.#path.join(' ');
    this.#path.pop();
    const text = this.#text.trim();
    this.#text = '';
    const notification = this.#notifications.at(-1);
    if (path === ORGANIZATION) this.#organizationIds.push(text);
    else if (path === NOTIFICATION_ID && notification) notification.id = text;
    else if (path === RECORD_ID && notification) notification.recordId = text;
    else if (path === LAST_MODIFIED_BY_ID && notification) notification.lastModifiedById = text;
  }

  result(): OutboundMessage {
    const [organizationId, ...others] = this.#organizationIds;
    if (this.#messageCount !== 1) refuse('Expected a SOAP envelope with one outbound message.');
    if (organizationId === undefined || others.length > 0) refuse('Expected one OrganizationId.');
    if (this.#notifications.length === 0) refuse('Expected at least one Notification.');
    return { organizationId, notifications: this.#notifications };
  }
}

/** `xsi:type="sf:Opportunity"`, where the prefix must stand for a schema of Salesforce records. */
function typeOfRecord(tag: SaxesTagNS, resolvePrefix: (prefix: string) => string | undefined): string | null {
  const type = Object.values(tag.attributes).find(({ uri, local }) => uri === INSTANCE && local === 'type');
  const [prefix, name, ...rest] = type?.value.trim().split(':') ?? [];
  if (!prefix || !name || rest.length > 0) return null;
  return RECORD.has(resolvePrefix(prefix) ?? '') ? name : null;
}

function refuse(detail: string): never {
  throw new WebhookProblem('webhook.malformed', { detail });
}
