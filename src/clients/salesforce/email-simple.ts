import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { escapeHtml } from '../../domain/escape-html.ts';
import { DealseatError, problem } from '../../domain/failure.ts';
import type { MessageOutcome } from '../../domain/seats/message-outcome.ts';
import type { AttachedRoster, MailSender, Message, SendHistory } from '../crm.ts';
import type { KnownOnce } from '../known-once.ts';
import type { SalesforceCall } from './call.ts';
import type { Connection } from './connection.ts';
import { opportunityId } from './deal.ts';
import { readOwnMails, readOwnTasks } from './deal-activity.ts';
import { failureOfFaults, unreadable } from './failures.ts';
import { faultEntry } from './faults.ts';
import { MAIL_ACTION_PATH, type MailAction } from './mail-action.ts';
import { carriesReference, referenceLine } from './reference.ts';

/**
 * Sends through the org's own `emailSimple` action, once a key: the action logs each mail on the opportunity, and
 * the log is read before sending. The action's success means taken, not delivered: Salesforce drops mail of
 * sender domains that are not verified and says nothing.
 */
export function createEmailSimple(connection: Connection, action: KnownOnce<MailAction>): MailSender {
  return {
    async deliver(message, history, signal) {
      try {
        const logged = history.isFirst ? null : await lookFor(connection, message, history, signal);
        if (logged !== null) return logged;
        await send(connection, { message, action: await action.get(signal) }, signal);
        return { is: 'accepted', reference: null };
      } catch (error) {
        action.doubt();
        return outcomeOf(error, message, history);
      }
    },
    async isShown(message) {
      return (await readLog(connection, message, ONE_LOOK))?.is === 'accepted';
    },
    // Mails cannot be called back.
    takeBack: async () => undefined,
  };
}

const ONE_LOOK: SendHistory = { mayBeOutSince: null, lookUntil: 0, lookIntervalMs: 0, saidMissing: null };

/** A failure that only a person can mend is the outcome of the message; every other one is thrown. */
function outcomeOf(error: unknown, { contactId, sendKey }: Message, history: SendHistory): MessageOutcome {
  // All of this class tell of a refusal, or of what kept the call from being made: this attempt sent nothing.
  if (!(error instanceof DealseatError) || error.class !== 'attention') throw error;
  // Perhaps no refusal yet: whoever has the patience says so.
  if (error.mayPass) throw error;
  if (history.mayBeOutSince === null) return { is: 'refused', problem: problem(error.code, error.message) };
  // An earlier attempt may have, and its mail may be where this one could not see it.
  return inDoubt(
    `The message to contact ${contactId} (${sendKey}) may have been sent by an earlier attempt, and was not found. ` +
      `The last attempt met ${error.code}: ${error.message}`,
  );
}

/** What the log says of the message; null: it may be sent. A mail that may be out is given the time to be logged. */
async function lookFor(
  connection: Connection,
  message: Message,
  history: SendHistory,
  signal?: AbortSignal,
): Promise<MessageOutcome | null> {
  const { mayBeOutSince, lookUntil, lookIntervalMs } = history;
  for (;;) {
    const found = await readLog(connection, message, history, signal);
    const restMs = mayBeOutSince === null ? 0 : lookUntil - performance.now();
    if (found?.is === 'accepted' || restMs <= 0) return found;
    await pause(Math.min(lookIntervalMs, restMs), signal);
  }
}

/** Orgs with Enhanced Email log an EmailMessage, others a task. */
async function readLog(
  connection: Connection,
  { dealId: askedId, sendKey }: Message,
  history: SendHistory,
  signal?: AbortSignal,
): Promise<MessageOutcome | null> {
  const dealId = opportunityId(askedId);
  let isOneHidden = false;
  for await (const mail of readOwnMails(connection, dealId, signal)) {
    const bodies = [mail.HtmlBody, mail.TextBody].filter((body) => body !== null);
    if (bodies.some((body) => carriesReference(body, sendKey))) return { is: 'accepted', reference: mail.Id };
    // Our mails always have a body.
    isOneHidden ||= bodies.length === 0 && mayBeTheMessage(mail.CreatedDate, history);
  }
  for await (const task of readOwnTasks(connection, { dealId, isOpenOnly: false }, signal)) {
    if (carriesReference(task.Description ?? '', sendKey)) return { is: 'accepted', reference: task.Id };
  }
  if (!isOneHidden) return null;
  return inDoubt(
    `Salesforce: a mail of ours on opportunity ${dealId} hides its body, so it may be ${sendKey}. ` +
      'Give the integration user read access to HtmlBody and TextBody of EmailMessage.',
  );
}

/** Clocks differ. */
const CLOCK_TOLERANCE_MS = 60_000;

/** A person who says that it is missing has seen the older mails; one that an attempt made since may be it. */
function mayBeTheMessage(createdAt: string, { saidMissing, mayBeOutSince }: SendHistory): boolean {
  if (saidMissing === null) return true;
  return mayBeOutSince !== null && Date.parse(createdAt) >= mayBeOutSince - CLOCK_TOLERANCE_MS;
}

function inDoubt(message: string): MessageOutcome {
  return { is: 'inDoubt', problem: problem('crm.mail_unknown', message) };
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(ms, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

const actionResults = z.array(
  z.union([
    z.object({ isSuccess: z.literal(true) }),
    z.object({ isSuccess: z.literal(false), errors: z.array(faultEntry).nullish() }),
  ]),
);

async function send(
  connection: Connection,
  { message, action }: { readonly message: Message; readonly action: MailAction },
  signal?: AbortSignal,
): Promise<void> {
  if (message.email === null) {
    throw new DealseatError({
      code: 'crm.mail_rejected',
      message: `Salesforce: contact ${message.contactId} has no e-mail address. Add one.`,
    });
  }
  const input = toInput(message, message.email, action);
  const call: SalesforceCall = {
    name: `send mail ${message.sendKey} to contact ${message.contactId}`,
    effect: 'create',
    object: 'emailSimple',
    whenRefused: 'crm.mail_rejected',
    secrets: secretsOf(message),
  };
  const [result] = await connection.request(
    call,
    actionResults.length(1),
    (jsforce) => jsforce.requestPost(MAIL_ACTION_PATH, { inputs: [input] }),
    signal,
  );
  if (result === undefined) throw unreadable(call, 'no result');
  if (result.isSuccess) return;
  const faults = result.errors?.length ? result.errors : [{ code: 'UNKNOWN', message: '', fields: [] }];
  throw failureOfFaults(faults, call, 200);
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
    emailBody: action.takesRichBody ? bodyOf(message) : textOf(message),
    senderType: 'CurrentUser',
    relatedRecordId: opportunityId(message.dealId),
    logEmailOnSend: true,
    ...(action.takesRichBody ? { sendRichBody: true } : {}),
    ...(message.roster === null ? {} : { attachmentId: attachmentsOf(message.roster) }),
  };
}

/** The workbook first: it is what people open. */
function attachmentsOf({ fileId, workbookFileId }: AttachedRoster): string {
  return [workbookFileId, fileId].filter((id) => id !== undefined).join(',');
}

/** The template may leave the links out; a learner's mail without the link would be worth nothing. */
function bodyOf(message: Message): string {
  const left = message.redeemLinks.filter(
    (link) => !message.html.includes(link) && !message.html.includes(escapeHtml(link)),
  );
  const links = left.map((link) => `<p><a href="${escapeHtml(link)}">${escapeHtml(link)}</a></p>`).join('');
  return `${message.html}${links}<p>${escapeHtml(referenceLine(message.sendKey))}</p>`;
}

/** For an action that shows markup as it is written. */
function textOf({ text, redeemLinks, sendKey }: Message): string {
  const left = redeemLinks.filter((link) => !text.includes(link));
  return [text, ...left, referenceLine(sendKey)].join('\n\n');
}

/** Every part of a redeem link long enough to be a code, and what shows that a link was cut short. */
function secretsOf({ redeemLinks }: Message): string[] {
  if (redeemLinks.length === 0) return [];
  return ['://', ...redeemLinks.flatMap((link) => link.split(/[/?#&=]/)).filter((part) => part.length >= 4)];
}
