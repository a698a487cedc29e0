import type { Logger } from '../observability/logging.ts';
import type { StoreDatabase } from '../store/database.ts';
import { forgetPeople } from '../store/forget-people.ts';
import { forgetRequests } from '../store/keyed-request.ts';
import { lookHourly } from './look-hourly.ts';

const DAY_MS = 24 * 60 * 60_000;
/** After so long nobody repeats a request of which they got no answer. */
const KEEP_REQUESTS_DAYS = 30;

/**
 * Once a day names and addresses go that the orders need no more, and idempotency keys of long ago. What another process does
 * meanwhile is left to it.
 */
export function forgetDaily(
  { db }: Pick<StoreDatabase, 'db'>,
  { keepPeopleDays, logger }: { readonly keepPeopleDays: number; readonly logger: Logger },
): { stop(): Promise<void> } {
  let last = Number.NEGATIVE_INFINITY;
  return lookHourly(async () => {
    const now = Date.now();
    if (now - last < DAY_MS) return;
    try {
      const seats = await forgetPeople({ db }, { before: new Date(now - keepPeopleDays * DAY_MS) });
      if (seats > 0) logger.info({ seats }, 'Names and addresses were removed from seats that are long over');
      await forgetRequests({ db }, { before: new Date(now - KEEP_REQUESTS_DAYS * DAY_MS) });
      last = now;
    } catch (error) {
      logger.warn(
        { err: error },
        'Names and addresses of old seats were not removed; the next try is in an hour',
      );
    }
  });
}
