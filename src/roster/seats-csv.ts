import { stringify } from 'csv-stringify/sync';
import { dayEndZone, lastWholeDay } from '../domain/deal/calendar.ts';
import { redeemLink } from '../domain/seats/redeem-link.ts';
import { describeAccess, ROSTER_COLUMNS } from '../domain/seats/roster.ts';

/** Those of the roster, then what became of each seat. */
const SEAT_COLUMNS = [
  ...ROSTER_COLUMNS,
  'state',
  'holder_email',
  'holder_name',
  'since',
  'redeemed_at',
  'redeemed_by',
  'access_until',
  'seat',
] as const;

export interface SeatCsvRow {
  /** Null: the row shows neither the code nor its link. */
  readonly code: string | null;
  readonly redeemUrl: string | null;
  readonly title: string;
  readonly label: string | null;
  /** UTC instants, ISO 8601. */
  readonly codesExpireAt: string | null;
  readonly accessDays: number | null;
  readonly groupAccessUntil: string | null;
  readonly stateText: string;
  readonly holderEmail: string | null;
  readonly holderName: string | null;
  readonly since: string;
  readonly redeemedAt: string | null;
  readonly redeemedBy: string | null;
  readonly accessUntil: string | null;
  readonly seatId: string;
}

/** Without it Excel reads UTF-8 as the code page of the machine. */
const BOM = '\ufeff';

/** As the roster: UTF-8 with a BOM, RFC 4180, cells that a spreadsheet would run as a formula are disarmed. */
export function writeSeatsCsv(rows: readonly SeatCsvRow[]): string {
  const text = stringify(rows.map(cellsOf), {
    columns: [...SEAT_COLUMNS],
    header: true,
    escape_formulas: true,
    record_delimiter: 'windows',
  });
  return BOM + text;
}

function cellsOf(row: SeatCsvRow): Record<(typeof SEAT_COLUMNS)[number], string> {
  const cells = {
    code: row.code ?? '',
    redeem_url: row.code === null || row.redeemUrl === null ? '' : redeemLink(row.redeemUrl, row.code),
    content: row.title,
    group_label: row.label ?? '',
    expires_at: dayOf(row.codesExpireAt),
    access: describeAccess({ accessDays: row.accessDays, accessEndsOn: dayOf(row.groupAccessUntil) || null }),
    state: row.stateText,
    holder_email: row.holderEmail ?? '',
    holder_name: row.holderName ?? '',
    since: row.since,
    redeemed_at: row.redeemedAt ?? '',
    redeemed_by: row.redeemedBy ?? '',
    access_until: row.accessUntil ?? '',
    seat: row.seatId,
  };
  // Names come from people: one that breaks a line, or moves the cursor of a terminal, is none.
  for (const name of SEAT_COLUMNS) cells[name] = cells[name].replace(/\p{Cc}+/gu, ' ');
  return cells;
}

/** The last day on which it works for every reader. */
function dayOf(instant: string | null): string {
  return instant === null ? '' : lastWholeDay(instant, dayEndZone({ timeZone: null }));
}
