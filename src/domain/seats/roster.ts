import type { PlannedGroup } from '../planning/plan.ts';
import { redeemLink } from './redeem-link.ts';

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

/** The codes of one planned group. Secret: exists only in memory. */
export interface GroupCodes {
  readonly group: PlannedGroup;
  /** Distinct and sorted, so that every attempt makes the same file byte for byte. */
  readonly codes: readonly string[];
}

export function* rosterRows(groups: readonly GroupCodes[]): Generator<RosterRow> {
  for (const { group, codes } of groups) {
    for (const code of codes) {
      yield {
        code,
        redeem_url: redeemLink(group.redeemUrl, code),
        content: group.title,
        group_label: group.label,
        expires_at: group.codesExpireAt ?? '',
        access: describeAccess(group),
      };
    }
  }
}

export function describeAccess(group: Pick<PlannedGroup, 'accessDays' | 'accessUntil'>): string {
  if (group.accessDays !== null) return `${group.accessDays} days from redemption`;
  if (group.accessUntil !== null) return `until ${group.accessUntil.slice(0, 10)}`;
  return '';
}

export interface RosterReceipt {
  readonly fileId: string;
  readonly fileName: string;
  readonly url: string;
  /** Rows of the file: in learner mode only the spare codes. */
  readonly codeCount: number;
  readonly sha256: string;
}
