import { setTimeout as delay } from 'node:timers/promises';
import { FINAL_STATUSES, type Progress } from '../contracts/run.ts';
import type { RunConsole } from './console.ts';
import { TemporalUnavailableError } from './port.ts';
import { type RunReport, readRun } from './report.ts';

export interface FollowOptions {
  readonly onStep: (line: string) => void;
  readonly pollMs?: number;
  readonly signal: AbortSignal;
}

function isFinal({ status }: { readonly status: string }): boolean {
  return FINAL_STATUSES.some((final) => final === status);
}

function isResting(run: { readonly status: string }): boolean {
  return isFinal(run) || run.status === 'NeedsAttention';
}

const POLL_MS = 500;
/** A worker that restarts, or a server that is busy, is no reason to stop watching. */
const PATIENCE_MS = 30_000;
/** What a run does while it waits for a person, such as writing a task, may fail and be repeated for days. */
const AT_WORK_MS = 20_000;

/**
 * Reports every new step of a run and resolves when it is over or waits for a person. A run that has been sent something just
 * now shows its old question until it has looked, so a question counts only once the run does nothing.
 */
export async function followRun(
  runs: Pick<RunConsole, 'progress' | 'activity'>,
  id: string,
  options: FollowOptions,
): Promise<Progress> {
  let last = '';
  let silentSince: number | null = null;
  let askingSince: number | null = null;
  for (;;) {
    options.signal.throwIfAborted();
    try {
      const activity = await runs.activity(id);
      const progress = await runs.progress(id);
      silentSince = null;
      const line = `${progress.status}: ${progress.step}`;
      if (line !== last) options.onStep(line);
      last = line;
      // One that was ended from outside never shows an end of its own.
      if (isFinal(progress) || activity === null || activity.isClosed) return progress;
      if (progress.status === 'NeedsAttention') {
        askingSince ??= performance.now();
        if (!activity.isAtWork || performance.now() - askingSince > AT_WORK_MS) return progress;
      } else askingSince = null;
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
  runs: Pick<RunConsole, 'progress' | 'activity' | 'describe' | 'lastDelivery'>,
  id: string,
  options: FollowOptions,
): Promise<RunReport | null> {
  for (;;) {
    await followRun(runs, id, options);
    const report = await readRun(runs, id);
    if (report === null || report.closedAt !== null || isResting(report)) return report;
  }
}
