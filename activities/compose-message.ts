import type { Crm, LinkSection, Message, SendHistory } from '../src/clients/crm.ts';
import type { SendMessagesInput } from '../src/contracts/activities.ts';
import type { PlannedMessage } from '../src/domain/planning/plan.ts';
import { carriesLinks } from '../src/domain/seats/links-in-messages.ts';
import {
  countedSeats,
  countsOf,
  oneOfEachProduct,
  type ReaderSeats,
  seatsAmong,
} from '../src/domain/seats/reader-seats.ts';
import { linkOf } from '../src/domain/seats/redeem-link.ts';
import { composeMail, factsOf, propertiesOf } from '../src/mail/compose.ts';
import type { AllottedDeal } from './allotment.ts';
import type { ActivityDeps } from './deps.ts';
import { cancellationSignal } from './earlier-attempts.ts';
import { recentContact } from './recent-contacts.ts';

interface Composing {
  readonly deps: Pick<ActivityDeps, 'catalog'>;
  readonly crm: Crm;
  readonly input: SendMessagesInput;
  readonly allotted: () => Promise<AllottedDeal>;
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
  const linkSections = await linksFor(composing, planned);
  const redeemLinks = linkSections.flatMap(({ links }) => links);
  const facts = factsOf(plan, planned, {
    recipient: contact,
    seats: await seatsFor(composing, planned),
    rosterFile: roster.fileName,
    hasWorkbook: roster.workbookFileId !== undefined,
  });
  const { mail: policy } = deps.catalog.handOver;
  const mail = composeMail(policy, { ...facts, links: redeemLinks.length });
  return {
    dealId: plan.deal.dealId,
    contactId,
    email: contact.email,
    sendKey,
    subject: mail.subject,
    html: mail.html,
    text: mail.text,
    properties: propertiesOf(mail),
    propertiesIfLinked: () => propertiesOf(composeMail(policy, { ...facts, links: 0 })),
    redeemLinks,
    linkSections,
    roster: planned.audience === 'buyer' ? roster : null,
  };
}

/** A learner gets those of this deal: the field of the contact, which other tools merge, has the links of all deals. */
async function linksFor(
  { input, allotted }: Composing,
  planned: PlannedMessage,
): Promise<readonly LinkSection[]> {
  const { plan, roster } = input;
  if (!carriesLinks(plan, planned, roster.codeCount)) return [];
  const deal = await allotted();
  const groups = planned.audience === 'learner' ? heldBy(deal, planned.contactId) : deal.spare;
  const sections = new Map<string, string[]>();
  for (const { group, seats } of groups) {
    sections.set(group.title, [...(sections.get(group.title) ?? []), ...seats.map(linkOf)]);
  }
  return [...sections].flatMap(([title, links]) => (links.length === 0 ? [] : [{ title, links }]));
}

/** What this reader is to be told of. The platform is asked only where a message needs its links anyway. */
async function seatsFor({ input, allotted }: Composing, planned: PlannedMessage): Promise<ReaderSeats[]> {
  const { plan, roster } = input;
  if (planned.audience === 'learner') {
    if (!carriesLinks(plan, planned, roster.codeCount)) return oneOfEachProduct(plan.groups);
    const deal = await allotted();
    const all = [...plan.groups, ...deal.replaced.map(({ group }) => group)];
    return countedSeats(all, countsOf(heldBy(deal, planned.contactId)));
  }
  // A run that attached its roster before counts were noted must list its codes.
  return countedSeats(plan.groups, roster.seatsByGroup ?? countsOf((await allotted()).spare));
}

function heldBy({ groups, replaced, held }: AllottedDeal, contactId: string) {
  return seatsAmong([...groups, ...replaced], held.get(contactId) ?? []);
}
