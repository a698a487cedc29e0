import { calendarDay } from '../deal/calendar.ts';
import type { Catalog } from '../deal/catalog.ts';
import { closeDay } from '../deal/close-day.ts';
import type { Deal } from '../deal/deal.ts';
import type { DealMark } from '../deal/mark.ts';
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

/**
 * What a close date long before the win means. `imported`: there the stage history begins at the import; what a run has
 * worked on before goes on, and a deal that was only skipped stays as it is. `stale`: the CRM had the deal, not won, on
 * that day, which no import makes. Either the date was never moved, or old deals are tidied up: a person must say.
 */
export function closedLongAgo(
  deal: Deal,
  { mark, closeDate }: { readonly mark: DealMark | null; readonly closeDate: string | null },
  { source, today, closedLongAgoMs }: PlanRules,
): 'imported' | 'stale' | null {
  if (source === 'person' || closeDate === null) return null;
  if (daysFromCloseToWin(deal, closeDate, today) * DAY_MS <= closedLongAgoMs) return null;
  if (wasThereOn(deal, closeDate)) return 'stale';
  return mark === null || mark.status === '' || mark.status === 'Skipped' ? 'imported' : null;
}

function wasThereOn({ stageHistory }: Deal, day: string): boolean {
  return stageHistory.some(({ isWon, since }) => !isWon && since.slice(0, 10) <= day);
}

const DAY_MS = 24 * 60 * 60 * 1_000;

/** `closeDate`: a calendar day. Where the CRM keeps no history, `today` stands for the day of the win. */
export function daysFromCloseToWin(deal: Deal, closeDate: string, today: string): number {
  const wonOn = wonAtOf(deal)?.slice(0, 10) ?? today;
  return Math.round((Date.parse(wonOn) - Date.parse(closeDate)) / DAY_MS);
}
