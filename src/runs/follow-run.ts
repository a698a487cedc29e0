import { setTimeout as delay } from 'node:timers/promises';
import { FINAL_STATUSES, type Progress, type RunStatus } from '../contracts/run.ts';
import type { RunConsole } from './console.ts';
import { TemporalUnavailableError } from './port.ts';
import { type RunReport, readRun } from './report.ts';

export interface FollowOptions {
  readonly onStep: (line: string) => void;
  readonly pollMs?: number;
  readonly signal: AbortSignal;
}

/** Nothing goes on by itself from here: the run is over, or waits for a person. */
const RESTING: readonly RunStatus[] = [...FINAL_STATUSES, 'NeedsAttention'];

function isResting({ status }: { readonly status: string }): boolean {
  return RESTING.some((resting) => resting === status);
}

const POLL_MS = 500;
/** A worker that restarts, or a server that is busy, is no reason to stop watching. */
const PATIENCE_MS = 30_000;

/** Tells every new step of a run and resolves when it is over or waits for a person. */
export async function followRun(
  runs: Pick<RunConsole, 'progress'>,
  id: string,
  options: FollowOptions,
): Promise<Progress> {
  let last = '';
  let silentSince: number | null = null;
  for (;;) {
    options.signal.throwIfAborted();
    try {
      const progress = await runs.progress(id);
      silentSince = null;
      const line = `${progress.status}: ${progress.step}`;
      if (line !== last) options.onStep(line);
      last = line;
      if (isResting(progress)) return progress;
    } catch (error) {
      silentSince ??= performance.now();
      const isPatient = performance.now() - silentSince < PATIENCE_MS;
      if (!(error instanceof TemporalUnavailableError) || !isPatient) throw error;
    }
    await delay(options.pollMs ?? POLL_MS, undefined, { signal: options.signal });
  }
}

/**
 * The same, and how it stands then; null when Temporal knows no such run (any more). A run that has shown its end may go on
 * in another execution before it is read, for what it was told meanwhile.
 */
export async function followToReport(
  runs: Pick<RunConsole, 'progress' | 'describe'>,
  id: string,
  options: FollowOptions,
): Promise<RunReport | null> {
  for (;;) {
    await followRun(runs, id, options);
    const report = await readRun(runs, id);
    if (report === null || report.closedAt !== null || isResting(report)) return report;
  }
}

/** Long enough for a worker that is there to take the next step, short enough to be waited for. */
const GO_ON_MS = 5_000;

/**
 * How the run stands once `isWaiting` does not hold any more, or after some seconds in which it still did. A message
 * that was accepted stays so whether or not the run can be read afterwards.
 */
export async function untilGoneOn(
  runs: Pick<RunConsole, 'progress'>,
  id: string,
  options: {
    /** What the run said when it took the message. */
    readonly told: Progress;
    readonly isWaiting: (progress: Progress) => boolean;
    readonly signal: AbortSignal;
    readonly pollMs?: number;
    readonly patienceMs?: number;
  },
): Promise<{ readonly progress: Progress; readonly hasGoneOn: boolean }> {
  const { isWaiting, signal, pollMs = POLL_MS / 2, patienceMs = GO_ON_MS } = options;
  const until = performance.now() + patienceMs;
  let progress = options.told;
  while (isWaiting(progress)) {
    if (performance.now() > until) return { progress, hasGoneOn: false };
    await delay(pollMs, undefined, { signal });
    try {
      progress = await runs.progress(id);
    } catch (error) {
      if (!(error instanceof TemporalUnavailableError)) throw error;
    }
  }
  return { progress, hasGoneOn: true };
}
