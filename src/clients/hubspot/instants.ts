/** HubSpot writes an instant as ISO text or as epoch milliseconds. Null for an absent value and for anything else. */
export function instantIn(value: string | null): string | null {
  if (value === null) return null;
  const date = new Date(/^\d+$/.test(value) ? Number(value) : value);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}

/**
 * The calendar day of an instant, taken in UTC, whatever the portal's time zone: the day is part of the group label,
 * and must not change when an admin changes the zone.
 */
export function calendarDayIn(value: string | null): string | null {
  const day = instantIn(value)?.slice(0, 10) ?? '';
  // Years outside 0 to 9999 have a sign and six digits.
  return /^\d{4}-\d{2}-\d{2}$/.test(day) ? day : null;
}
