import type { PlannedGroup } from '../planning/plan.ts';
import { countOf } from '../words.ts';
import { linkOf } from './redeem-link.ts';
import type { SeatedGroup } from './seat.ts';

/** Columns of the roster file, in order. */
export const ROSTER_COLUMNS = [
  'code',
  'redeem_url',
  'content',
  'group_label',
  'expires_at',
  'access',
] as const;

export type RosterRow = Readonly<Record<(typeof ROSTER_COLUMNS)[number], string>>;

/** One row a seat, as far as the seats are in the file. */
export function* rosterRows(groups: readonly SeatedGroup[]): Generator<RosterRow> {
  for (const { group, seats } of groups) {
    for (const seat of seats) {
      yield {
        code: seat.code,
        redeem_url: linkOf(seat),
        content: group.title,
        group_label: group.label,
        expires_at: group.codesExpireOn ?? '',
        access: describeAccess(group),
      };
    }
  }
}

export function describeAccess(group: Pick<PlannedGroup, 'accessDays' | 'accessEndsOn'>): string {
  if (group.accessDays !== null) return `${countOf(group.accessDays, 'day')} from redemption`;
  if (group.accessEndsOn !== null) return `until ${group.accessEndsOn}`;
  return '';
}

/** People tick off fewer than that, and a larger file would take more memory than one deal may of a worker. */
const MAX_WORKBOOK_SEATS = 5_000;

/** Whether a roster with so many codes may go with a workbook. */
export function fitsWorkbook(codeCount: number): boolean {
  return codeCount > 0 && codeCount <= MAX_WORKBOOK_SEATS;
}

/** The workbook beside the roster file of that name. */
export function workbookName(rosterFileName: string): string {
  return rosterFileName.replace(/\.csv$/, '.xlsx');
}

export interface RosterReceipt {
  readonly fileId: string;
  readonly fileName: string;
  readonly url: string;
  /** Of the workbook with the same seats; absent: there is none. */
  readonly workbookFileId?: string;
  /** Rows of the file: in learner mode only the spare codes. */
  readonly codeCount: number;
  /** Rows of each group, by its token. */
  readonly seatsByGroup?: Readonly<Record<string, number>>;
  readonly sha256: string;
}
