import { calendarDay } from '../deal/calendar.ts';
import type { Catalog } from '../deal/catalog.ts';
import { closeDay } from '../deal/close-day.ts';
import type { Deal } from '../deal/deal.ts';
import { wonAtOf } from '../deal/won-at.ts';
import type { PlanRules } from './rules.ts';

/** CRMs try for a day to bring an event to us. */
const LONGEST_DELIVERY_MS = 24 * 60 * 60 * 1_000;

/**
 * Whether a deal was won before Dealseat began, so that only a person has it provisioned. People edit, move and merge old
 * deals, so events are not believed either; but that a deal without a stage history is old, only the sweep says: an
 * event mostly comes with the closing.
 */
export function isWonBeforeDealseat(deal: Deal, catalog: Catalog, { wonSince, source }: PlanRules): boolean {
  if (wonSince === null || source === 'person') return false;
  const wonAt = wonAtOf(deal);
  if (source === 'sweep') {
    if (wonAt !== null) return Date.parse(wonAt) < Date.parse(wonSince);
    // A day, where the CRM keeps no history.
    const day = closeDay(deal, catalog);
    return day !== null && day < calendarDay(wonSince, catalog.timeZone ?? 'UTC');
  }
  return wonAt !== null && Date.parse(wonAt) < Date.parse(wonSince) - LONGEST_DELIVERY_MS;
}
