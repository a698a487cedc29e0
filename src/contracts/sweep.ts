import type { CrmName, DealRef } from '../domain/deal/deal.ts';
import type { FailureCode } from '../domain/failure.ts';
import type { Lane } from './lane.ts';
import type { Policy } from './policy.ts';
import type { Trigger } from './run.ts';

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
  /** Deals that changed since their last run was over. */
  readonly changed: number;
  /** Deals that changed since their run started, which is open and was told so. */
  readonly told: number;
}

export interface SweptDeal {
  readonly dealId: string;
  /** UTC instant of the deal's last change. */
  readonly changedAt: string;
}

export interface SweepActivities {
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

/** What the sweep asks of Temporal; `src/temporal/run-register.ts` answers. */
export interface RunRegister {
  /** The latest run of the deal; null when none is known (any more). */
  lastRun(deal: DealRef): Promise<LastRun | null>;
  start(deal: DealRef, trigger: Trigger, options: { readonly lane: Lane }): Promise<void>;
}

export interface LastRun {
  /** Status of the run; a status of Temporal where the run had not come to name its own. */
  readonly status: string;
  /** UTC instants. */
  readonly startedAt: string;
  /** When it last began to read the deal. Null: it has not said so, or it wrote on the deal before it ended. */
  readonly readAt: string | null;
  /** Null: the run is open. */
  readonly closedAt: string | null;
  /** What stops the run, or why it was skipped. */
  readonly code: string | null;
}

export type Sighting = 'missed' | 'changed' | 'open' | 'known';

/** What a deal's last change means, as far as the run cannot know of it. */
export function judgeSighting(
  changedAt: string,
  run: LastRun | null,
  { startsOver = false }: { readonly startsOver?: boolean } = {},
): Sighting {
  if (run === null) return 'missed';
  // By an earlier day it may be Dealseat's.
  if (startsOver && run.closedAt !== null && run.code === WON_BEFORE) return 'changed';
  if (Date.parse(changedAt) <= knownUntil(run)) return 'known';
  return run.closedAt === null ? 'open' : 'changed';
}

const WON_BEFORE: FailureCode = 'deal.won_before';

/**
 * The last change of which a run knows. An open one looks at the deal again when it is told, so what may have been its
 * own write costs it one reading, after which it is known; a person's change in the same moment would be lost
 * otherwise. One that is over has written on the deal just before its end, so only what comes later is news. One that
 * found nothing to do and wrote nothing is judged by its last reading: the deal may have changed right after it.
 */
function knownUntil({ status, startedAt, readAt, closedAt }: LastRun): number {
  const hasWrittenNothing = (status === 'Skipped' || status === 'Delivered') && readAt !== null;
  const isJudgedByReading = closedAt === null || hasWrittenNothing;
  if (!isJudgedByReading) return Date.parse(closedAt) + CLOCK_SKEW_MS;
  const readMs = Math.max(Date.parse(startedAt), readAt === null ? 0 : Date.parse(readAt));
  return readMs - CLOCK_SKEW_MS;
}

/** How far the clocks of the CRM and of Temporal may be apart. */
const CLOCK_SKEW_MS = 5_000;
