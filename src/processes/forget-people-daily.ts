import type { Logger } from '../observability/logging.ts';
import type { StoreDatabase } from '../store/database.ts';
import { forgetPeople } from '../store/forget-people.ts';
import { lookHourly } from './look-hourly.ts';

const DAY_MS = 24 * 60 * 60_000;

/** Once a day names and addresses go that the orders need no more. What another process does meanwhile is left to it. */
export function forgetPeopleDaily(
  { db }: Pick<StoreDatabase, 'db'>,
  { keepPeopleDays, logger }: { readonly keepPeopleDays: number; readonly logger: Logger },
): { stop(): Promise<void> } {
  let last = Number.NEGATIVE_INFINITY;
  return lookHourly(async () => {
    if (Date.now() - last < DAY_MS) return;
    try {
      const seats = await forgetPeople({ db }, { before: new Date(Date.now() - keepPeopleDays * DAY_MS) });
      last = Date.now();
      if (seats > 0) logger.info({ seats }, 'Names and addresses were removed from seats that are long over');
    } catch (error) {
      logger.warn(
        { err: error },
        'Names and addresses of old seats were not removed; the next try is in an hour',
      );
    }
  });
}
