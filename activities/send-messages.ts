import type { Crm, Message, SentMessage } from '../src/clients/crm.ts';
import type { ProvisioningActivities, SendMessagesInput } from '../src/domain/activities.ts';
import type { Assignment } from '../src/domain/assignment.ts';
import { DealseatError } from '../src/domain/failure.ts';
import type { PlannedMessage } from '../src/domain/plan.ts';
import { redeemLink, redeemPage } from '../src/domain/redeem-link.ts';
import { describeAccess } from '../src/domain/roster.ts';
import type { MessageReceipt } from '../src/domain/run.ts';
import { type MailContext, renderMail } from '../src/mail-template.ts';
import { cancellationSignal, earlierAttemptMayHaveActed, lookUntil, markingSafeFailures } from './attempt.ts';
import { holdClaim } from './claim.ts';
import { type ActivityDeps, crmOf } from './deps.ts';
import { assignOnce } from './hand-over.ts';

/** Above this many, links do not go into a message; the roster file carries them. */
const MAX_LINKS_IN_MESSAGE = 100;

export function createMessageActivities(deps: ActivityDeps): Pick<ProvisioningActivities, 'sendMessages'> {
  return {
    async sendMessages(input) {
      const crm = crmOf(deps, input.plan.deal);
      const mayHaveSent = earlierAttemptMayHaveActed();
      const assigned = assignOnce(deps, crm, input);
      // One patience for all messages: a hundred learners must not cost a hundred waits.
      const lookEnd = Date.now() + input.settleMs;
      const receipts: MessageReceipt[] = [];
      let hasActed = mayHaveSent;
      const sendAll = async () => {
        // After a message may have gone out it must be found again, whoever has the deal now.
        if (!mayHaveSent) await holdClaim(deps, { ...input.plan, claim: input.claim });
        for (const planned of input.plan.messages) {
          let sent = mayHaveSent ? await findSent(crm, input, planned, lookEnd) : null;
          if (sent === null) {
            const message = await compose(deps, crm, input, planned, { mayHaveSent, assigned });
            sent = await crm.sendMessage(message, cancellationSignal());
          }
          hasActed = true;
          receipts.push({ contactId: planned.contactId, audience: planned.audience, ...sent });
        }
        return receipts;
      };
      return markingSafeFailures(sendAll, () => hasActed);
    },
  };
}

/** After an attempt that may have sent it: looks for the message, and asks a person when the CRM cannot tell. */
async function findSent(
  crm: Crm,
  input: SendMessagesInput,
  planned: PlannedMessage,
  lookEnd: number,
): Promise<SentMessage | null> {
  // HubSpot makes one mail of a key, so a single send is settled by handing it over again.
  if (input.plan.mailTool.via === 'singleSend') return null;
  const ref = { ...planned, dealId: input.plan.deal.dealId, tool: input.plan.mailTool };
  const look = async () => {
    const found = await crm.findMessage(ref, cancellationSignal());
    if (found === 'not_sent') return null;
    if (found !== 'unknown') return found;
    throw new DealseatError({
      code: 'crm.mail_unknown',
      message: `The message to contact ${planned.contactId} (${planned.sendKey}) may have been sent, and the CRM cannot tell`,
    });
  };
  return lookUntil(lookEnd, look, input);
}

async function compose(
  deps: ActivityDeps,
  crm: Crm,
  input: SendMessagesInput,
  planned: PlannedMessage,
  { mayHaveSent, assigned }: { readonly mayHaveSent: boolean; readonly assigned: Assigned },
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
    ...planned,
    dealId: plan.deal.dealId,
    tool: plan.mailTool,
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
