/** The last zone in which a day ends: what lasts until then lasts long enough for every reader. IANA's name of UTC-12. */
const LAST_ZONE = 'Etc/GMT+12';

const HALF_SEARCH_S = 172_800;

/** In which zone a day must be over to have passed. */
export function dayEndZone({ timeZone }: { readonly timeZone: string | null }): string {
  return timeZone ?? LAST_ZONE;
}

/** The day of an instant as people in that zone read it, `YYYY-MM-DD`. */
export function calendarDay(instant: string | number, zone: string): string {
  const parts = new Map(
    formatOf(zone)
      .formatToParts(new Date(instant))
      .map(({ type, value }) => [type, value]),
  );
  return `${parts.get('year')?.padStart(4, '0')}-${parts.get('month')}-${parts.get('day')}`;
}

/** The last second of the day in that zone. Days of 23 or 25 hours, and days without a midnight, end as they do there. */
export function endOfDay(day: string, zone: string): string {
  const start = Date.parse(`${day}T00:00:00.000Z`) / 1_000;
  // No zone is ahead or behind by as much, and the day never goes back.
  let [still, over] = [start - HALF_SEARCH_S, start + HALF_SEARCH_S];
  while (over - still > 1) {
    const middle = Math.floor((still + over) / 2);
    if (calendarDay(middle * 1_000, zone) <= day) still = middle;
    else over = middle;
  }
  return new Date(still * 1_000).toISOString();
}

/** The last day that is over by then in that zone: what ends at the instant lasts at least to the end of that day. */
export function lastWholeDay(instant: string, zone: string): string {
  const day = calendarDay(instant, zone);
  const isWhole = Date.parse(endOfDay(day, zone)) <= Date.parse(instant);
  return isWhole ? day : addDays(day, -1);
}

/** Years of more digits would be no days of ours. */
const LAST_DAY = '9998-12-31';

export function addDays(day: string, days: number): string {
  const date = new Date(`${day}T00:00:00.000Z`);
  date.setUTCDate(date.getUTCDate() + days);
  return date.getUTCFullYear() > 9_998 ? LAST_DAY : date.toISOString().slice(0, 10);
}

export function isTimeZone(text: string): boolean {
  // Offsets have no summer time, and abbreviations mean several zones: BST is taken for that of Dhaka.
  if (text !== 'UTC' && !/^[A-Za-z]+\//.test(text)) return false;
  try {
    formatOf(text);
    return true;
  } catch {
    return false;
  }
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-u-ca-gregory-nu-latn', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  });
  formats.set(zone, format);
  return format;
}
