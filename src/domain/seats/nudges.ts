import type { Sha256Hex } from '../deal/ids.ts';
import { countOf } from '../words.ts';

/** Who can be reminded that seats are not in use. */
export const NUDGE_READERS = ['buyer', 'owner'] as const;
export type NudgeReader = (typeof NUDGE_READERS)[number];

/** When somebody is reminded that seats of a delivered deal are not in use. */
export interface NudgeRule {
  readonly when: { readonly afterDays: number } | { readonly beforeExpiryDays: number };
  /** Share of the seats that must be unused, 0 to below 1: more than this. */
  readonly unusedAbove: number;
  readonly to: readonly NudgeReader[];
}

const DAY_MS = 24 * 60 * 60_000;

/**
 * A nudge that could not be sent on its day is made up for as long. After that it is left out, so that neither a long outage
 * nor a rule that is new writes to the customers of old deals.
 */
export const NUDGE_BOUND_MS = 14 * DAY_MS;

/** What the store knows of the seats of a deal. Times are milliseconds since the epoch. */
export interface SeatUsage {
  readonly deliveredAt: number;
  readonly sold: number;
  readonly used: number;
  /** Of the seats that are not in use: when what they give ends; null: never. Empty: all are in use. */
  readonly unusedEnds: readonly (number | null)[];
}

/** Made from what the rule says, so a rule that was changed is another one, in whatever order the catalog lists them. */
export function nudgeKey({ when, unusedAbove, to }: NudgeRule): string {
  const day =
    'afterDays' in when
      ? `${countOf(when.afterDays, 'day')} after the delivery`
      : `${countOf(when.beforeExpiryDays, 'day')} before the end`;
  const readers = NUDGE_READERS.filter((reader) => to.includes(reader)).join(' and ');
  return `${day}, more than ${unusedAbove} unused, to ${readers}`;
}

/** Names one nudge in tasks: short, and safe to show. */
export function nudgeToken(rule: string, sha256: Sha256Hex): string {
  return sha256(rule).slice(0, 12);
}

/** When the rule wants the nudge; null: never, as the seats are now. */
export function nudgeDueAt({ when }: NudgeRule, usage: SeatUsage, now: number): number | null {
  if ('afterDays' in when) return usage.deliveredAt + when.afterDays * DAY_MS;
  const end = nextEnd(usage, now);
  if (end === null) return null;
  const dueAt = end - when.beforeExpiryDays * DAY_MS;
  // What ends so soon after the delivery was said by the mail of the delivery.
  return dueAt > usage.deliveredAt ? dueAt : null;
}

/** When the first of the unused seats ends that has not ended yet; null: none ever does. */
export function nextEnd({ unusedEnds }: Pick<SeatUsage, 'unusedEnds'>, now: number): number | null {
  const ends = unusedEnds.filter((end): end is number => end !== null && end > now);
  return ends.length === 0 ? null : Math.min(...ends);
}

/** Somebody could still use a seat. */
export function isStillUnused({ sold, used, unusedEnds }: SeatUsage, now: number): boolean {
  return sold > used && unusedEnds.some((end) => end === null || end > now);
}

/** So many seats are unused that the rule wants the nudge. */
export function isUnusedAbove({ unusedAbove }: NudgeRule, { sold, used }: SeatUsage): boolean {
  return (sold - used) / sold > unusedAbove;
}

export interface DueNudge {
  readonly rule: NudgeRule;
  readonly key: string;
  readonly dueAt: number;
}

/** The nudges of a deal that are to be sent now, the latest day first. */
export function dueNudges(rules: readonly NudgeRule[], usage: SeatUsage, now: number): DueNudge[] {
  if (!isStillUnused(usage, now)) return [];
  return rules
    .flatMap((rule): DueNudge[] => {
      const dueAt = nudgeDueAt(rule, usage, now);
      const isDue = dueAt !== null && dueAt <= now && now < dueAt + NUDGE_BOUND_MS;
      return isDue && isUnusedAbove(rule, usage) ? [{ rule, key: nudgeKey(rule), dueAt }] : [];
    })
    .sort((a, b) => b.dueAt - a.dueAt);
}

/** Deals whose delivery is older need not be looked at for these rules; null: all must be, because seats may end any day. */
export function nudgedSince(rules: readonly NudgeRule[], now: number): number | null {
  let days = 0;
  for (const { when } of rules) {
    if (!('afterDays' in when)) return null;
    days = Math.max(days, when.afterDays);
  }
  return now - days * DAY_MS - NUDGE_BOUND_MS;
}
