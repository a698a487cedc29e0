import { stat } from 'node:fs/promises';
import { type Config, ConfigError } from '../config/config.ts';
import { LOCAL_FOLDER } from '../config/local-folder.ts';
import { readSecretKeys } from '../config/secret-key-file.ts';
import { createVault } from '../config/secret-keys.ts';
import { DealseatError } from '../domain/failure.ts';
import type { SeatDesk } from '../seats/desk.ts';
import { createHttpDesk } from '../seats/http-desk.ts';
import { createStoreDesk } from '../seats/store-desk.ts';
import { openStoreDatabase } from '../store/database.ts';
import { readLock } from '../store/embedded-lock.ts';
import { erasingCopies } from './erasing-copies.ts';
import { nudgePolicyOf } from './nudge-policy.ts';

export interface OpenSeatDesk {
  readonly desk: SeatDesk;
  /** False: no service can do what is asked for while this process has the database open. */
  readonly waitsHere: boolean;
  /** What may keep an operation from being done, in sentences. */
  warnings?(): Promise<readonly string[]>;
  close(): Promise<void>;
}

interface OpenOptions {
  readonly config: Config;
  /** Names the Temporal server, too. */
  readonly env: NodeJS.ProcessEnv;
  /** Of the embedded database. Default: that of the settings. */
  readonly folder?: string;
}

/**
 * The desk of seats of a command: PostgreSQL where one is set; else a running service of this folder, which has the
 * embedded database; else that database itself. Throws `ConfigError` and `store.*`.
 */
export async function openSeatDesk({
  config,
  env,
  folder = config.seatsFolder,
}: OpenOptions): Promise<OpenSeatDesk> {
  const isEmbedded = config.databaseUrl === null;
  if (isEmbedded) {
    const holder = await readLock(folder);
    if (holder?.address) {
      return { desk: createHttpDesk(holder.address), waitsHere: true, close: async () => {} };
    }
    if (holder !== null) {
      throw new DealseatError({
        code: 'store.locked',
        message: `Process ${holder.pid} (${holder.command}) has had the embedded database of seats open since ${holder.since}, and answers no commands`,
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
  const seats = { db: database.db, vault: createVault(keys) };
  // Questions need no Temporal, and its client takes long to load.
  const { openSeatOperations } = await import('./open-seat-operations.ts');
  const operations = openSeatOperations({ config, env, seats });
  return {
    desk: createStoreDesk(seats, {
      operations,
      nudgePolicy: nudgePolicyOf(config),
      now: Date.now,
      ...erasingCopies(database),
    }),
    waitsHere: !isEmbedded,
    warnings: isEmbedded ? async () => [] : operations.warnings,
    close: async () => {
      await operations.close();
      await database.close();
    },
  };
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
