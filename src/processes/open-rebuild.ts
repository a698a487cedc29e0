import { type Config, requireSecretKeys, requireTi } from '../config/config.ts';
import { createVault } from '../config/secret-keys.ts';
import type { RebuildDeps } from '../runs/rebuild-seats.ts';
import { openStoreDatabase } from '../store/database.ts';
import { createActivityDeps, createBudget } from './clients.ts';

export interface OpenRebuild {
  readonly deps: RebuildDeps;
  close(): Promise<void>;
}

/**
 * Clients and seat store of a command that looks at deals, platform and store at once. All requests to the platform share
 * one budget. Throws `ConfigError`, `CatalogError` and `store.*`; `store.locked` while a service has the embedded database.
 */
export async function openRebuild(config: Config): Promise<OpenRebuild> {
  const vault = createVault(requireSecretKeys(config));
  const clients = await createActivityDeps(config, createBudget(requireTi(config)));
  const store = await openStoreDatabase({ databaseUrl: config.databaseUrl });
  return { deps: { ...clients, seats: { db: store.db, vault } }, close: () => store.close() };
}
