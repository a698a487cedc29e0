import type { Crm, Message, SendHistory } from '../src/clients/crm.ts';
import { calendarDay } from '../src/domain/deal/calendar.ts';
import { mailToolFor } from '../src/domain/deal/catalog.ts';
import { messageKey } from '../src/domain/deal/ids.ts';
import { DealseatError, fixerOf, type Problem, problem } from '../src/domain/failure.ts';
import { findPartner } from '../src/domain/planning/partner.ts';
import type { MessageOutcome } from '../src/domain/seats/message-outcome.ts';
import { withDaysInWords } from '../src/domain/texts/days.ts';
import type { BuyerNudge } from '../src/domain/texts/nudge.ts';
import { problemForAdmin } from '../src/domain/texts/waiting.ts';
import { composeMail, propertiesOf } from '../src/mail/compose.ts';
import { withNames } from './contact-names.ts';
import { cancellationSignal } from './earlier-attempts.ts';
import { boundsOf } from './lags.ts';
import { lastDay, type Nudging, sha256 } from './nudging.ts';
import { isRepeated } from './patience.ts';

/** The mail of a nudge, by the e-mail tool of the deal. It is found again by its key. */
export async function nudgeBuyer(nudging: Nudging): Promise<BuyerNudge> {
  const { deps, crm, order } = nudging;
  const tool = mailToolFor(deps.catalog, order.crm);
  const { via } = tool;
  if (!tool.traits.writesToPeople) return { is: 'impossible', via };
  if (order.buyer_contact_id === null) return { is: 'refused', via, why: 'the buyer is not known' };
  const outcome = await orRefused(async () => {
    const message = await composeNudge(nudging, order.buyer_contact_id ?? '');
    return crm.mailTool(tool).deliver(message, await historyOf(nudging, via), cancellationSignal());
  });
  switch (outcome.is) {
    case 'sent':
    case 'accepted':
      return { is: 'sent', via };
    case 'none':
      return { is: 'impossible', via };
    case 'refused':
    case 'inDoubt': {
      // What refuses it now says nothing of an attempt before.
      const isRefused = outcome.is === 'refused' && nudging.mayBeOutSince === null;
      return { is: isRefused ? 'refused' : 'in_doubt', via, why: await whyFor(crm, outcome.problem) };
    }
  }
}

async function orRefused(work: () => Promise<MessageOutcome>): Promise<MessageOutcome> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DealseatError)) throw error;
    const { class: its, code, message } = error;
    if (its === 'ambiguous' || isRepeated(error, {})) throw error;
    return { is: 'refused', problem: problem(code, message) };
  }
}

async function whyFor(crm: Crm, found: Problem): Promise<string> {
  if (fixerOf(found.code) === 'admin') return problemForAdmin(found);
  return withDaysInWords(await withNames(crm, found.message));
}

async function historyOf({ deps, input, order, mayBeOutSince }: Nudging, via: string): Promise<SendHistory> {
  const account = `${order.crm}:${order.account}:${via}`;
  const patience = await deps.lags.patience({ account, size: 1 }, boundsOf(input));
  return {
    mayBeOutSince,
    lookUntil: performance.now() + (mayBeOutSince === null ? 0 : patience()),
    lookIntervalMs: input.lookUpIntervalMs,
    saidMissing: null,
  };
}

async function composeNudge(nudging: Nudging, contactId: string): Promise<Message> {
  const { deps, crm, order, deal, usage, key } = nudging;
  const { catalog } = deps;
  const contact = await crm.readContact(contactId, cancellationSignal());
  const mail = composeMail(catalog.handOver.mail, {
    kind: 'nudge',
    dealName: deal.name,
    companyName: deal.company?.name ?? order.company_name,
    displayName: findPartner(deal, catalog)?.displayName,
    recipient: contact,
    seats: usage.lines.map(({ productKey, group, sold, used }) => ({
      group: {
        productKey,
        title: group?.title ?? productKey,
        accessDays: group?.access_days ?? null,
        accessEndsOn: lastDay(nudging, group?.access_until ?? null),
        codesExpireOn: lastDay(nudging, group?.codes_expire_at ?? null),
        redeemUrl: group?.redeem_url ?? catalog.redeemUrl,
      },
      seatCount: sold,
      usedCount: used,
    })),
    newSeats: 0,
    links: 0,
    rosterFile: '',
    delivery: {
      day: calendarDay(usage.deliveredAt, catalog.timeZone ?? 'UTC'),
      toLearners: order.audience === 'learners',
    },
  });
  return {
    dealId: order.deal_id,
    contactId: contact.id,
    email: contact.email,
    sendKey: messageKey(
      { crm: order.crm, account: order.account, dealId: order.deal_id },
      contactId,
      sha256,
      `nudge ${key}`,
    ),
    subject: mail.subject,
    html: mail.html,
    text: mail.text,
    properties: propertiesOf(mail),
    redeemLinks: [],
    roster: null,
  };
}
