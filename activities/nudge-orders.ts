import { log } from '@temporalio/activity';
import type { NudgeActivities, NudgedSome, NudgeSomeInput } from '../src/contracts/nudges.ts';
import { DealseatError } from '../src/domain/failure.ts';
import type { NudgeRecord } from '../src/domain/seats/nudge-record.ts';
import {
  dueNudges,
  isStillUnused,
  NUDGE_READERS,
  nudgedSince,
  nudgeKey,
} from '../src/domain/seats/nudges.ts';
import { claimNudges } from '../src/store/claim-nudges.ts';
import { type Hold, takeNudge } from '../src/store/claimed-nudge.ts';
import type { OrderRow } from '../src/store/fill-order.ts';
import { nudgesOf, ordersToNudge } from '../src/store/nudges.ts';
import { readUsage } from '../src/store/seat-usage.ts';
import { crmOf } from './deps.ts';
import { closeTasks } from './nudge-owner.ts';
import type { NudgeDeps } from './nudging.ts';
import { isRepeated, withPatience } from './patience.ts';
import { type AboutOrder, deliveredDeal, type SettledAs, sendClaimed } from './send-nudge.ts';

export function createNudgeActivities(deps: NudgeDeps): NudgeActivities {
  return withPatience<NudgeActivities>({ nudgeSomeDeals: nudgeSomeDeals(deps) });
}

function nudgeSomeDeals(deps: NudgeDeps): NudgeActivities['nudgeSomeDeals'] {
  return async (input) => {
    const { after, orders: limit, nudges: most } = input;
    const deliveredSince = nudgedSince(deps.catalog.nudges, deps.now());
    const orders = await ordersToNudge(deps.seats.db, { after, deliveredSince, limit });
    const sum = { orders: 0, sent: 0, skipped: 0, left: 0 };
    for (const order of orders) {
      const { sent, skipped, left } = await nudgeOrLeave(deps, input, order);
      sum.orders += 1;
      sum.sent += sent;
      sum.skipped += skipped;
      sum.left += left;
      if (sum.sent + sum.skipped + sum.left >= most) return { ...sum, next: order.id };
    }
    return { ...sum, next: orders.length < limit ? null : (orders.at(-1)?.id ?? null) };
  };
}

type Settled = Pick<NudgedSome, 'sent' | 'skipped' | 'left'>;

const NOTHING: Settled = { sent: 0, skipped: 0, left: 0 };

/** What the CRM refuses today may be mended tomorrow, and says nothing of other deals. */
async function nudgeOrLeave(deps: NudgeDeps, input: NudgeSomeInput, order: OrderRow): Promise<Settled> {
  try {
    return await nudgeOrder(deps, input, order);
  } catch (error) {
    if (!(error instanceof DealseatError) || error.code.startsWith('store.') || isRepeated(error, {})) {
      throw error;
    }
    const { code } = error;
    log.warn('The nudge of a deal is left for the next day', { crm: order.crm, dealId: order.deal_id, code });
    return { ...NOTHING, left: 1 };
  }
}

async function nudgeOrder(deps: NudgeDeps, input: NudgeSomeInput, order: OrderRow): Promise<Settled> {
  const { seats, catalog, now } = deps;
  // The CRM is off, or another account by now.
  if (deps.crms[order.crm]?.account !== order.account) return NOTHING;
  const known = await nudgesOf(seats.db, order.id);
  const usage = await readUsage(seats.db, order);
  if (known.some(({ task }) => task === 'open') && !isStillUnused(usage, now())) {
    await closeTasks(deps, order);
  }
  const about = { deps, input, order, crm: crmOf(deps, order) };
  const claimed = known.filter(({ state }) => state === 'claimed');
  const results = await sendInterrupted(about, claimed);
  const isDue = dueNudges(catalog.nudges, usage, now()).some(
    ({ key }) => !known.some(({ rule }) => rule === key),
  );
  return countsOf(isDue ? [...results, ...(await sendDue(about))] : results);
}

/** What an earlier look claimed and did not settle. */
async function sendInterrupted(about: AboutOrder, claimed: readonly NudgeRecord[]): Promise<SettledAs[]> {
  const { deps, order } = about;
  const results: SettledAs[] = [];
  for (const { rule: key, claimedAt, toBuyer, toOwner } of claimed) {
    const hold = holdOf(deps);
    if (!(await takeNudge(deps.seats.db, { orderId: order.id, rule: key }, hold))) continue;
    const rule = deps.catalog.nudges.find((each) => nudgeKey(each) === key);
    const to = NUDGE_READERS.filter((reader) => (reader === 'buyer' ? toBuyer : toOwner));
    const claim = {
      key,
      rule: rule === undefined ? null : { ...rule, to },
      heldUntil: hold.heldUntil,
      mayBeOutSince: claimedAt,
    };
    results.push(...(await sendClaimed(about, claim)));
  }
  return results;
}

async function sendDue(about: AboutOrder): Promise<SettledAs[]> {
  const { deps, order, crm } = about;
  // What is claimed is used up, so a deal that takes none just now is left for a later day.
  if ((await deliveredDeal(crm, order)) === null) return [];
  const hold = holdOf(deps);
  const nudges = await claimNudges(deps.seats.db, order.id, { rules: deps.catalog.nudges, ...hold });
  const results: SettledAs[] = [];
  for (const { rule, key } of nudges) {
    const claim = { key, rule, heldUntil: hold.heldUntil, mayBeOutSince: null };
    results.push(...(await sendClaimed(about, claim)));
  }
  return results;
}

/** Longer than an attempt may take. A worker that was killed loses its claims by then. */
const HOLD_MS = 60 * 60_000;

function holdOf({ now }: NudgeDeps): Hold {
  return { at: new Date(now()), heldUntil: new Date(now() + HOLD_MS) };
}

function countsOf(results: readonly SettledAs[]): Settled {
  const sent = results.filter((state) => state === 'sent').length;
  return { ...NOTHING, sent, skipped: results.length - sent };
}
