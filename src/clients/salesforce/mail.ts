import { z } from 'zod';
import { DealseatError } from '../../domain/failure.ts';
import type { Message, MessageRef, SentMessage } from '../crm.ts';
import type { Call } from './call.ts';
import type { SalesforceSession } from './connection.ts';
import { readContact } from './contacts.ts';
import { opportunityId } from './deal.ts';
import { readOutgoingMails, readTasks } from './deal-activity.ts';
import { failureOfFault, unreadable } from './failures.ts';
import { faultEntry } from './faults.ts';
import { normalizeIdOf } from './ids.ts';
import { describeMailAction, MAIL_ACTION_PATH, type MailAction } from './mail-action.ts';
import { carriesReference, escapeHtml, referenceLine } from './reference.ts';

const NO_MAIL: SentMessage = { state: 'none', reference: null };

const actionResults = z.array(
  z.union([
    z.object({ isSuccess: z.literal(true) }),
    z.object({ isSuccess: z.literal(false), errors: z.array(faultEntry).nullish() }),
  ]),
);

/**
 * Sends through the org's own `emailSimple` action, once a key: the action logs each mail on the opportunity, and
 * the log is read before sending. The action's success means taken, not delivered: Salesforce drops mail of
 * sender domains that are not verified and says nothing.
 */
export async function sendMessage(
  session: SalesforceSession,
  message: Message,
  signal?: AbortSignal,
): Promise<SentMessage> {
  const earlier = await findMessage(session, message, signal);
  if (earlier === 'unknown') {
    if (!message.isKnownUnsent) throw cannotTell(message);
  } else if (earlier !== 'not_sent') return earlier;

  const contact = await readContact(session, message.contactId, signal);
  if (contact.email === null) {
    throw new DealseatError({
      code: 'crm.mail_rejected',
      message: `Salesforce: contact ${contact.id} has no e-mail address. Add one.`,
    });
  }
  const action = await describeMailAction(session, signal);
  const input = toInput(message, contact.email, action);
  await send(session, input, message, signal);
  return { state: 'accepted', reference: null };
}

/**
 * Reads the log. Orgs with Enhanced Email log an EmailMessage, others a task. `unknown` when a mail that the
 * integration user made hides its body from it: ours always have one, drafts of others may have none.
 */
export async function findMessage(
  session: SalesforceSession,
  message: MessageRef,
  signal?: AbortSignal,
): Promise<SentMessage | 'not_sent' | 'unknown'> {
  if (wantsNoMail(message)) return NO_MAIL;
  const dealId = opportunityId(message.dealId);
  const { userId } = await session.token(signal);
  const author = normalizeIdOf('User', userId);
  const call: Call = { what: `looking for mails of opportunity ${dealId}`, object: 'EmailMessage' };
  let isOwnHidden = false;
  for await (const { Id, HtmlBody, TextBody, CreatedById } of readOutgoingMails(
    session,
    dealId,
    call,
    signal,
  )) {
    const bodies = [HtmlBody, TextBody].filter((body) => body !== null);
    if (bodies.some((body) => carriesReference(body, message.sendKey))) {
      return { state: 'accepted', reference: Id };
    }
    isOwnHidden ||= bodies.length === 0 && CreatedById === author;
  }
  for await (const { Id, Description } of readTasks(session, dealId, call, signal)) {
    if (carriesReference(Description ?? '', message.sendKey)) return { state: 'accepted', reference: Id };
  }
  return isOwnHidden ? 'unknown' : 'not_sent';
}

function wantsNoMail({ tool }: MessageRef): boolean {
  if (tool.via === 'none') return true;
  if (tool.via === 'emailSimple') return false;
  throw new TypeError(`Salesforce has no mail tool ${tool.via}`);
}

function toInput(message: Message, address: string, action: MailAction): Record<string, unknown> {
  if (message.roster !== null && !action.takesAttachment) {
    throw new DealseatError({
      code: 'crm.forbidden',
      message: 'Salesforce: the e-mail action takes no attachment. Set SALESFORCE_API_VERSION to 66.0.',
    });
  }
  return {
    [action.recipients]: address,
    emailSubject: message.subject,
    emailBody: bodyOf(message),
    senderType: 'CurrentUser',
    relatedRecordId: opportunityId(message.dealId),
    logEmailOnSend: true,
    ...(action.takesRichBody ? { sendRichBody: true } : {}),
    ...(message.roster === null ? {} : { attachmentId: message.roster.fileId }),
  };
}

/** The template may leave the links out; a learner's mail without the link would be worth nothing. */
function bodyOf(message: Message): string {
  const left = message.redeemLinks.filter(
    (link) => !message.html.includes(link) && !message.html.includes(escapeHtml(link)),
  );
  const links = left.map((link) => `<p><a href="${escapeHtml(link)}">${escapeHtml(link)}</a></p>`).join('');
  return `${message.html}${links}<p>${escapeHtml(referenceLine(message.sendKey))}</p>`;
}

async function send(
  session: SalesforceSession,
  input: Record<string, unknown>,
  message: Message,
  signal?: AbortSignal,
): Promise<void> {
  const call: Call = {
    what: `sending mail ${message.sendKey} to contact ${message.contactId}`,
    object: 'emailSimple',
    creates: true,
    rejected: 'crm.mail_rejected',
    secrets: secretsOf(message),
  };
  const [result] = await session.request(
    call,
    actionResults.length(1),
    (connection) => connection.requestPost(MAIL_ACTION_PATH, { inputs: [input] }),
    signal,
  );
  if (result === undefined) throw unreadable(call, 'no result');
  if (result.isSuccess) return;
  const fault = result.errors?.[0] ?? { code: 'UNKNOWN', message: '', fields: [] };
  throw failureOfFault(fault, call, 200);
}

/** Every part of a redeem link long enough to be a code, and what shows that a link was cut short. */
function secretsOf({ redeemLinks }: Message): string[] {
  if (redeemLinks.length === 0) return [];
  return ['://', ...redeemLinks.flatMap((link) => link.split(/[/?#&=]/)).filter((part) => part.length >= 4)];
}

function cannotTell(message: MessageRef): DealseatError {
  return new DealseatError({
    code: 'crm.outcome_unknown',
    message:
      `Salesforce: a mail of ours on opportunity ${message.dealId} hides its body, so it may be ${message.sendKey}. ` +
      'Give the integration user read access to HtmlBody and TextBody of EmailMessage.',
  });
}
