import type { Crm, Message, SendHistory } from '../src/clients/crm.ts';
import type { SendMessagesInput } from '../src/contracts/activities.ts';
import type { PlannedMessage } from '../src/domain/planning/plan.ts';
import type { Allotment } from '../src/domain/seats/allot.ts';
import { linkOf, redeemPage } from '../src/domain/seats/redeem-link.ts';
import { describeAccess } from '../src/domain/seats/roster.ts';
import { type MailContext, renderMail } from '../src/mail/mail-template.ts';
import type { ActivityDeps } from './deps.ts';
import { cancellationSignal } from './earlier-attempts.ts';
import { carriesLinks } from './links-in-messages.ts';
import { recentContact } from './recent-contacts.ts';

interface Composing {
  readonly deps: Pick<ActivityDeps, 'catalog'>;
  readonly crm: Crm;
  readonly input: SendMessagesInput;
  readonly allotted: () => Promise<Allotment>;
}

export async function composeMessage(
  composing: Composing,
  planned: PlannedMessage,
  { isFirst }: SendHistory,
): Promise<Message> {
  const { deps, crm, input } = composing;
  const { plan, roster } = input;
  const { contactId, sendKey } = planned;
  const contact = isFirst
    ? await recentContact(crm, contactId, cancellationSignal())
    : await crm.readContact(contactId, cancellationSignal());
  const isBuyer = planned.audience === 'buyer';
  const seats = isBuyer ? roster.codeCount : new Set(plan.groups.map(({ productKey }) => productKey)).size;
  const context: MailContext = {
    deal: { name: plan.dealName, company: plan.companyName ?? plan.dealName },
    recipient: { first_name: contact.firstName ?? '', last_name: contact.lastName ?? '' },
    seats,
    products: input.plan.groups.map((group) => ({
      title: group.title,
      seats: group.seatCount,
      access: describeAccess(group),
      codes_expire_on: group.codesExpireOn ?? '',
      redeem_page: redeemPage(group.redeemUrl),
    })),
    redeem_links: [],
    roster_file: roster.fileName,
  };
  const { subject, html } = renderMail(deps.catalog.handOver.mail, context);
  const expiryDays = new Set(context.products.map((product) => product.codes_expire_on));
  return {
    dealId: plan.deal.dealId,
    contactId,
    email: contact.email,
    sendKey,
    subject,
    html,
    properties: {
      subject,
      message: html,
      deal_name: plan.dealName,
      seats: String(seats),
      products: context.products.map(({ title }) => title).join(', '),
      redeem_page: [...new Set(context.products.map((product) => product.redeem_page))].join(' '),
      codes_expire_on: [...expiryDays].join(' ').trim(),
    },
    redeemLinks: await linksFor(composing, planned),
    roster: isBuyer ? { fileId: roster.fileId, url: roster.url } : null,
  };
}

/** A learner gets those of this deal: the field of the contact, which other tools merge, has the links of all deals. */
async function linksFor({ input, allotted }: Composing, planned: PlannedMessage): Promise<readonly string[]> {
  const { plan, roster } = input;
  if (!carriesLinks(plan, planned, roster.codeCount)) return [];
  const { held, spare } = await allotted();
  const seats =
    planned.audience === 'learner'
      ? (held.get(planned.contactId) ?? [])
      : spare.flatMap(({ seats: ofGroup }) => ofGroup);
  return seats.map(linkOf);
}
