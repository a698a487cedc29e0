/** HubSpot writes an instant as ISO text or as epoch milliseconds. Null for an absent value and for anything else. */
export function instantIn(value: string | null): string | null {
  if (value === null) return null;
  const date = new Date(/^\d+$/.test(value) ? Number(value) : value);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}

/** The instant in a date, or null where its year is none that a calendar of ours has in every zone. */
export function calendarInstantIn(value: string | null): string | null {
  const instant = instantIn(value);
  return instant !== null && instant >= '1000' && instant < '9998' ? instant : null;
}
