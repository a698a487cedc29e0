import type { Client } from '@temporalio/client';
import { createSeatOperations } from '../runs/seat-operations.ts';
import type { SeatDesk } from '../seats/desk.ts';
import { createStoreDesk } from '../seats/store-desk.ts';
import type { ServiceContext } from './context.ts';
import { erasingCopies } from './erasing-copies.ts';
import { nudgePolicyOf } from './nudge-policy.ts';
import { seatsOf } from './store.ts';

/** The desk of seats of this process; null: no store is open here, or the keys that open its codes are not set. */
export function seatDeskOf(
  context: Pick<ServiceContext, 'store' | 'config' | 'logger'>,
  client: Client,
): SeatDesk | null {
  const { store, config, logger } = context;
  const { seats } = seatsOf(context);
  if (store === undefined || seats === undefined) return null;
  const operations = createSeatOperations({
    ...config,
    client,
    seats,
    onNotStarted: (operationId, err) => logger.warn({ operationId, err }, 'A change of a seat starts later'),
  });
  const nudgePolicy = nudgePolicyOf(config);
  return createStoreDesk(seats, { operations, nudgePolicy, now: Date.now, ...erasingCopies(store) });
}
