import type { Crm } from '../src/clients/crm.ts';
import type { Deal } from '../src/domain/deal/deal.ts';
import { DealseatError } from '../src/domain/failure.ts';
import type { NudgeEnd, NudgeStop } from '../src/domain/seats/nudge-record.ts';
import { isStillUnused, type NudgeRule } from '../src/domain/seats/nudges.ts';
import { lookBeforeNudge, releaseNudge, settleNudge } from '../src/store/claimed-nudge.ts';
import type { OrderRow } from '../src/store/fill-order.ts';
import { cancellationSignal } from './earlier-attempts.ts';
import { nudgeBuyer } from './nudge-buyer.ts';
import { closeTasks, nudgeOwner } from './nudge-owner.ts';
import type { Nudging } from './nudging.ts';

export type AboutOrder = Pick<Nudging, 'deps' | 'input' | 'order' | 'crm'>;

export type SettledAs = NudgeEnd['state'];

interface Claim extends Pick<Nudging, 'key' | 'mayBeOutSince'> {
  /** With the readers whom it is for; null: the catalog has it no more. */
  readonly rule: NudgeRule | null;
  readonly heldUntil: Date;
}

/** Empty: it is another worker's by now. */
export async function sendClaimed(about: AboutOrder, claim: Claim): Promise<SettledAs[]> {
  const { deps, order } = about;
  const { db } = deps.seats;
  const id = { orderId: order.id, rule: claim.key };
  try {
    const end = await endOfClaim(about, claim);
    if (end === null) return [];
    await settleNudge(db, id, { ...end, at: new Date(deps.now()) });
    if (end.task !== null) await closeTasks(deps, order, claim.key);
    return [end.state];
  } catch (error) {
    await releaseNudge(db, id, claim.heldUntil);
    throw error;
  }
}

/** The last look at deal and seats decides, right before the mail. */
async function endOfClaim(
  about: AboutOrder,
  { rule, key, heldUntil, mayBeOutSince }: Claim,
): Promise<NudgeEnd | null> {
  const { deps, order, crm } = about;
  const skipped = (stopped: NudgeStop): NudgeEnd => {
    const mail = mayBeOutSince === null ? null : 'in_doubt';
    return { state: 'skipped', stopped, mail, via: null, why: null, task: null };
  };
  if (rule === null) return skipped('rule_changed');
  const deal = await deliveredDeal(crm, order);
  const usage = await lookBeforeNudge(deps.seats.db, { orderId: order.id, rule: key }, heldUntil);
  if (usage === null) return null;
  if (deal === null) return skipped('not_delivered');
  if (!isStillUnused(usage, deps.now())) return skipped('not_needed');
  return await nudge({ ...about, deal, usage, key, rule, mayBeOutSince });
}

/** The mail before the task, which says what became of it. Both are found again by their keys. */
async function nudge(nudging: Nudging): Promise<NudgeEnd> {
  const { rule } = nudging;
  const buyer = rule.to.includes('buyer') ? await nudgeBuyer(nudging) : ({ is: 'none' } as const);
  const isForOwner = rule.to.includes('owner') || (buyer.is !== 'sent' && buyer.is !== 'none');
  const hasTask = isForOwner && (await nudgeOwner(nudging, buyer));
  const hasReached = hasTask || buyer.is === 'sent';
  return {
    state: hasReached ? 'sent' : 'skipped',
    mail: buyer.is === 'none' ? null : buyer.is,
    via: buyer.is === 'none' ? null : buyer.via,
    why: 'why' in buyer ? buyer.why : null,
    task: hasTask ? 'open' : null,
    stopped: hasReached ? null : 'refused',
  };
}

/** Null: it is not delivered just now, was merged, or is gone. */
export async function deliveredDeal(crm: Crm, order: OrderRow): Promise<Deal | null> {
  try {
    const deal = await crm.readDeal(order.deal_id, cancellationSignal());
    const isSame = deal.dealId === order.deal_id;
    return isSame && deal.isWon && deal.written.status === 'Delivered' ? deal : null;
  } catch (error) {
    if (error instanceof DealseatError && error.code === 'crm.deal_not_found') return null;
    throw error;
  }
}
