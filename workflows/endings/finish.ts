import { CancelledFailure, isCancellation, TemporalFailure } from '@temporalio/workflow';
import type { ProvisionResult } from '../../src/contracts/run.ts';
import { isSameDeal, type Reading } from '../../src/domain/planning/reading.ts';
import { problemOf } from '../failures.ts';
import { actionOn } from '../people/act.ts';
import { lookForChange, lookOnceMore } from '../reading.ts';
import type { Ending, Run } from '../run.ts';
import { startNextPass } from '../start-afresh.ts';
import { askToBeCancelled, isStopped } from './cancelled.ts';

/**
 * The end of every pass. What was told since the last reading, and what a look finds after the last write, is for
 * another pass: no event is lost, whatever the run was doing when it came.
 */
export async function finish(run: Run, ending: Ending): Promise<ProvisionResult> {
  const result = ending.is === 'over' ? ending.result : null;
  const asksForMore = run.inbox.news !== null || (ending.needsLook && (await looksOtherwise(run, ending)));
  const isCancelled = !asksForMore && isStopped(ending) && (await askToBeCancelled(run));
  if (asksForMore || run.inbox.news !== null) return startNextPass(run, result);
  if (ending.is === 'failed') throw ending.error;
  if (isCancelled) throw new CancelledFailure(ending.result.detail);
  return ending.result;
}

/** A look that can only fail again must not take back what was done. */
async function looksOtherwise(run: Run, ending: Ending): Promise<boolean> {
  const { seen } = run;
  try {
    const isComplete = ending.is === 'over' && ending.isComplete === true;
    const reading = isComplete ? await lookForChange(run) : await lookOnceMore(run);
    run.view.tellReading();
    if (reading === null) return false;
    if (actionOn(run) !== null) return true;
    return isDone(ending) ? asksForSomething(reading) : seen !== null && !isSameDeal(seen, reading.hash);
  } catch (error) {
    if (!(error instanceof TemporalFailure) || isCancellation(error)) throw error;
    run.view.warn(`The deal could not be looked at once more: ${problemOf(error).message}`);
    return false;
  }
}

/**
 * A deal whose run failed, was cancelled or was asked for another plan asks for the same as before, unless somebody has
 * changed it meanwhile.
 */
function isDone(ending: Ending): boolean {
  if (ending.is === 'failed') return false;
  const { code } = ending.result;
  return code !== 'run.cancelled' && code !== 'plan.changed';
}

function asksForSomething({ kind }: Reading): boolean {
  return kind === 'more' || kind === 'fewer' || kind === 'swapping' || kind === 'blocked';
}
