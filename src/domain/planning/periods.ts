import type { GrantingProduct } from '../deal/catalog.ts';
import type { LineItem } from '../deal/deal.ts';

/** A line that sells seats of a product. */
export interface SoldLine {
  readonly line: LineItem;
  readonly seatCount: number;
}

/** What the lines of one product may sell; one number where there is no doubt. */
export function possibleSeats({ lines: rule }: GrantingProduct, lines: readonly SoldLine[]): number[] {
  const periods = seatsByPeriod(lines);
  const sum = periods.reduce((total, { seatCount }) => total + seatCount, 0);
  const highest = Math.max(...periods.map(({ seatCount }) => seatCount));
  const first = periods[0]?.seatCount ?? 0;
  if (periods.length < 2 || rule === 'sum') return [sum];
  switch (rule) {
    case 'highest':
      return [highest];
    case 'first':
      return [first];
    case 'ask':
      return [...new Set([sum, highest, first])];
  }
}

/**
 * Whether the lines say year by year what the customer has already. Any other later line may as well be a sale of more
 * seats, which only people can tell.
 */
export function isRenewal(lines: readonly SoldLine[], delivered: number): boolean {
  const periods = seatsByPeriod(lines);
  const anniversaries = new Set(periods.map(({ startsOn }) => startsOn.slice('YYYY'.length)));
  return (
    periods.every(({ seatCount, startsOn }) => seatCount === delivered && startsOn !== '') &&
    anniversaries.size === 1
  );
}

/** Earliest first. A line without a day starts with the deal. */
function seatsByPeriod(
  lines: readonly SoldLine[],
): { readonly startsOn: string; readonly seatCount: number }[] {
  const periods = new Map<string, number>();
  for (const { line, seatCount } of lines) {
    const startsOn = line.startsOn ?? '';
    periods.set(startsOn, (periods.get(startsOn) ?? 0) + seatCount);
  }
  return [...periods.entries()]
    .map(([startsOn, seatCount]) => ({ startsOn, seatCount }))
    .sort((a, b) => (a.startsOn < b.startsOn ? -1 : 1));
}
