import type { Deal } from '../src/domain/deal/deal.ts';
import { readLedger } from '../src/domain/deal/ledger.ts';
import { readOrders } from '../src/store/known-seats.ts';
import type { ActivityDeps } from './deps.ts';
import { cancellationSignal } from './earlier-attempts.ts';

/**
 * The seats of a deal that was handed over, and that the store does not know: its database was lost, or came later. They are
 * written again before anything is decided about them, because the code of a learner may have taken the place of another.
 */
export async function findLostSeats(
  { seats: store, sealer, rebuild }: Pick<ActivityDeps, 'seats' | 'sealer' | 'rebuild'>,
  deal: Deal,
): Promise<void> {
  if (store === undefined || rebuild === undefined) return;
  const read = readLedger(deal.written.ledger, deal, sealer);
  if (read === null || read === 'unreadable' || !read.isSealed) return;
  if (!read.ledger.groups.some(({ isNew }) => isNew !== true)) return;
  const orders = await readOrders(store.db, deal, deal.mergedDealIds);
  if (orders.length === 0) await rebuild(deal, cancellationSignal());
}
