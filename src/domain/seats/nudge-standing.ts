import type { CrmName } from '../deal/deal.ts';
import type { NudgeRecord, NudgeStop } from './nudge-record.ts';
import {
  isStillUnused,
  isUnusedAbove,
  NUDGE_BOUND_MS,
  type NudgeRule,
  nudgeDueAt,
  nudgeKey,
  type SeatUsage,
} from './nudges.ts';

export const NUDGE_STATES = ['due', 'waiting', 'sent', 'task', 'in_doubt', 'stopped'] as const;
export type NudgeState = (typeof NUDGE_STATES)[number];

/** Of a nudge that is not in the store, why it does not come; of a record, why it did not go out. */
export type NudgeObstacle =
  | NudgeStop
  | 'withdrawn'
  | 'all_used'
  | 'ended'
  | 'never_ends'
  | 'ends_too_soon'
  | 'missed'
  /** Not now: as many seats are in use as the rule wants. */
  | 'enough_used';

/** Where one nudge of a deal stands. Times are milliseconds since the epoch. */
export interface NudgeStanding {
  readonly rule: string;
  readonly state: NudgeState;
  /** Null: it has no day. */
  readonly dueAt: number | null;
  readonly obstacle: NudgeObstacle | null;
  /** Null: it was not due, or is not claimed. */
  readonly record: NudgeRecord | null;
  /** That the buyer is reminded by; null: the rule is not for the buyer, or the catalog is not known here. */
  readonly tool: NudgeTool | null;
  /** Null: it is not known here which rules there are. */
  readonly isInCatalog: boolean | null;
}

/** E-mail tool of the deal's CRM. */
export interface NudgeTool {
  readonly via: string;
  readonly writesToPeople: boolean;
}

/** What the catalog says of nudges. */
export interface NudgePolicy {
  readonly rules: readonly NudgeRule[];
  readonly tools: Readonly<Record<CrmName, NudgeTool>>;
}

export interface NudgeFacts {
  /** Of the catalog; null: they are not known here, so only what was due is. */
  readonly rules: readonly NudgeRule[] | null;
  readonly tool: NudgeTool | null;
  readonly records: readonly NudgeRecord[];
  readonly usage: SeatUsage;
  readonly now: number;
}

/** The nudges of a deal: those of the catalog in its order, then those of rules that it had before. */
export function nudgeStandings({ rules, tool, records, usage, now }: NudgeFacts): NudgeStanding[] {
  const recordOf = (key: string) => records.find(({ rule }) => rule === key);
  const keys = (rules ?? []).map(nudgeKey);
  const current = (rules ?? []).map((rule, index): NudgeStanding => {
    const key = keys[index] ?? '';
    const record = recordOf(key);
    const known = { rule: key, tool: rule.to.includes('buyer') ? tool : null, isInCatalog: true };
    return { ...known, ...(record ? settled(record, now) : toCome(rule, usage, now)) };
  });
  const former = records
    .filter(({ rule }) => !keys.includes(rule))
    .map((record) => ({
      rule: record.rule,
      tool: null,
      isInCatalog: rules === null ? null : false,
      ...settled(record, now),
    }));
  return [...current, ...former];
}

type Standing = Omit<NudgeStanding, 'rule' | 'tool' | 'isInCatalog'>;

function settled(record: NudgeRecord, now: number): Standing {
  const { dueAt, stopped: obstacle } = record;
  return { state: stateOf(record, now), dueAt, obstacle, record };
}

function stateOf({ state, mail, heldUntil }: NudgeRecord, now: number): NudgeState {
  if (state === 'claimed') return heldUntil !== null && heldUntil > now ? 'waiting' : 'in_doubt';
  if (mail === 'in_doubt') return 'in_doubt';
  if (state === 'skipped') return 'stopped';
  return mail === 'sent' ? 'sent' : 'task';
}

function toCome(rule: NudgeRule, usage: SeatUsage, now: number): Standing {
  const dueAt = nudgeDueAt(rule, usage, now);
  const obstacle = obstacleOf(rule, usage, { now, dueAt });
  const isOver = obstacle !== null && obstacle !== 'enough_used';
  const hasDay = dueAt !== null && dueAt <= now;
  return {
    state: isOver ? 'stopped' : hasDay ? 'waiting' : 'due',
    dueAt,
    obstacle: isOver || hasDay ? obstacle : null,
    record: null,
  };
}

function obstacleOf(
  rule: NudgeRule,
  usage: SeatUsage,
  { now, dueAt }: { readonly now: number; readonly dueAt: number | null },
): NudgeObstacle | null {
  if (usage.sold === 0) return 'withdrawn';
  if (usage.sold <= usage.used) return 'all_used';
  if (!isStillUnused(usage, now)) return 'ended';
  if (dueAt === null) return usage.unusedEnds.every((end) => end === null) ? 'never_ends' : 'ends_too_soon';
  if (now >= dueAt + NUDGE_BOUND_MS) return 'missed';
  return isUnusedAbove(rule, usage) ? null : 'enough_used';
}
