import { log } from '@temporalio/activity';
import type { Crm } from '../src/clients/crm.ts';
import type { NumbersShown, SeatSyncActivities } from '../src/contracts/seat-sync.ts';
import { DealseatError } from '../src/domain/failure.ts';
import { numbersNotShownFinding } from '../src/domain/texts/seat-findings.ts';
import type { OrderRow } from '../src/store/fill-order.ts';
import { reportFinding, resolveFinding } from '../src/store/findings.ts';
import {
  findOrdersToShow,
  isShown,
  noteNotShown,
  noteOwnChange,
  noteShown,
  type OrderNumbers,
  readOrderNumbers,
} from '../src/store/order-numbers.ts';
import { cancellationSignal } from './earlier-attempts.ts';
import { isRepeated } from './patience.ts';
import { numberFields } from './seat-numbers.ts';
import type { SeatSyncDeps } from './seat-sync-deps.ts';

/** Writes the numbers of the orders whose seats have changed, each deal at most once in `showEveryMs`. */
export function showSeatNumbers(deps: SeatSyncDeps): SeatSyncActivities['showSeatNumbers'] {
  return async ({ showEveryMs, limit }): Promise<NumbersShown> => {
    const { seats, now } = deps;
    const shownBefore = new Date(now() - showEveryMs);
    const result = { shown: 0, failed: 0 };
    for (const order of await findOrdersToShow(seats.db, { shownBefore, limit })) {
      const numbers = await readOrderNumbers(seats.db, order.id);
      if (isShown(order, numbers)) {
        // The wait does not begin anew.
        await noteShown(seats.db, order, { numbers, at: order.shown_at });
      } else if (await show(deps, order, numbers)) result.shown += 1;
      else result.failed += 1;
    }
    return result;
  };
}

/** False: a deal that was deleted or that cannot be written must not keep all others waiting. */
async function show(deps: SeatSyncDeps, order: OrderRow, numbers: OrderNumbers): Promise<boolean> {
  const { seats, now } = deps;
  const { crm: name, account, deal_id: dealId } = order;
  const key = `numbers-not-shown:${order.id}`;
  const at = new Date(now());
  const crm = deps.crms[name];
  // The CRM is off, or another account by now.
  if (crm?.account !== account) {
    await noteNotShown(seats.db, order, at);
    return false;
  }
  try {
    await write(deps, crm, order, numbers);
    await noteShown(seats.db, order, { numbers, at });
    await resolveFinding(seats.db, key, at);
    return true;
  } catch (error) {
    if (!(error instanceof DealseatError)) throw error;
    const { code, message } = error;
    if (isRepeated(error, {})) throw error;
    log.warn('A deal could not be given the numbers of its seats', { crm: name, account, dealId, code });
    // Those of a deal that was merged are shown by the one that lives on, once its run has taken over the seats.
    await reportFinding(
      seats.db,
      {
        key,
        order_id: order.id,
        seat_id: null,
        kind: 'numbers_not_shown',
        ...numbersNotShownFinding(order.deal_name, message),
      },
      at,
    );
    await noteNotShown(seats.db, order, at);
    return false;
  }
}

/**
 * These fields belong to nobody else, so the hold is not needed. That the deal is the same before and after shows whose the
 * change in between was, and the sweep passes over it.
 */
async function write(
  { seats }: SeatSyncDeps,
  crm: Crm,
  order: OrderRow,
  numbers: OrderNumbers,
): Promise<void> {
  const signal = cancellationSignal();
  const before = await crm.readPrint(order.deal_id, signal);
  await crm.writeDealFields(order.deal_id, numberFields(numbers), signal);
  const after = await crm.readPrint(order.deal_id, signal);
  if (after.print !== before.print || after.hasAction) return;
  await noteOwnChange(seats.db, order, { before: before.changedAt, by: after.changedAt });
}
