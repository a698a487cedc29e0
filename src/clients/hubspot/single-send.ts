import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import type { HubSpotMailTool } from '../../domain/deal/catalog.ts';
import { DealseatError } from '../../domain/failure.ts';
import type { Message, SentMessage } from '../crm.ts';
import type { Connection } from './connection.ts';
import { readContact } from './contacts.ts';
import { judgeSendResult } from './send-results.ts';
import { signRosterUrl } from './stored-files.ts';

type SingleSendTool = Extract<HubSpotMailTool, { via: 'singleSend' }>;

export interface SingleSendOptions {
  /** How long the result of a send is waited for; after that the mail counts as accepted. */
  readonly resultWaitMs: number;
  readonly resultPollMs: number;
  /** How long the signed link to a large roster works. */
  readonly rosterLinkSeconds: number;
}

export const DEFAULT_SINGLE_SEND: SingleSendOptions = {
  resultWaitMs: 20_000,
  resultPollMs: 500,
  rosterLinkSeconds: 7 * 24 * 60 * 60,
};

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
 * Sends one transactional e-mail. HubSpot makes at most one per `sendId`, so a send whose answer was lost may be
 * repeated: that is why it counts as an overwrite here.
 */
export async function singleSend(
  connection: Connection,
  { message, tool, options }: { message: Message; tool: SingleSendTool; options: SingleSendOptions },
  signal?: AbortSignal,
): Promise<SentMessage> {
  const contact = await readContact(connection, message.contactId, signal);
  if (contact.email === null) {
    throw new DealseatError({
      code: 'crm.mail_rejected',
      message: `HubSpot: single send to contact ${message.contactId}: the contact has no e-mail address. Add one, then retry the run.`,
    });
  }
  const request = {
    emailId: tool.emailId,
    message: { to: contact.email, sendId: message.sendKey },
    contactProperties: {},
    customProperties: await customProperties(connection, message, options, signal),
  };
  const accepted = await connection
    .call(
      {
        name: `single send of e-mail ${tool.emailId} to contact ${message.contactId}`,
        effect: 'overwrite',
        whenRefused: 'crm.mail_rejected',
        carriesSecrets: true,
        answer: statusSchema,
        signal,
      },
      (client) => client.marketing.transactional.singleSendApi.sendEmail(request),
    )
    .catch((error: unknown) => {
      // Taken under a success code the client does not list: there is no status id to ask with.
      if (error instanceof DealseatError && error.code === 'crm.outcome_unknown') return null;
      throw error;
    });
  if (accepted === null) return { state: 'accepted', reference: null };
  return waitForResult(connection, { message, accepted, options }, signal);
}

/**
 * The template gets both names always, one of them empty: HubSpot refuses a mail whose template names a property
 * that was not sent.
 */
async function customProperties(
  connection: Connection,
  message: Message,
  options: SingleSendOptions,
  signal?: AbortSignal,
): Promise<Record<string, string>> {
  const links = message.redeemLinks.join('\n');
  const inline = { ...message.properties, redeem_links: links, roster_link: '', roster_link_expires: '' };
  const hasLinks = message.redeemLinks.length > 0 || message.roster === null;
  if (hasLinks && charactersIn(inline) <= MAX_CUSTOM_CHARACTERS) return inline;
  if (message.roster === null) {
    throw new DealseatError({
      code: 'crm.mail_rejected',
      message: `HubSpot: single send to contact ${message.contactId}: ${message.redeemLinks.length} links do not fit into the mail (at most ${MAX_CUSTOM_CHARACTERS} characters) and there is no roster file to link to. Hand over to the buyer, or give this learner fewer seats.`,
    });
  }
  const { url, expiresAt } = await signRosterUrl(connection, message.roster.fileId, {
    validForSeconds: options.rosterLinkSeconds,
    signal,
  });
  return {
    ...message.properties,
    redeem_links: '',
    roster_link: url,
    roster_link_expires: expiresAt.toISOString().slice(0, 10),
  };
}

function charactersIn(properties: Readonly<Record<string, string>>): number {
  return Object.entries(properties).reduce((sum, [name, value]) => sum + name.length + value.length, 0);
}

async function waitForResult(
  connection: Connection,
  { message, accepted, options }: { message: Message; accepted: SendStatus; options: SingleSendOptions },
  signal?: AbortSignal,
): Promise<SentMessage> {
  const reference = accepted.statusId;
  const deadline = performance.now() + options.resultWaitMs;
  let status = accepted;
  for (;;) {
    if (status.status === 'CANCELED') judgeSendResult(message, status.sendResult ?? 'CANCELED');
    if (status.sendResult) return { state: judgeSendResult(message, status.sendResult), reference };
    const left = deadline - performance.now();
    if (status.status === 'COMPLETE' || left <= 0) return { state: 'accepted', reference };
    await pause(Math.min(options.resultPollMs, left), undefined, signal ? { signal } : {});
    status = (await readSendStatus(connection, reference, signal)) ?? status;
  }
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
