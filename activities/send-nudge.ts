import { log } from '@temporalio/activity';
import type { Crm } from '../src/clients/crm.ts';
import type { Deal } from '../src/domain/deal/deal.ts';
import { DealseatError } from '../src/domain/failure.ts';
import { isStillUnused, type NudgeRule } from '../src/domain/seats/nudges.ts';
import { lookBeforeNudge, releaseNudge, settleNudge } from '../src/store/claimed-nudge.ts';
import type { OrderRow } from '../src/store/fill-order.ts';
import { cancellationSignal } from './earlier-attempts.ts';
import { nudgeBuyer } from './nudge-buyer.ts';
import { closeTasks, nudgeOwner } from './nudge-owner.ts';
import type { Nudging } from './nudging.ts';
import { isRepeated } from './patience.ts';

export type AboutOrder = Pick<Nudging, 'deps' | 'input' | 'order' | 'crm'>;

export type SettledAs = 'sent' | 'skipped';

interface Claim extends Pick<Nudging, 'key' | 'mayBeOutSince'> {
  /** Null: the catalog has it no more. */
  readonly rule: NudgeRule | null;
  readonly heldUntil: Date;
}

/** The last look at deal and seats decides, right before the mail. */
export async function sendClaimed(
  about: AboutOrder,
  { rule, key, heldUntil, mayBeOutSince }: Claim,
): Promise<SettledAs[]> {
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

/** The mail before the task, which says what became of it. Both are found again by their keys. */
async function nudge(nudging: Nudging): Promise<{ state: SettledAs; outcome: string; hasTask: boolean }> {
  const { rule } = nudging;
  const buyer = rule.to.includes('buyer') ? await nudgeBuyer(nudging) : ({ is: 'none' } as const);
  const said = [`mail to the buyer: ${'why' in buyer ? `${buyer.is} (${buyer.why})` : buyer.is}`];
  const isForOwner = rule.to.includes('owner') || (buyer.is !== 'sent' && buyer.is !== 'none');
  const isTold = isForOwner && (await nudgeOwner(nudging, buyer));
  if (isForOwner) said.push(`task to the owner: ${isTold ? 'made' : 'refused'}`);
  const state = isTold || buyer.is === 'sent' ? 'sent' : 'skipped';
  return { state, outcome: said.join('; '), hasTask: isTold };
}

/** Null: it is not delivered just now, was merged, or is gone. */
export async function deliveredDeal(crm: Crm, order: OrderRow): Promise<Deal | null> {
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
