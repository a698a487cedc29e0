const ISO_DATE =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::(\d{2})(?:\.(\d+))?)?\s?(Z|UTC|[+-]\d{2}:?\d{2})?)?$/i;

/**
 * A date of the platform as a UTC instant `yyyy-mm-ddThh:mm:ss.sssZ`, or null when it is none.
 * Takes ISO dates of any precision and epoch milliseconds. A time without a zone counts as UTC: JavaScript would
 * read it in the zone of the machine.
 */
export function parseInstant(value: unknown): string | null {
  if (typeof value === 'number') return toIso(value);
  if (typeof value !== 'string') return null;
  const parts = ISO_DATE.exec(value.trim());
  if (parts === null) return null;
  const [, day, minutes = '00:00', seconds = '00', fraction = '', zone = 'Z'] = parts;
  const millis = fraction.slice(0, 3).padEnd(3, '0');
  return toIso(Date.parse(`${day}T${minutes}:${seconds}.${millis}${offsetOf(zone)}`));
}

function offsetOf(zone: string): string {
  if (/^(z|utc)$/i.test(zone)) return 'Z';
  return zone.includes(':') ? zone : `${zone.slice(0, 3)}:${zone.slice(3)}`;
}

function toIso(millis: number): string | null {
  const date = new Date(millis);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}
