import { SaxesParser } from 'saxes';
import { mustBeId } from './ids.ts';
import type { Row } from './store.ts';

/** The SOAP form of an outbound message, and the reading of its acknowledgement. */

const OUTBOUND = 'http://soap.sforce.com/2005/09/outbound';

interface Notification {
  /** `04l…`: the same for every try of one message. */
  readonly id: string;
  /** The record as it is at the time of sending. */
  readonly record: Row;
  readonly fields: readonly string[];
}

export interface Envelope {
  readonly organizationId: string;
  readonly actionId: string;
  /** Only when the message is set up to carry one. */
  readonly sessionId: string | null;
  readonly baseUrl: string;
  readonly objectName: string;
  readonly notifications: readonly Notification[];
}

export function outboundEnvelope(envelope: Envelope): string {
  const { organizationId, actionId, sessionId, baseUrl, objectName, notifications } = envelope;
  const org15 = mustBeId(organizationId).slice(0, 15);
  const session =
    sessionId === null ? '<SessionId xsi:nil="true"/>' : `<SessionId>${escapeXml(sessionId)}</SessionId>`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
 <soapenv:Body>
  <notifications xmlns="${OUTBOUND}">
   <OrganizationId>${organizationId}</OrganizationId>
   <ActionId>${actionId}</ActionId>
   ${session}
   <EnterpriseUrl>${escapeXml(baseUrl)}/services/Soap/c/66.0/${org15}</EnterpriseUrl>
   <PartnerUrl>${escapeXml(baseUrl)}/services/Soap/u/66.0/${org15}</PartnerUrl>
${notifications.map((notification) => notificationXml(objectName, notification)).join('\n')}
  </notifications>
 </soapenv:Body>
</soapenv:Envelope>
`;
}

/** Fields that are null are left out. */
function notificationXml(objectName: string, { id, record, fields }: Notification): string {
  const lines = fields.flatMap((name) => {
    const value = record[name] ?? null;
    return value === null ? [] : [`     <sf:${name}>${escapeXml(String(value))}</sf:${name}>`];
  });
  return `   <Notification>
    <Id>${id}</Id>
    <sObject xsi:type="sf:${objectName}" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">
${lines.join('\n')}
    </sObject>
   </Notification>`;
}

/** True for status 200 with a well-formed `Ack` of true in the outbound namespace; a bare 200 is no Ack. */
export function isAck(status: number, body: string): boolean {
  if (status !== 200) return false;
  const acks: string[] = [];
  let isInAck = false;
  const parser = new SaxesParser({ xmlns: true });
  parser.on('opentag', (tag) => {
    isInAck = tag.local === 'Ack' && tag.uri === OUTBOUND;
    if (isInAck) acks.push('');
  });
  parser.on('text', (text) => {
    if (isInAck) acks[acks.length - 1] += text;
  });
  parser.on('closetag', () => {
    isInAck = false;
  });
  try {
    parser.write(body).close();
  } catch {
    return false;
  }
  return acks.length === 1 && ['true', '1'].includes(acks[0]?.trim() ?? '');
}

function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&apos;');
}
