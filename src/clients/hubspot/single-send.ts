import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { dayEndZone, lastWholeDay } from '../../domain/deal/calendar.ts';
import { escapeHtml } from '../../domain/escape-html.ts';
import { DealseatError } from '../../domain/failure.ts';
import type { MessageOutcome } from '../../domain/seats/message-outcome.ts';
import { countOf } from '../../domain/words.ts';
import type { MailSender, Message, SendHistory } from '../crm.ts';
import type { FirstLooks } from '../first-looks.ts';
import type { Connection } from './connection.ts';
import { outcomeOf } from './send-outcome.ts';
import { judgeSendResult } from './send-results.ts';
import { signRosterUrl } from './stored-files.ts';

export interface SingleSendOptions {
  /** How long the result of a send is waited for; after that the mail counts as accepted. */
  readonly resultWaitMs: number;
  /** Between two looks at the result, and before the first one, which comes earlier once results were seen earlier. */
  readonly resultPollMs: number;
  /** How long the signed link to a large roster works. */
  readonly rosterLinkSeconds: number;
}

export const DEFAULT_SINGLE_SEND: SingleSendOptions = {
  resultWaitMs: 20_000,
  resultPollMs: 500,
  rosterLinkSeconds: 7 * 24 * 60 * 60,
};

/** What is learned of all sends of one portal. */
const RESULT = 'result';

/** All custom properties of one mail together, in characters. HubSpot names no bound; mails are no roster. */
const MAX_CUSTOM_CHARACTERS = 10_000;

/** Nulls come where HubSpot has nothing to say yet. */
const statusSchema = z.object({
  statusId: z.string().min(1),
  status: z.string(),
  sendResult: z.string().nullish(),
});

type SendStatus = z.infer<typeof statusSchema>;

/**
 * Transactional e-mails. HubSpot finds a send by its status id only, which is lost with the answer; but it makes at most
 * one mail a `sendId`, so a send that may be out is simply handed over again.
 */
export function createSingleSend(
  connection: Connection,
  tool: { readonly emailId: number },
  options: SingleSendOptions,
  firstLooks: FirstLooks,
): MailSender {
  return {
    deliver: (message, history, signal) =>
      outcomeOf(message, history, async () => {
        const accepted = await send(connection, { message, history, tool, options }, signal);
        return waitForResult(connection, { message, history, accepted, options, firstLooks }, signal);
      }),
    // A mail cannot be called back.
    takeBack: async () => undefined,
  };
}

interface Sending {
  readonly message: Message;
  readonly history: SendHistory;
  readonly tool: { readonly emailId: number };
  readonly options: SingleSendOptions;
}

async function send(
  connection: Connection,
  { message, history, tool, options }: Sending,
  signal?: AbortSignal,
): Promise<SendStatus> {
  const { contactId, email } = message;
  if (email === null) {
    throw new DealseatError({
      code: 'crm.mail_rejected',
      message: `HubSpot: single send to contact ${contactId}: the contact has no e-mail address. Add one, then retry the run.`,
    });
  }
  const body = {
    emailId: tool.emailId,
    message: { to: email, sendId: sendIdOf(message, history) },
    contactProperties: {},
    customProperties: await customProperties(connection, message, options, signal),
  };
  return connection.request(
    {
      name: `single send of e-mail ${tool.emailId} to contact ${contactId}`,
      // A repeat makes no second mail; but a lost answer must not be told as "not out".
      effect: 'create',
      whenRefused: 'crm.mail_rejected',
      secrets: 'all',
      answer: statusSchema,
      signal,
    },
    { method: 'POST', path: '/marketing/v3/transactional/single-email/send', body },
  );
}

/** HubSpot sends nothing under a key it has met, so after a person's word that no mail was made of it a new one is needed. */
function sendIdOf({ sendKey }: Message, { saidMissing }: SendHistory): string {
  return saidMissing === null ? sendKey : `${sendKey}-${saidMissing.resendToken}`;
}

/**
 * The template gets all names always, some of them empty: HubSpot refuses a mail whose template names a property
 * that was not sent.
 */
async function customProperties(
  connection: Connection,
  message: Message,
  options: SingleSendOptions,
  signal?: AbortSignal,
): Promise<Record<string, string>> {
  const inline = {
    ...message.properties,
    redeem_links: message.redeemLinks.join('\n'),
    redeem_links_html: linksAsHtml(message),
    roster_link: '',
    roster_link_expires: '',
  };
  const hasLinks = message.redeemLinks.length > 0 || message.roster === null;
  if (hasLinks && charactersIn(inline) <= MAX_CUSTOM_CHARACTERS) return inline;
  if (message.roster === null) {
    throw new DealseatError({
      code: 'crm.mail_rejected',
      message: `HubSpot: single send to contact ${message.contactId}: ${countOf(message.redeemLinks.length, 'link')} ${message.redeemLinks.length === 1 ? 'does' : 'do'} not fit into the mail (at most ${countOf(MAX_CUSTOM_CHARACTERS, 'character')}) and there is no roster file to link to. Hand over to the buyer, or give this learner fewer seats.`,
    });
  }
  const { url, expiresAt } = await signRosterUrl(
    connection,
    message.roster.workbookFileId ?? message.roster.fileId,
    {
      validForSeconds: options.rosterLinkSeconds,
      signal,
    },
  );
  return {
    ...(message.propertiesIfLinked?.() ?? message.properties),
    redeem_links: '',
    redeem_links_html: '',
    roster_link: url,
    // Where the reader is, is not known here.
    roster_link_expires: lastWholeDay(expiresAt.toISOString(), dayEndZone({ timeZone: null })),
  };
}

/** With the products over them where there are several: a reader sees no difference between their links. */
function linksAsHtml({ redeemLinks, linkSections = [] }: Message): string {
  const sections = linkSections.length > 1 ? linkSections : [{ title: '', links: redeemLinks }];
  return sections
    .map(({ title, links }) => {
      const head = title === '' ? [] : [`<strong>${escapeHtml(title)}</strong>`];
      return [...head, ...links.map(asAnchor)].join('<br>');
    })
    .join('<br><br>');
}

/** A mail is HTML, where the end of a line is a blank. */
function asAnchor(link: string): string {
  const shown = escapeHtml(link);
  return `<a href="${shown}">${shown}</a>`;
}

function charactersIn(properties: Readonly<Record<string, string>>): number {
  return Object.entries(properties).reduce((sum, [name, value]) => sum + name.length + value.length, 0);
}

async function waitForResult(
  connection: Connection,
  sent: Omit<Sending, 'tool'> & { readonly accepted: SendStatus; readonly firstLooks: FirstLooks },
  signal?: AbortSignal,
): Promise<MessageOutcome> {
  const { message, history, accepted, options, firstLooks } = sent;
  const { statusId } = accepted;
  const judge = (result: string) =>
    judgeSendResult({ contactId: message.contactId, statusId, history }, result);
  const acceptedAt = performance.now();
  const leftMs = () => Math.max(0, acceptedAt + options.resultWaitMs - performance.now());
  let status = accepted;
  const isOver = () => Boolean(status.sendResult) || ['CANCELED', 'COMPLETE'].includes(status.status);
  const lookAfter = async (ms: number) => {
    await pause(Math.min(ms, leftMs()), undefined, signal ? { signal } : {});
    const seen = await readSendStatus(connection, statusId, signal);
    status = seen ?? status;
    return seen === null ? null : isOver();
  };
  if (!isOver()) {
    await firstLooks.find(RESULT, options.resultPollMs, (afterMs) =>
      lookAfter(Math.max(0, acceptedAt + afterMs - performance.now())),
    );
  }
  while (!isOver() && leftMs() > 0) await lookAfter(options.resultPollMs);
  if (status.sendResult) return judge(status.sendResult);
  return status.status === 'CANCELED' ? judge('CANCELED') : { is: 'accepted', reference: statusId };
}

/** Null when it cannot be read now: the mail is on its way whatever the status call says. */
async function readSendStatus(
  connection: Connection,
  statusId: string,
  signal?: AbortSignal,
): Promise<SendStatus | null> {
  try {
    return await connection.request(
      { name: `read send status ${statusId}`, effect: 'read', answer: statusSchema, signal },
      { method: 'GET', path: `/marketing/v3/email/send-statuses/${encodeURIComponent(statusId)}` },
    );
  } catch (error) {
    if (error instanceof DealseatError) return null;
    throw error;
  }
}
