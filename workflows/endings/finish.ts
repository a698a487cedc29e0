import { isCancellation, TemporalFailure } from '@temporalio/workflow';
import type { ProvisionResult } from '../../src/contracts/run.ts';
import type { Reading } from '../../src/domain/planning/reading.ts';
import { problemOf } from '../failures.ts';
import { lookOnceMore } from '../reading.ts';
import type { Ending, Run } from '../run.ts';
import { startNextPass } from '../start-afresh.ts';

/**
 * The end of every pass. What was told since the last reading, and what a look finds after the last write, is for
 * another pass: no event is lost, whatever the run was doing when it came.
 */
export async function finish(run: Run, ending: Ending): Promise<ProvisionResult> {
  const last = run.view.progress;
  const result = ending.is === 'over' ? ending.result : null;
  const asksForMore = run.inbox.news !== null || (ending.hasWritten && (await hasMore(run)));
  if (asksForMore || run.inbox.news !== null) return startNextPass(run, result);
  run.view.update({ status: last.status, step: last.step });
  if (ending.is === 'failed') throw ending.error;
  return ending.result;
}

/** A look that can only fail again must not take back what was done. */
async function hasMore(run: Run): Promise<boolean> {
  try {
    return asksForSomething(await lookOnceMore(run));
  } catch (error) {
    if (!(error instanceof TemporalFailure) || isCancellation(error)) throw error;
    run.view.warn(`The deal could not be looked at once more: ${problemOf(error).message}`);
    return false;
  }
}

function asksForSomething(reading: Reading | null): boolean {
  return reading !== null && ['more', 'fewer', 'blocked'].includes(reading.kind);
}
