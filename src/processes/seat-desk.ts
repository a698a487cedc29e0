import type { Client } from '@temporalio/client';
import { createVault } from '../config/secret-keys.ts';
import { createSeatOperations } from '../runs/seat-operations.ts';
import type { SeatDesk } from '../seats/desk.ts';
import { createStoreDesk } from '../seats/store-desk.ts';
import type { ServiceContext } from './context.ts';
import { erasingCopies } from './erasing-copies.ts';

/** The desk of seats of this process; null: no store is open here, or the keys that open its codes are not set. */
export function seatDeskOf(
  { store, config, logger }: Pick<ServiceContext, 'store' | 'config' | 'logger'>,
  client: Client,
): SeatDesk | null {
  if (store === undefined || config.secretKeys === null) return null;
  const seats = { db: store.db, vault: createVault(config.secretKeys) };
  const operations = createSeatOperations({
    ...config,
    client,
    seats,
    onNotStarted: (operationId, err) => logger.warn({ operationId, err }, 'A change of a seat starts later'),
  });
  return createStoreDesk(seats, { operations, now: Date.now, ...erasingCopies(store) });
}
