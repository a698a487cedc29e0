import type { Config } from '../config/config.ts';
import { createVault } from '../config/secret-keys.ts';
import type { Logger } from '../observability/logging.ts';
import { openStoreDatabase, type StoreDatabase, type StoreOptions } from '../store/database.ts';
import type { SeatStore } from '../store/seat-store.ts';
import type { RunningPart, ServiceContext } from './context.ts';
import { copyDaily } from './copy-store.ts';

interface StoreContext {
  readonly config: Pick<Config, 'databaseUrl' | 'seatsFolder'>;
  readonly logger: Logger;
}

export interface RunningStore extends RunningPart {
  readonly store: StoreDatabase;
}

/**
 * The store as a part of the service, to be stopped after all others: PostgreSQL where one is set, else the embedded
 * database, which is then this process's alone. `ended` rejects when another process took it away.
 */
export async function startStore(
  { config: { databaseUrl, seatsFolder }, logger }: StoreContext,
  options: Omit<StoreOptions, 'databaseUrl'> = {},
): Promise<RunningStore> {
  const store = await openStoreDatabase({ databaseUrl, folder: seatsFolder, ...options });
  const copies = copyDaily(store, logger);
  let isStopped = () => {};
  const stopped = new Promise<void>((resolve) => {
    isStopped = resolve;
  });
  return {
    store,
    ended: Promise.race([stopped, ...(store.lock === null ? [] : [store.lock.lost])]),
    stop: async () => {
      await copies.stop();
      await store.close();
      isStopped();
    },
  };
}

/** The ledger of seats of a part of the service; empty where no store is open, or the keys that open its codes are not set. */
export function seatsOf({ config, store }: Pick<ServiceContext, 'config' | 'store'>): {
  readonly seats?: SeatStore;
} {
  if (store === undefined || config.secretKeys === null) return {};
  return { seats: { db: store.db, vault: createVault(config.secretKeys) } };
}
