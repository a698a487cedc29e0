import { SEAT_STATES, type SeatState } from '../../domain/seats/seat-state.ts';
import { dayInWords } from '../../domain/texts/days.ts';
import { numberOf, withCure } from '../../domain/words.ts';
import type { OrderView, SeatCountsView, SeatView } from '../../seats/views.ts';
import { type Column, fittedTable } from '../terminal/fitted-table.ts';
import type { Look, Painted } from '../terminal/look.ts';

interface TableOptions {
  readonly look: Look;
  /** Null: the output goes elsewhere, and nothing is cut. */
  readonly columns: number | null;
}

/** So many characters of an id tell seats apart in nearly every store. */
const SHORT_ID = 8;

/** The beginnings of these ids, long enough to tell them apart from each other. */
function shortIds(seats: readonly Pick<SeatView, 'id'>[]): ReadonlyMap<string, string> {
  let length = SHORT_ID;
  const ids = [...new Set(seats.map(({ id }) => id))];
  while (new Set(ids.map((id) => id.slice(0, length))).size < ids.length) length += 1;
  return new Map(ids.map((id) => [id, id.slice(0, length)]));
}

/** One row a seat. `withDeal`: they are of several deals. */
export function seatTable(
  seats: readonly SeatView[],
  { look, columns, withDeal = false }: TableOptions & { readonly withDeal?: boolean },
): Painted {
  const short = shortIds(seats);
  const table: Column<SeatView>[] = [
    { title: 'SEAT', text: ({ id }) => short.get(id) ?? id, paint: (text) => look.style('bold', text) },
    ...(withDeal
      ? [
          {
            title: 'DEAL',
            text: ({ crm, dealId }: SeatView) => `${crm} ${dealId}`,
          } satisfies Column<SeatView>,
        ]
      : []),
    { title: 'PRODUCT', text: ({ productTitle }) => productTitle, atLeast: 12 },
    {
      title: 'STATE',
      text: ({ stateText }) => stateText,
      paint: (text, { state }) => look.style(STYLE[state], text),
    },
    { title: 'HOLDER', text: holderOf, atLeast: 16 },
    { title: 'SINCE', text: ({ since }) => dayInWords(since) },
    {
      title: 'ACCESS UNTIL',
      text: ({ accessUntil }) => (accessUntil === null ? '' : dayInWords(accessUntil)),
    },
    { title: 'CODE', text: ({ codeState }) => (codeState === null ? 'none' : CODE[codeState]) },
  ];
  return fittedTable(table, seats, columns, (text) => look.style('dim', text));
}

/** By product, then by state, then by holder: as people look for one. */
export function inTableOrder(seats: readonly SeatView[]): SeatView[] {
  const placeOf = (state: SeatState) => SEAT_STATES.indexOf(state);
  return [...seats].sort(
    (a, b) =>
      a.productTitle.localeCompare(b.productTitle, 'en') ||
      placeOf(a.state) - placeOf(b.state) ||
      holderOf(a).localeCompare(holderOf(b), 'en') ||
      (a.id < b.id ? -1 : 1),
  );
}

/** `Ana Ruiz <ana@example.com>`; who used the code, if that is another address. */
export function holderOf({ holder, usedByOther, redeemedBy }: SeatView): string {
  const named = holder && personOf(holder);
  if (named === null) return redeemedBy ?? '';
  return usedByOther && redeemedBy !== null ? `${named}, used by ${redeemedBy}` : named;
}

function personOf({ email, name, contactId }: NonNullable<SeatView['holder']>): string {
  if (email !== null) return name === null ? email : `${name} <${email}>`;
  return name ?? `contact ${contactId}`;
}

/** What is to be done before a change of the seat can go on; null: nothing. */
export function waitsForText({ waitsFor, operationId }: SeatView): string | null {
  if (waitsFor === null) return null;
  const { code, text, cure } = waitsFor;
  return `${withCure(`${code}: ${text}`, cure)} Then: dealseat seats operation ${operationId} --retry`;
}

/** One row an order, with its counts. */
export function orderTable(orders: readonly OrderView[], { look, columns }: TableOptions): Painted {
  const count = (title: string, part: keyof SeatCountsView): Column<OrderView> => ({
    title,
    text: ({ counts }) => numberOf(counts[part]),
  });
  return fittedTable<OrderView>(
    [
      {
        title: 'NAME',
        text: ({ dealName }) => dealName,
        paint: (text, { dealUrl }) => look.link(dealUrl, look.style('bold', text)),
        atLeast: 16,
      },
      { title: 'DEAL', text: ({ crm, dealId }) => `${crm} ${dealId}` },
      { title: 'COMPANY', text: ({ companyName }) => companyName ?? '', atLeast: 10 },
      count('SEATS', 'sold'),
      count('USED', 'used'),
      count('RESERVED', 'reserved'),
      count('FREE', 'free'),
    ],
    orders,
    columns,
    (text) => look.style('dim', text),
  );
}

const CODE = {
  sealed: 'not handed out',
  handed_out: 'handed out',
  redeemed: 'used',
  retired: 'retired',
} as const;

const STYLE = {
  free: 'green',
  invited: 'cyan',
  exposed: 'cyan',
  claimed: 'cyan',
  granting: 'yellow',
  redeemed: 'blue',
  removing: 'yellow',
  ended: 'dim',
} as const satisfies Record<SeatState, string>;

/** `25 seats: 12 used, 8 reserved, 5 free`. */
export function countsText({ sold, used, reserved, free }: SeatCountsView): string {
  return `${numberOf(sold)} ${sold === 1 ? 'seat' : 'seats'}: ${numberOf(used)} used, ${numberOf(reserved)} reserved, ${numberOf(free)} free`;
}
