import { stat } from 'node:fs/promises';
import { type Config, ConfigError } from '../config/config.ts';
import { LOCAL_FOLDER } from '../config/local-folder.ts';
import { readSecretKeys } from '../config/secret-key-file.ts';
import { createVault } from '../config/secret-keys.ts';
import { DealseatError } from '../domain/failure.ts';
import type { SeatDesk } from '../seats/desk.ts';
import { createHttpDesk } from '../seats/http-desk.ts';
import { createStoreDesk } from '../seats/store-desk.ts';
import { openStoreDatabase, STORE_FOLDER } from '../store/database.ts';
import { readLock } from '../store/embedded-lock.ts';

export interface OpenSeatDesk {
  readonly desk: SeatDesk;
  close(): Promise<void>;
}

/**
 * The desk of seats of a command: PostgreSQL where one is set; else a running service of this folder, which has the
 * embedded database; else that database itself. Throws `ConfigError` and `store.*`.
 */
export async function openSeatDesk(config: Config, folder = STORE_FOLDER): Promise<OpenSeatDesk> {
  if (config.databaseUrl === null) {
    const holder = await readLock(folder);
    if (holder?.address) return { desk: createHttpDesk(holder.address), close: async () => {} };
    if (holder !== null) {
      throw new DealseatError({
        code: 'store.locked',
        message: `Process ${holder.pid} (${holder.command}) has the embedded database of seats open since ${holder.since}, and answers no commands`,
      });
    }
    await requireFolder(folder);
  }
  const keys = config.secretKeys ?? (await readSecretKeys(LOCAL_FOLDER));
  if (keys === null) {
    throw new ConfigError([
      {
        variable: 'DEALSEAT_SECRET_KEYS',
        message: `is not set, and ${LOCAL_FOLDER} has no keys; expected the keys of the service, which open the codes of its seats`,
      },
    ]);
  }
  const database = await openStoreDatabase({ databaseUrl: config.databaseUrl, folder });
  const desk = createStoreDesk({ db: database.db, vault: createVault(keys) });
  return { desk, close: () => database.close() };
}

/** A question must not make a database: it would answer that there are no seats. */
async function requireFolder(folder: string): Promise<void> {
  if ((await stat(folder).catch(() => null)) !== null) return;
  throw new ConfigError([
    {
      variable: 'DATABASE_URL',
      message: `is not set, and there is no embedded database of seats in ${folder}; run the command in the folder of the service, or set the variable to the database of the service`,
    },
  ]);
}
