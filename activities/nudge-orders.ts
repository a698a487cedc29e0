import { createHash } from 'node:crypto';
import { log } from '@temporalio/activity';
import type { Crm, Message, SendHistory } from '../src/clients/crm.ts';
import { NOTICE } from '../src/contracts/activities.ts';
import type { NudgeActivities, NudgeSomeInput } from '../src/contracts/nudges.ts';
import { calendarDay, dayEndZone, lastWholeDay } from '../src/domain/deal/calendar.ts';
import { mailToolFor } from '../src/domain/deal/catalog.ts';
import type { Deal } from '../src/domain/deal/deal.ts';
import { messageKey } from '../src/domain/deal/ids.ts';
import { DealseatError, fixerOf, type Problem, problem } from '../src/domain/failure.ts';
import { findPartner } from '../src/domain/planning/partner.ts';
import type { MessageOutcome } from '../src/domain/seats/message-outcome.ts';
import {
  dueNudges,
  isStillUnused,
  type NudgeRule,
  nextEnd,
  nudgedSince,
  nudgeKey,
  nudgeToken,
} from '../src/domain/seats/nudges.ts';
import { withDaysInWords } from '../src/domain/texts/days.ts';
import { type BuyerNudge, type NudgedSeats, nudgeTask } from '../src/domain/texts/nudge.ts';
import { problemForAdmin } from '../src/domain/texts/waiting.ts';
import { composeMail, propertiesOf } from '../src/mail/compose.ts';
import type { OrderRow } from '../src/store/fill-order.ts';
import {
  claimNudges,
  lookBeforeNudge,
  noteTasksClosed,
  nudgesOf,
  type OrderUsage,
  ordersToNudge,
  readUsage,
  releaseNudge,
  settleNudge,
  takeNudge,
} from '../src/store/nudges.ts';
import { withNames } from './contact-names.ts';
import { type ActivityDeps, crmOf } from './deps.ts';
import { cancellationSignal } from './earlier-attempts.ts';
import { boundsOf } from './lags.ts';
import { isRepeated, withPatience } from './patience.ts';
import type { SeatSyncDeps } from './seat-sync-deps.ts';

export interface NudgeDeps extends SeatSyncDeps, Pick<ActivityDeps, 'lags'> {}

export function createNudgeActivities(deps: NudgeDeps): NudgeActivities {
  return withPatience<NudgeActivities>({ nudgeSomeDeals: nudgeSomeDeals(deps) });
}

function nudgeSomeDeals(deps: NudgeDeps): NudgeActivities['nudgeSomeDeals'] {
  return async (input) => {
    const { after, orders: limit, nudges: most } = input;
    const deliveredSince = nudgedSince(deps.catalog.nudges, deps.now());
    const orders = await ordersToNudge(deps.seats.db, { after, deliveredSince, limit });
    const sum = { orders: 0, sent: 0, skipped: 0 };
    for (const order of orders) {
      const { sent, skipped } = await nudgeOrder(deps, input, order);
      sum.orders += 1;
      sum.sent += sent;
      sum.skipped += skipped;
      if (sum.sent + sum.skipped >= most) return { ...sum, next: order.id };
    }
    return { ...sum, next: orders.length < limit ? null : (orders.at(-1)?.id ?? null) };
  };
}

interface Settled {
  readonly sent: number;
  readonly skipped: number;
}

const NOTHING: Settled = { sent: 0, skipped: 0 };

/** One nudge of one order. */
interface Nudging {
  readonly deps: NudgeDeps;
  readonly input: NudgeSomeInput;
  readonly order: OrderRow;
  readonly crm: Crm;
  readonly deal: Deal;
  readonly usage: OrderUsage;
  readonly key: string;
  readonly rule: NudgeRule;
  /** An attempt before may have sent it since then, in milliseconds since the epoch; null: this is the first one. */
  readonly mayBeOutSince: number | null;
}

/** Longer than an attempt may take. A worker that was killed loses its claims by then. */
const HOLD_MS = 60 * 60_000;

async function nudgeOrder(deps: NudgeDeps, input: NudgeSomeInput, order: OrderRow): Promise<Settled> {
  const { seats, catalog, now } = deps;
  // The CRM is off, or another account by now.
  if (deps.crms[order.crm]?.account !== order.account) return NOTHING;
  const known = await nudgesOf(seats.db, order.id);
  const claimed = known.filter(({ state }) => state === 'claimed');
  const usage = await readUsage(seats.db, order);
  if (known.some(({ task }) => task === 'open') && !isStillUnused(usage, now())) {
    await closeTasks(deps, order);
  }
  const isDue = dueNudges(catalog.nudges, usage, now()).some(
    ({ key }) => !known.some(({ rule }) => rule === key),
  );
  if (!isDue && claimed.length === 0) return NOTHING;
  const crm = crmOf(deps, order);
  const results: ('sent' | 'skipped')[] = [];
  const hold = () => ({ at: new Date(now()), heldUntil: new Date(now() + HOLD_MS) });
  for (const { rule: key, at } of claimed) {
    const held = hold();
    if (!(await takeNudge(seats.db, { orderId: order.id, rule: key }, held))) continue;
    const rule = catalog.nudges.find((each) => nudgeKey(each) === key) ?? null;
    const claim = { key, rule, heldUntil: held.heldUntil, mayBeOutSince: at.getTime() };
    results.push(...(await sendClaimed({ deps, input, order, crm }, claim)));
  }
  // What is claimed is used up, so a deal that takes none just now is left for a later day.
  if (!isDue || (await deliveredDeal(crm, order)) === null) return countsOf(results);
  const held = hold();
  const { nudges } = await claimNudges(seats.db, order.id, { rules: catalog.nudges, ...held });
  for (const { rule, key } of nudges) {
    const claim = { key, rule, heldUntil: held.heldUntil, mayBeOutSince: null };
    results.push(...(await sendClaimed({ deps, input, order, crm }, claim)));
  }
  return countsOf(results);
}

interface Claim extends Pick<Nudging, 'key' | 'mayBeOutSince'> {
  /** Null: the catalog has it no more. */
  readonly rule: NudgeRule | null;
  readonly heldUntil: Date;
}

/** The last look at deal and seats decides, right before the mail. */
async function sendClaimed(
  about: Pick<Nudging, 'deps' | 'input' | 'order' | 'crm'>,
  { rule, key, heldUntil, mayBeOutSince }: Claim,
): Promise<('sent' | 'skipped')[]> {
  const { deps, order, crm } = about;
  const { db } = deps.seats;
  const id = { orderId: order.id, rule: key };
  const skip = async (why: string): Promise<['skipped']> => {
    const outcome =
      mayBeOutSince === null
        ? `Not sent, because ${why}`
        : `It may have gone out before an interruption; not sent again, because ${why}`;
    await settleNudge(db, id, { state: 'skipped', outcome });
    return ['skipped'];
  };
  try {
    if (rule === null) return await skip('the rule has changed');
    const deal = await deliveredDeal(crm, order);
    const usage = await lookBeforeNudge(db, id, heldUntil);
    if (usage === null) return [];
    if (deal === null) return await skip('the deal is not delivered by now');
    if (!isStillUnused(usage, deps.now())) return await skip('the seats need no reminder by now');
    const { hasTask, ...settled } = await nudge({ ...about, deal, usage, key, rule, mayBeOutSince });
    await settleNudge(db, id, { ...settled, task: hasTask ? 'open' : null });
    if (hasTask) await closeTasks(deps, order, key);
    return [settled.state];
  } catch (error) {
    await releaseNudge(db, id, heldUntil);
    throw error;
  }
}

/** Tasks whose reason is gone, or that a later one takes the place of. A deal that is gone has none to close. */
async function closeTasks(deps: NudgeDeps, order: OrderRow, except?: string): Promise<void> {
  const { db } = deps.seats;
  const open = (await nudgesOf(db, order.id)).filter(({ rule, task }) => task === 'open' && rule !== except);
  if (open.length === 0) return;
  const keep = except === undefined ? {} : { except: taskKey(except) };
  try {
    await crmOf(deps, order).closeNotices(
      { dealId: order.deal_id, keys: [NOTICE.nudge], ...keep },
      cancellationSignal(),
    );
  } catch (error) {
    if (!(error instanceof DealseatError)) throw error;
    const { code } = error;
    if (isRepeated(error, {})) throw error;
    log.warn('The tasks of nudges could not be closed', { crm: order.crm, dealId: order.deal_id, code });
    if (code !== 'crm.not_found') return;
  }
  await noteTasksClosed(db, order.id, except);
}

function taskKey(rule: string): string {
  return `${NOTICE.nudge}${nudgeToken(rule, sha256)}`;
}

function countsOf(results: readonly ('sent' | 'skipped')[]): Settled {
  const sent = results.filter((state) => state === 'sent').length;
  return { sent, skipped: results.length - sent };
}

/** Null: it is not delivered just now, was merged, or is gone. */
async function deliveredDeal(crm: Crm, order: OrderRow): Promise<Deal | null> {
  try {
    const deal = await crm.readDeal(order.deal_id, cancellationSignal());
    const isSame = deal.dealId === order.deal_id;
    return isSame && deal.isWon && deal.written.status === 'Delivered' ? deal : null;
  } catch (error) {
    if (!(error instanceof DealseatError)) throw error;
    const { code } = error;
    if (isRepeated(error, {})) throw error;
    log.warn('The deal of a nudge could not be read', { crm: order.crm, dealId: order.deal_id, code });
    return null;
  }
}

/** The mail before the task, which says what became of it. Both are found again by their keys. */
async function nudge(
  nudging: Nudging,
): Promise<{ state: 'sent' | 'skipped'; outcome: string; hasTask: boolean }> {
  const { rule } = nudging;
  const buyer = rule.to.includes('buyer') ? await nudgeBuyer(nudging) : ({ is: 'none' } as const);
  const said = [`mail to the buyer: ${'why' in buyer ? `${buyer.is} (${buyer.why})` : buyer.is}`];
  const isForOwner = rule.to.includes('owner') || (buyer.is !== 'sent' && buyer.is !== 'none');
  const isTold = isForOwner && (await nudgeOwner(nudging, buyer));
  if (isForOwner) said.push(`task to the owner: ${isTold ? 'made' : 'refused'}`);
  const state = isTold || buyer.is === 'sent' ? 'sent' : 'skipped';
  return { state, outcome: said.join('; '), hasTask: isTold };
}

async function nudgeBuyer(nudging: Nudging): Promise<BuyerNudge> {
  const { deps, crm, order } = nudging;
  const tool = mailToolFor(deps.catalog, order.crm);
  if (!tool.traits.writesToPeople) return { is: 'impossible' };
  if (order.buyer_contact_id === null) return { is: 'refused', why: 'the buyer is not known' };
  const outcome = await orRefused(async () => {
    const message = await composeNudge(nudging, order.buyer_contact_id ?? '');
    return crm.mailTool(tool).deliver(message, await historyOf(nudging, tool.via), cancellationSignal());
  });
  switch (outcome.is) {
    case 'sent':
    case 'accepted':
      return { is: 'sent' };
    case 'none':
      return { is: 'impossible' };
    case 'refused':
    case 'inDoubt': {
      // What refuses it now says nothing of an attempt before.
      const is = nudging.mayBeOutSince === null ? outcome.is : 'inDoubt';
      return { is, why: await whyFor(crm, outcome.problem) };
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
    sendKey: messageKey(refOf(order), contactId, sha256, `nudge ${key}`),
    subject: mail.subject,
    html: mail.html,
    text: mail.text,
    properties: propertiesOf(mail),
    redeemLinks: [],
    roster: null,
  };
}

/** False: the deal takes no task, or there is no such deal any more. */
async function nudgeOwner(nudging: Nudging, buyer: BuyerNudge): Promise<boolean> {
  const { deps, crm, order, deal, usage, key } = nudging;
  const end = nextEnd(usage, deps.now());
  const task = nudgeTask({
    dealName: deal.name,
    products: productsOf(usage),
    endsOn: end === null ? null : lastDay(nudging, new Date(end)),
    buyer,
  });
  const mustAct = buyer.is !== 'sent' && nudging.rule.to.includes('buyer');
  try {
    await crm.notify(
      {
        dealId: order.deal_id,
        ownerId: deal.owner?.id ?? order.owner_id,
        key: taskKey(key),
        ...task,
        priority: mustAct ? 'high' : 'low',
        dueOn: calendarDay(deps.now(), deps.catalog.timeZone ?? 'UTC'),
      },
      cancellationSignal(),
    );
    return true;
  } catch (error) {
    if (!(error instanceof DealseatError)) throw error;
    const { code } = error;
    if (isRepeated(error, {})) throw error;
    log.warn('No task could say that seats are not in use', { crm: order.crm, dealId: order.deal_id, code });
    return false;
  }
}

function productsOf({ lines }: OrderUsage): NudgedSeats[] {
  const products = new Map<string, NudgedSeats>();
  for (const { productKey, group, sold, used } of lines) {
    const before = products.get(productKey);
    products.set(productKey, {
      title: before?.title ?? group?.title ?? productKey,
      sold: (before?.sold ?? 0) + sold,
      used: (before?.used ?? 0) + used,
    });
  }
  return [...products.values()];
}

function lastDay({ deps }: Nudging, end: Date | null): string | null {
  return end === null ? null : lastWholeDay(end.toISOString(), dayEndZone(deps.catalog));
}

function refOf({ crm, account, deal_id: dealId }: OrderRow) {
  return { crm, account, dealId };
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
