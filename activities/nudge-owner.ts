import { log } from '@temporalio/activity';
import { NOTICE } from '../src/contracts/activities.ts';
import { calendarDay } from '../src/domain/deal/calendar.ts';
import { DealseatError } from '../src/domain/failure.ts';
import { nextEnd, nudgeToken } from '../src/domain/seats/nudges.ts';
import { type BuyerNudge, type NudgedSeats, nudgeTask } from '../src/domain/texts/nudge.ts';
import type { OrderRow } from '../src/store/fill-order.ts';
import { noteTasksClosed, nudgesOf } from '../src/store/nudges.ts';
import type { OrderUsage } from '../src/store/seat-usage.ts';
import { crmOf } from './deps.ts';
import { cancellationSignal } from './earlier-attempts.ts';
import { lastDay, type NudgeDeps, type Nudging, sha256 } from './nudging.ts';
import { isDealGone } from './owner-task.ts';
import { isRepeated } from './patience.ts';

/** False: there is no such deal any more. What else refuses the task is thrown, so that it is tried again another day. */
export async function nudgeOwner(nudging: Nudging, buyer: BuyerNudge): Promise<boolean> {
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
    if (isDealGone(error)) return false;
    throw error;
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

/** Tasks whose reason is gone, or that a later one takes the place of. A deal that is gone has none to close. */
export async function closeTasks(deps: NudgeDeps, order: OrderRow, except?: string): Promise<void> {
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
