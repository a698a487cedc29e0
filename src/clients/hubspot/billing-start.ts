import type { LineItem } from '../../domain/deal/deal.ts';
import { numberIn } from './fields.ts';
import { calendarInstantIn } from './instants.ts';
import { type HubSpotRecord, propertyOf } from './records.ts';

export const BILLING_START = [
  'hs_recurring_billing_start_date',
  'hs_billing_start_delay_days',
  'hs_billing_start_delay_months',
];

/** `closeDate`: an instant. Billing starts on a day, or so many days or months after the closing: then HubSpot leaves the day empty. */
export function startOf(lineItem: HubSpotRecord, closeDate: string | null): Pick<LineItem, 'startsOn'> {
  const [day = null, days = null, months = null] = BILLING_START.map((name) => propertyOf(lineItem, name));
  const fixed = calendarInstantIn(day)?.slice(0, 10) ?? null;
  if (fixed !== null) return { startsOn: fixed };
  const delay = { days: numberIn(days) ?? 0, months: numberIn(months) ?? 0 };
  if (closeDate === null || (delay.days === 0 && delay.months === 0)) return {};
  const date = new Date(`${closeDate.slice(0, 10)}T00:00:00.000Z`);
  date.setUTCMonth(date.getUTCMonth() + delay.months);
  date.setUTCDate(date.getUTCDate() + delay.days);
  return Number.isNaN(date.getTime()) ? {} : { startsOn: date.toISOString().slice(0, 10) };
}
