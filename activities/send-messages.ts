import { createHash } from 'node:crypto';
import { Context } from '@temporalio/activity';
import type { Crm, Message, MessageRef, SentMessage } from '../src/clients/crm.ts';
import { type MailContext, renderMail } from '../src/config/mail-template.ts';
import type { ProvisioningActivities, SendMessagesInput } from '../src/contracts/activities.ts';
import type { MessageOutcome } from '../src/contracts/message-outcomes.ts';
import type { MessageReceipt } from '../src/contracts/run.ts';
import { DealseatError } from '../src/domain/failure.ts';
import type { PlannedMessage } from '../src/domain/planning/plan.ts';
import type { Assignment } from '../src/domain/seats/assignment.ts';
import { redeemLink, redeemPage } from '../src/domain/seats/redeem-link.ts';
import { describeAccess } from '../src/domain/seats/roster.ts';
import { cancellationSignal, earlierAttemptMayHaveActed, lookUntil, markingSafeFailures } from './attempt.ts';
import { holdClaim } from './claim.ts';
import { type ActivityDeps, crmOf } from './deps.ts';
import { assignOnce } from './hand-over.ts';
import { allInDoubt, inDoubt, withOutcomes } from './message-doubts.ts';

/** Above this many, links do not go into a message; the roster file carries them. */
const MAX_LINKS_IN_MESSAGE = 100;

export function createMessageActivities(deps: ActivityDeps): Pick<ProvisioningActivities, 'sendMessages'> {
  return {
    async sendMessages(input) {
      const mayHaveSent = earlierAttemptMayHaveActed();
      const crm = crmOf(deps, input.plan.deal);
      const sending: Sending = {
        deps,
        crm,
        input,
        assigned: assignOnce(deps, crm, input),
        mayHaveSent,
        lookEnd: Date.now() + input.settleMs,
        outcomes: new Map(Object.entries(input.outcomes)),
        hasActed: mayHaveSent,
      };
      const sendAll = async () => {
        // After a message may have gone out it must be found again, whoever has the deal now.
        if (!mayHaveSent) await holdClaim(deps, { ...input.plan, claim: input.claim });
        return handOverAll(sending);
      };
      return markingSafeFailures(sendAll, () => sending.hasActed);
    },
  };
}

/** One execution of the step. */
interface Sending {
  readonly deps: ActivityDeps;
  readonly crm: Crm;
  readonly input: SendMessagesInput;
  /** Asked for once: the platform counts its requests. */
  readonly assigned: Assigned;
  readonly mayHaveSent: boolean;
  /** One patience for all messages: a hundred learners must not cost a hundred waits. */
  readonly lookEnd: number;
  /** By send key; each message adds its own. */
  readonly outcomes: Map<string, MessageOutcome>;
  /** A message may be out by this attempt or one before. */
  hasActed: boolean;
}

/**
 * A message in doubt does not keep the others from being sent: whatever a person finds out about it, nothing else is
 * missing then. A refusal ends the step, because it mostly means all of them.
 */
async function handOverAll(sending: Sending): Promise<MessageReceipt[]> {
  const { input, outcomes } = sending;
  const receipts: MessageReceipt[] = [];
  const doubts: DealseatError[] = [];
  for (const planned of input.plan.messages) {
    const { contactId, audience, sendKey } = planned;
    if (isWithoutCodes(input, planned)) {
      receipts.push({ contactId, audience, state: 'none', reference: null });
      continue;
    }
    try {
      const sent = await handOver(sending, planned);
      outcomes.set(sendKey, sent);
      receipts.push({ contactId, audience, ...sent });
    } catch (error) {
      if (!(error instanceof DealseatError)) throw error;
      if (error.code === 'crm.mail_rejected') outcomes.set(sendKey, 'refused');
      if (error.code === 'crm.mail_unknown' || error.class === 'ambiguous') outcomes.set(sendKey, 'unknown');
      if (error.code !== 'crm.mail_unknown') throw withOutcomes(error, outcomes);
      doubts.push(error);
    }
  }
  const [first] = doubts;
  if (first !== undefined) throw withOutcomes(allInDoubt(first, doubts.length), outcomes);
  return receipts;
}

/** The plan could not know who holds codes: contacts who are no learners any more may hold all that were to be spare. */
function isWithoutCodes({ roster }: SendMessagesInput, { audience }: PlannedMessage): boolean {
  return audience === 'buyer' && roster.codeCount === 0;
}

async function handOver(sending: Sending, planned: PlannedMessage): Promise<SentMessage> {
  const { mayHaveSent, outcomes } = sending;
  const known = outcomes.get(planned.sendKey);
  if (typeof known === 'object') return known;
  const ref = refOf(sending, planned);
  try {
    const found = mayHaveSent ? await findSent(sending, ref) : null;
    return found ?? (await send(sending, await compose(sending, planned, ref)));
  } catch (error) {
    throw mayHaveSent ? inDoubt(error, ref) : error;
  }
}

async function send(sending: Sending, message: Message): Promise<SentMessage> {
  // These two are repeated without a look, so an answer that was lost is no unknown outcome to their client.
  const isRepeatable = message.tool.via === 'singleSend' || message.tool.via === 'list';
  try {
    const sent = await sending.crm.sendMessage(message, cancellationSignal());
    sending.hasActed = true;
    return sent;
  } catch (error) {
    if (isRepeatable && error instanceof DealseatError && error.class === 'retry') sending.hasActed = true;
    throw error;
  }
}

/**
 * Which key the message goes under, and since when it may be out. HubSpot tells for a single send only whether it has
 * met the key, so after a person's word that no mail was made of it another key is needed, the same for all attempts
 * of this execution.
 */
function refOf(sending: Sending, planned: PlannedMessage): MessageRef {
  const { input, mayHaveSent, outcomes } = sending;
  const { deal, mailTool: tool, messages } = input.plan;
  const { scheduledTimestampMs } = Context.current().info;
  const isOfDelivery = outcomes.get(planned.sendKey) === undefined && wasHandedOverBefore(input, planned);
  const isMissing = messages.length === 1 || outcomes.get(planned.sendKey) === 'unknown';
  const takesNewKey = tool.via === 'singleSend' && input.resend && isMissing;
  return {
    dealId: deal.dealId,
    contactId: planned.contactId,
    tool,
    sendKey: takesNewKey ? `${planned.sendKey}-${executionToken()}` : planned.sendKey,
    mayBeOutSince: isOfDelivery ? 0 : mayHaveSent ? scheduledTimestampMs : null,
  };
}

/**
 * An amendment writes to learners under the key of their first message, which HubSpot then sends no second time, and
 * finds people in the sequence that the first delivery put them in.
 */
function wasHandedOverBefore({ plan }: SendMessagesInput, { audience }: PlannedMessage): boolean {
  return plan.base.groups.length > 0 && (audience === 'learner' || plan.mailTool.via === 'sequence');
}

/** Eight hex digits: one person asks for few resends of one message. */
function executionToken(): string {
  const { workflowExecution, activityId } = Context.current().info;
  const execution = JSON.stringify([workflowExecution?.runId, activityId]);
  return createHash('sha256').update(execution).digest('hex').slice(0, 8);
}

/** After an attempt that may have sent it: looks for the message, and asks a person when the CRM cannot tell. */
async function findSent({ crm, input, lookEnd }: Sending, ref: MessageRef): Promise<SentMessage | null> {
  // HubSpot makes one mail of a key, so a single send is settled by handing it over again.
  if (input.plan.mailTool.via === 'singleSend') return null;
  const look = async () => {
    const found = await crm.findMessage(ref, cancellationSignal());
    if (found === 'not_sent') return null;
    if (found !== 'unknown') return found;
    throw new DealseatError({
      code: 'crm.mail_unknown',
      message: `The message to contact ${ref.contactId} (${ref.sendKey}) may have been sent, and the CRM cannot tell`,
    });
  };
  return lookUntil(lookEnd, look, input);
}

async function compose(
  { deps, crm, input, mayHaveSent, assigned }: Sending,
  planned: PlannedMessage,
  ref: MessageRef,
): Promise<Message> {
  const { plan, roster } = input;
  const contact = await crm.readContact(planned.contactId, cancellationSignal());
  const isBuyer = planned.audience === 'buyer';
  const redeemLinks = isBuyer
    ? await linksForBuyer(input, assigned)
    : await linksForLearner(input, assigned, planned.contactId);
  const seats = isBuyer ? roster.codeCount : new Set(plan.groups.map(({ productKey }) => productKey)).size;
  const context: MailContext = {
    deal: { name: plan.dealName, company: plan.companyName ?? plan.dealName },
    recipient: { first_name: contact.firstName ?? '', last_name: contact.lastName ?? '' },
    seats,
    products: input.plan.groups.map((group) => ({
      title: group.title,
      seats: group.seatCount,
      access: describeAccess(group),
      codes_expire_on: group.codesExpireAt?.slice(0, 10) ?? '',
      redeem_page: redeemPage(group.redeemUrl),
    })),
    redeem_links: [],
    roster_file: roster.fileName,
  };
  const { subject, html } = renderMail(deps.catalog.handOver.mail, context);
  return {
    ...ref,
    subject,
    html,
    properties: {
      subject,
      message: html,
      deal_name: plan.dealName,
      seats: String(seats),
      products: context.products.map(({ title }) => title).join(', '),
      redeem_page: [...new Set(context.products.map((product) => product.redeem_page))].join(' '),
      codes_expire_on: [...new Set(context.products.map((product) => product.codes_expire_on))]
        .join(' ')
        .trim(),
    },
    redeemLinks,
    roster: isBuyer ? { fileId: roster.fileId, url: roster.url } : null,
    // A person saw that it is missing; an attempt of ours that came after them may have sent it since.
    isKnownUnsent: input.resend && !mayHaveSent,
  };
}

type Assigned = () => Promise<Assignment>;

/** Only the single send has no attachment, so only there do links travel in the message, while they are few. */
async function linksForBuyer({ plan, roster }: SendMessagesInput, assigned: Assigned): Promise<string[]> {
  if (plan.mailTool.via !== 'singleSend' || roster.codeCount > MAX_LINKS_IN_MESSAGE) return [];
  const { spare } = await assigned();
  return spare.flatMap(({ group, codes }) => codes.map((code) => redeemLink(group.redeemUrl, code)));
}

/** Those of this deal: the field of the contact, which the other tools merge, has the links of all deals. */
async function linksForLearner(
  { plan }: SendMessagesInput,
  assigned: Assigned,
  contactId: string,
): Promise<readonly string[]> {
  if (plan.mailTool.via !== 'singleSend') return [];
  const { links } = await assigned();
  return links.get(contactId) ?? [];
}
