import type { CrmName, DealRef } from '../domain/deal/deal.ts';
import type { FailureCode } from '../domain/failure.ts';
import type { Lane } from './lane.ts';
import type { Policy } from './policy.ts';
import { FINAL_STATUSES, type Trigger } from './run.ts';

/** Name that the schedules and the workflow share. */
export const SWEEP_DEALS = 'sweepDeals';

/** One CRM account: each has a sweep of its own. */
export interface SweepScope {
  readonly crm: CrmName;
  readonly account: string;
}

/** Id of the schedule, and stem of the ids of its runs. */
export function sweepId({ crm, account }: SweepScope): string {
  return `sweep:${crm}:${account}`;
}

export interface SweepBounds {
  /** How far behind now a sweep stops: the CRM's index does not know of later changes yet. */
  readonly lagMs: number;
  /** How far behind the last cursor a sweep starts: a long transaction commits with an earlier stamp. */
  readonly lookBackMs: number;
}

export interface SweepInput extends SweepScope, SweepBounds {
  /** Where the first sweep of all starts, and where the next one starts when it is set earlier: a UTC instant. */
  readonly since: string;
  readonly policy: Policy;
  /** Carried over continue-as-new: a long sweep goes on here. */
  readonly progress?: SweepProgress;
}

export interface SweepProgress {
  readonly result: SweepResult;
  /** Where the sweep before ended: its look-back must not take the cursor back. */
  readonly floor: string;
}

/** What a sweep returns, and what the next one of its schedule starts from. */
export interface SweepResult extends SweepCounts {
  /** The `since` that the schedule had. */
  readonly since: string;
  /** The window that was looked at. */
  readonly from: string;
  readonly until: string;
  /** Every won deal that changed before this instant has a run, or had one. */
  readonly cursor: string;
  /** The first of the missed deals, for people. */
  readonly missedDeals: readonly string[];
}

export interface SweepCounts {
  /** Won deals that changed in the window. */
  readonly found: number;
  /** Of these, deals that nobody had told us of. */
  readonly missed: number;
  /**
   * Deals that changed since their last run read them, whose last run was ended by the server or by hand, or that are not
   * won and have an action.
   */
  readonly changed: number;
  /** Deals that changed since their run started, which is open and was told so. */
  readonly told: number;
}

export interface SweptDeal {
  readonly dealId: string;
  /** UTC instant of the deal's last change. */
  readonly changedAt: string;
  /** It is not won: what people have set on it is all that found it. */
  readonly isOnlyAsked?: true;
}

export interface SweepActivities {
  /** Starts again the deals whose last run was ended by the server or by hand since then. Safe to repeat. */
  startEndedDeals(input: SweepScope & { readonly since: string }): Promise<{ readonly ended: number }>;
  /** Read. */
  findWonDeals(
    input: SweepScope & { readonly since: string; readonly until: string; readonly limit: number },
  ): Promise<{ readonly deals: readonly SweptDeal[]; readonly next: string; readonly isComplete: boolean }>;
  /** Starts what has no run for its last change. Safe to repeat: a run that was started is open. */
  startSweptDeals(
    input: StartSweptDealsInput,
  ): Promise<SweepCounts & { readonly missedDeals: readonly string[] }>;
}

export interface StartSweptDealsInput extends SweepScope {
  readonly deals: readonly SweptDeal[];
  /** The sweep begins at another day than the one before. */
  readonly startsOver: boolean;
  /** How many runs earlier pages of the same sweep started. */
  readonly startedBefore: number;
}

/** What the sweep asks of Temporal; `src/runs/run-register.ts` answers. */
export interface RunRegister {
  /** The latest run of the deal; null when none is known (any more). */
  lastRun(deal: DealRef): Promise<LastRun | null>;
  start(deal: DealRef, trigger: Trigger, options: { readonly lane: Lane }): Promise<void>;
  /** Deals of the account with runs that were closed since then and had not come to their end. */
  endedSince(scope: SweepScope, since: string): Promise<readonly EndedDeal[]>;
}

export interface EndedDeal {
  readonly deal: DealRef;
  /** When each of these runs was closed: UTC instants. */
  readonly endedAt: readonly string[];
}

/** Of the runs of one deal that end from outside within a day, so many are followed by another. */
const MAX_ENDINGS_A_DAY = 5;

/**
 * Whatever ends every run of a deal would otherwise end one at every sweep, with a task each time. A deal that is passed
 * over has its turn again when the day is over.
 */
export function endsTooOften({ endedAt }: Pick<EndedDeal, 'endedAt'>, now: number): boolean {
  return endedAt.filter((at) => Date.parse(at) > now - DAY_MS).length > MAX_ENDINGS_A_DAY;
}

export const DAY_MS = 24 * 60 * 60 * 1_000;

export interface LastRun {
  /** Run id of Temporal. */
  readonly runId: string;
  /** Status of the run; a status of Temporal where the run had not come to name its own. */
  readonly status: string;
  /** How Temporal says that it stands or ended, for people. */
  readonly temporalStatus: string;
  /** The last change of the deal's record, by the CRM's clock, that it has read; null: it has read none. */
  readonly readUpTo: string | null;
  /** UTC instant. Null: the run is open. */
  readonly closedAt: string | null;
  /** What stops the run, or why it was skipped. */
  readonly code: string | null;
}

/**
 * What a deal's last change means.
 * - `missed`: nobody told of the deal.
 * - `ended`: its last run was ended by the server or by hand, so nobody was told how the deal stands.
 * - `changed`: it changed since its last run read it.
 * - `open`: the same, and the run is open.
 * - `known`: its last run has read it as it is.
 */
export type Sighting = 'missed' | 'ended' | 'changed' | 'open' | 'known';

/** Judged by what the last run has read, not by when it ended: what changes at any other moment is news. */
export function judgeSighting(
  changedAt: string,
  run: LastRun | null,
  {
    startsOver = false,
    isOnlyAsked = false,
  }: { readonly startsOver?: boolean; readonly isOnlyAsked?: boolean } = {},
): Sighting {
  // No event could have reported a win.
  if (run === null) return isOnlyAsked ? 'changed' : 'missed';
  const { closedAt, status, code, readUpTo } = run;
  if (closedAt !== null) {
    if (!FINAL_STATUSES.some((final) => final === status)) return 'ended';
    // By an earlier day it may be Dealseat's; and who was refused for an old plan says nothing about the deal.
    if ((startsOver && code === WON_BEFORE) || code === PLAN_CHANGED) return 'changed';
    // The sweep has just seen it.
    if (code === NOT_FOUND) return 'changed';
  }
  if (Date.parse(changedAt) <= knownUntil(readUpTo, closedAt)) return 'known';
  return closedAt === null ? 'open' : 'changed';
}

const WON_BEFORE: FailureCode = 'deal.won_before';
const PLAN_CHANGED: FailureCode = 'plan.changed';
const NOT_FOUND: FailureCode = 'crm.deal_not_found';

/** A run that could read nothing has said so, and says it again only when the deal changes. */
function knownUntil(readUpTo: string | null, closedAt: string | null): number {
  if (readUpTo !== null) return Date.parse(readUpTo);
  return closedAt === null ? 0 : Date.parse(closedAt);
}
