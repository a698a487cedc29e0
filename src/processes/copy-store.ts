import type { Logger } from '../observability/logging.ts';
import type { StoreDatabase } from '../store/database.ts';
import { copyEmbedded, lastCopyAt } from '../store/embedded-copies.ts';
import { lookHourly } from './look-hourly.ts';

const AGE_MS = 24 * 60 * 60_000;

/** Copies the embedded database once a day while it is open: nothing else protects it against its own faults. */
export function copyDaily(
  { db, folder }: Pick<StoreDatabase, 'db' | 'folder'>,
  logger: Logger,
): { stop(): Promise<void> } {
  if (folder === null) return { stop: async () => undefined };
  return lookHourly(async () => {
    try {
      const last = await lastCopyAt(folder);
      if (last !== null && Date.now() - last < AGE_MS) return;
      const copy = await copyEmbedded(db, folder);
      logger.info({ copy }, 'Copied the database of seats');
    } catch (error) {
      logger.warn({ err: error }, 'The database of seats was not copied; the next try is in an hour');
    }
  });
}
