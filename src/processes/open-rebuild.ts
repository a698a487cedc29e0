import { type Config, requireSecretKeys, requireTi } from '../config/config.ts';
import { createVault } from '../config/secret-keys.ts';
import type { RebuildDeps } from '../runs/rebuild/rebuild-deps.ts';
import { openStoreDatabase, type StoreDatabase, type StoreOptions } from '../store/database.ts';
import { createActivityDeps, createBudget } from './clients.ts';

export type OpenStore = (
  options: Pick<StoreOptions, 'databaseUrl' | 'folder'>,
) => Promise<Pick<StoreDatabase, 'db' | 'close'>>;

export interface OpenRebuild {
  readonly deps: RebuildDeps;
  close(): Promise<void>;
}

/**
 * Clients and seat store of a command that looks at deals, platform and store at once. All requests to the platform share
 * one budget. `openStore`: the database that the settings lead to, unless a test has one. Throws `ConfigError`, `CatalogError` and `store.*`; `store.locked` while a service has the embedded database.
 */
export async function openRebuild(
  config: Config,
  openStore: OpenStore = openStoreDatabase,
): Promise<OpenRebuild> {
  const vault = createVault(requireSecretKeys(config));
  const clients = await createActivityDeps(config, createBudget(requireTi(config)));
  const store = await openStore({ databaseUrl: config.databaseUrl, folder: config.seatsFolder });
  return { deps: { ...clients, seats: { db: store.db, vault } }, close: () => store.close() };
}
