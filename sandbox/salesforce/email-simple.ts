import type { SandboxResponse } from '../exchange.ts';
import { type ApiCall, allowMethods, isObject, jsonBody, ok } from './api-call.ts';
import { ApiError, type ItemError } from './api-error.ts';
import { salesforceDateTime } from './dates.ts';
import { describeEmailAction, type EmailInput, emailInputs } from './email-inputs.ts';
import { toId18 } from './ids.ts';
import { idOf, type Row, text } from './store.ts';
import { type Body, isEmailAddress } from './validate.ts';

/** `/actions/standard/emailSimple`: one mail for each input, no message id back, not repeatable. */

interface Mail {
  readonly recipients: readonly string[];
  readonly subject: string;
  readonly body: string;
  readonly isHtml: boolean;
  readonly attachments: readonly Row[];
  readonly relatedRecordId: string | null;
  readonly isLogged: boolean;
}

/** The old recipient list took five addresses, since API 62 the sum of all is bounded. */
const maxRecipients = (version: number) => (version <= 61 ? 5 : 150);
const MAX_LIST_BYTES = 4000;

export function answerEmailSimple(call: ApiCall): SandboxResponse {
  allowMethods(call, ['GET', 'POST']);
  const version = Number.parseInt(call.apiVersion, 10);
  if (call.request.method === 'GET') return ok(describeEmailAction(version));
  const { inputs } = jsonBody(call);
  if (!Array.isArray(inputs) || inputs.length === 0 || !inputs.every(isObject)) {
    throw new ApiError(400, 'INVALID_INPUT', 'inputs must be a list of at least one object');
  }
  const errors = inputs.map((input) => attempt(call, version, input));
  const results = errors.map((error) => ({
    actionName: 'emailSimple',
    errors: error === null ? null : [error],
    invocationId: null,
    isSuccess: error === null,
    outcome: null,
    outputValues: null,
    sortOrder: -1,
    version: 1,
  }));
  const isRefused = errors.some((error) => error !== null) && call.state.settings.mailMode !== 'fail200';
  return { status: isRefused ? 400 : 200, body: results };
}

function attempt(call: ApiCall, version: number, input: Body): ItemError | null {
  const { mailMode } = call.state.settings;
  try {
    const mail = readMail(call, version, input);
    if (mailMode === 'fail200' || mailMode === 'fail400') {
      throw new ApiError(
        400,
        'CANNOT_EXECUTE_FLOW_TRIGGER',
        'The email could not be sent: the sender is not allowed',
      );
    }
    if (mailMode === 'ok') deliver(call, mail);
    if (mail.isLogged) log(call, mail);
    return null;
  } catch (error) {
    if (error instanceof ApiError) return error.toItem();
    throw error;
  }
}

function readMail(call: ApiCall, version: number, input: Body): Mail {
  checkInputs(emailInputs(version), input);
  const recipients = readRecipients(call, version, input);
  const { emailSubject, emailBody, senderType = 'CurrentUser', sendRichBody = false } = input;
  if (
    typeof emailSubject !== 'string' ||
    typeof emailBody !== 'string' ||
    emailSubject === '' ||
    emailBody === ''
  ) {
    throw refusal('REQUIRED_FIELD_MISSING', 'emailSubject and emailBody are required without a template');
  }
  if (senderType !== 'CurrentUser' && senderType !== 'DefaultWorkflowUser') {
    throw refusal('INVALID_SENDER', `The sender ${String(senderType)} is not a verified sender of this org`);
  }
  const relatedRecordId = readRelatedRecord(call, input.relatedRecordId);
  if (input.logEmailOnSend === true && relatedRecordId === null && !input.recipientId) {
    throw refusal('INVALID_INPUT', 'logEmailOnSend needs recipientId or relatedRecordId');
  }
  return {
    recipients,
    subject: emailSubject,
    body: emailBody,
    isHtml: sendRichBody === true,
    attachments: readAttachments(call, input),
    relatedRecordId,
    isLogged: input.logEmailOnSend === true,
  };
}

function checkInputs(known: readonly EmailInput[], input: Body): void {
  for (const [name, value] of Object.entries(input)) {
    const spec = known.find((candidate) => candidate.name === name);
    if (!spec) throw refusal('INVALID_INPUT', `The action emailSimple has no input named ${name}`);
    const expected = spec.type === 'BOOLEAN' ? 'boolean' : 'string';
    const fits =
      spec.maxOccurs > 1
        ? Array.isArray(value) && value.every((item) => typeof item === 'string')
        : typeof value === expected;
    if (value !== null && !fits) throw refusal('INVALID_INPUT', `The input ${name} has the wrong type`);
  }
}

function readRecipients(call: ApiCall, version: number, input: Body): string[] {
  const lists = ['emailAddresses', 'recipientAddresses', 'ccAddresses', 'bccAddresses']
    .concat('ccRecipientAddressList', 'bccRecipientAddressList')
    .flatMap((name) => splitList(name, input[name]));
  const collections = ['emailAddressesArray', 'ccRecipientAddressCollection', 'bccRecipientAddressCollection']
    .flatMap((name) => input[name] ?? [])
    .map(String);
  const recipients = [...lists, ...collections, ...recipientAddress(call, input.recipientId)];
  if (recipients.length === 0) throw refusal('REQUIRED_FIELD_MISSING', 'The email has no recipient');
  if (recipients.length > maxRecipients(version)) {
    throw refusal('LIMIT_EXCEEDED', `At most ${maxRecipients(version)} recipients are allowed`);
  }
  const invalid = recipients.find((address) => !isEmailAddress(address));
  if (invalid !== undefined) throw refusal('INVALID_EMAIL_ADDRESS', `Invalid email address: ${invalid}`);
  return recipients;
}

function splitList(name: string, value: unknown): string[] {
  if (typeof value !== 'string' || value === '') return [];
  if (Buffer.byteLength(value) > MAX_LIST_BYTES) {
    throw refusal('INVALID_INPUT', `The input ${name} is longer than ${MAX_LIST_BYTES} bytes`);
  }
  return value.split(',').map((address) => address.trim());
}

function recipientAddress({ state }: ApiCall, recipientId: unknown): string[] {
  if (typeof recipientId !== 'string') return [];
  const contact = state.store.find('Contact', toId18(recipientId) ?? '');
  const email = contact ? text(contact, 'Email') : '';
  if (email === '')
    throw refusal('INVALID_ID_FIELD', `recipientId ${recipientId} is no contact with an address`);
  return [email];
}

function readRelatedRecord({ state }: ApiCall, relatedRecordId: unknown): string | null {
  if (typeof relatedRecordId !== 'string') return null;
  const id = toId18(relatedRecordId);
  const object = id === null ? undefined : state.schema.objectOfId(id);
  if (
    id !== null &&
    object &&
    ['Opportunity', 'Account'].includes(object.name) &&
    state.store.find(object.name, id)
  ) {
    return id;
  }
  throw refusal(
    'INVALID_ID_FIELD',
    `relatedRecordId ${relatedRecordId} is no record that mail can be related to`,
  );
}

function readAttachments({ state }: ApiCall, input: Body): Row[] {
  const collection = Array.isArray(input.attachmentIdCollection)
    ? input.attachmentIdCollection.map(String)
    : [];
  const ids = [...splitList('attachmentId', input.attachmentId), ...collection];
  return ids.map((id) => {
    const version = state.store.find('ContentVersion', toId18(id) ?? '');
    if (version) return version;
    throw refusal('INVALID_ID_FIELD', `The attachment ${id} does not exist`);
  });
}

function deliver({ state }: ApiCall, mail: Mail): void {
  state.outbox.add({
    system: 'salesforce',
    to: mail.recipients.join(', '),
    subject: mail.subject,
    html: mail.isHtml ? mail.body : escapeText(mail.body),
    properties: mail.relatedRecordId === null ? {} : { relatedRecordId: mail.relatedRecordId },
    attachments: mail.attachments.map((version) => ({
      name: text(version, 'PathOnClient'),
      bytes: state.store.file(idOf(version)) ?? Buffer.alloc(0),
    })),
    sentAt: new Date(state.now()).toISOString(),
    key: null,
  });
}

function log({ state }: ApiCall, mail: Mail): void {
  const sender = state.store.find('User', state.userId);
  state.records.insert('EmailMessage', {
    RelatedToId: mail.relatedRecordId,
    Subject: mail.subject,
    HtmlBody: mail.isHtml ? mail.body : null,
    TextBody: mail.isHtml ? mail.body.replace(/<[^>]+>/g, '') : mail.body,
    FromAddress: sender?.Email ?? null,
    FromName: sender?.Name ?? null,
    ToAddress: mail.recipients.join('; '),
    HasAttachment: mail.attachments.length > 0,
    Status: '3',
    MessageDate: salesforceDateTime(state.now()),
  });
}

/** Without `sendRichBody` a mail is plain text: tags that it holds are shown, not obeyed. */
function escapeText(body: string): string {
  return body
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('\n', '<br>\n');
}

function refusal(statusCode: string, message: string): ApiError {
  return new ApiError(400, statusCode, message);
}
