import { invalid, json, notFound } from '../answers.ts';
import { type Call, type Endpoint, param } from '../endpoint.ts';
import type { HubSpotRecord } from '../records.ts';
import {
  asInteger,
  asObject,
  asString,
  asStrings,
  type JsonObject,
  optional,
  readJsonObject,
  requireFields,
} from '../request-body.ts';

export const singleSendEndpoints: readonly Endpoint[] = [
  {
    method: 'POST',
    path: '/marketing/v3/transactional/single-email/send',
    scopes: [['transactional-email']],
    limit: 'exempt',
    minimumTier: 'professional',
    answer: (call) => send(call, 'transactional'),
  },
  {
    method: 'POST',
    path: '/marketing/v4/email/single-send',
    scopes: [['marketing-email', 'transactional-email']],
    limit: 'exempt',
    minimumTier: 'enterprise',
    answer: (call) => send(call, 'marketing'),
  },
  {
    method: 'GET',
    path: '/marketing/v3/emails/:emailId',
    scopes: [['content', 'marketing-email', 'transactional-email']],
    answer: readEmail,
  },
  {
    method: 'GET',
    path: '/marketing/v3/email/send-statuses/:statusId',
    scopes: [['transactional-email', 'marketing-email']],
    answer: (call) => {
      const status = call.state.singleSends.poll(param(call, 'statusId'));
      if (!status) throw notFound();
      return json(200, status);
    },
  },
];

function readEmail(call: Call) {
  const template = call.state.singleSends.template(Number(param(call, 'emailId')));
  if (!template) throw notFound();
  const { emailId, name, subject, isPublished = true } = template;
  const state = isPublished ? 'AUTOMATED' : 'AUTOMATED_DRAFT';
  return json(200, { id: String(emailId), name, subject, state, isPublished, isTransactional: true });
}

function send(call: Call, kind: 'transactional' | 'marketing') {
  const body = readJsonObject(call.request);
  requireFields(body, ['emailId', 'message'], 'PublicSingleSendRequestEgg');
  const emailId = asInteger(body.emailId, 'emailId');
  const message = asObject(body.message, 'message');
  requireFields(message, ['to'], 'PublicSingleSendEmail');
  const to = asString(message.to, 'message.to');
  if (!/^[^@\s]+@[^@\s]+$/.test(to)) throw invalid(`message.to "${to}" is not an email address`);
  for (const name of ['cc', 'bcc', 'replyTo']) optional(message[name], `message.${name}`, asStrings);
  const custom = readTexts(body.customProperties, 'customProperties');
  const contact = recipient(call, to, asObject(body.contactProperties ?? {}, 'contactProperties'));
  // The billing effect of the marketing kind; the transactional one has none.
  if (kind === 'marketing') contact.properties.hs_marketable_status = 'true';
  const status = call.state.singleSends.accept({
    emailId,
    to,
    sendId: optional(message.sendId, 'message.sendId', asString),
    custom,
    contact: contact.properties,
  });
  return json(200, status);
}

/** Writes what should be kept on the contact, and makes the contact where the address is unknown. */
function recipient({ state }: Call, email: string, properties: JsonObject): HubSpotRecord {
  const known = state.records.findByValue('contacts', 'email', email);
  if (!known) {
    return state.records.create(
      'contacts',
      state.writes.checkCreate('contacts', { ...properties, email }),
      'INTEGRATION',
    );
  }
  state.records.update(known, state.writes.checkUpdate(known, properties), 'INTEGRATION');
  return known;
}

/** Arrays and objects work only in programmable e-mails, which the templates here are not. */
function readTexts(value: unknown, where: string): Record<string, string> {
  const entries = Object.entries(asObject(value ?? {}, where)).map(([name, item]) => {
    if (typeof item === 'number' || typeof item === 'boolean') return [name, String(item)];
    return [name, asString(item, `${where}.${name}`)];
  });
  return Object.fromEntries(entries);
}
