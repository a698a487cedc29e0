import { calendarDay } from './calendar.ts';
import type { Catalog } from './catalog.ts';
import type { Deal } from './deal.ts';

/** The day on which a deal was closed, as people in the catalog's zone read it; without one, in UTC. */
export function closeDay(
  { closeDate }: Pick<Deal, 'closeDate'>,
  { timeZone }: Pick<Catalog, 'timeZone'>,
): string | null {
  if (closeDate === null || /^\d{4}-\d{2}-\d{2}$/.test(closeDate)) return closeDate;
  return calendarDay(closeDate, timeZone ?? 'UTC');
}
