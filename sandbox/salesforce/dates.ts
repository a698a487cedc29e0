/** Dates as Salesforce's JSON spells them: `2026-11-22T07:46:00.000+0000`, never `Z`. */

export function salesforceDateTime(epochMs: number): string {
  return new Date(epochMs).toISOString().replace('Z', '+0000');
}

/** Reads `YYYY-MM-DD`; null for another form or a day that does not exist. */
export function parseDate(value: string): string | null {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(value)) return null;
  const date = new Date(`${value}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(value) ? value : null;
}

/** Reads a date-time with a zone and returns Salesforce's own spelling of the same instant. */
export function parseDateTime(value: string): string | null {
  const match = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(\.\d{1,3})?(Z|[+-]\d{2}:?\d{2})$/.exec(value);
  if (!match) return null;
  const [, stamp = '', fraction = '', zone = ''] = match;
  const isoZone = zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone;
  const epochMs = Date.parse(`${stamp}${fraction}${isoZone}`);
  return Number.isNaN(epochMs) ? null : salesforceDateTime(epochMs);
}
