import { condition, proxyActivities, TemporalFailure } from '@temporalio/workflow';
import type { OwnRunActivities } from '../../src/contracts/own-run.ts';
import { readBounds } from '../calls.ts';
import type { Ending, Run } from '../run.ts';

/** Temporal answers within seconds; a run without its answer ends as if it had not asked. */
const PATIENCE_MS = 60_000;

/** Whether a person stopped it: what a withdrawal of all seats comes to is a result of its own. */
export function isStopped(ending: Ending): boolean {
  return ending.is === 'over' && ending.result.code === 'run.cancelled';
}

/**
 * A run that was cancelled by a message ends in Temporal's list like one that was cancelled there. The SDK ends it so only
 * if Temporal has been asked for it, so the run asks. False: nothing came of it.
 */
export async function askToBeCancelled({ input, whole }: Run): Promise<boolean> {
  const { requestCancel } = proxyActivities<OwnRunActivities>({
    ...readBounds(input.policy),
    scheduleToCloseTimeout: PATIENCE_MS,
    summary: 'Have Temporal show the run as cancelled',
  });
  try {
    await requestCancel();
    const summary = 'Waits until Temporal shows the run as cancelled';
    return await condition(() => whole.consideredCancelled, PATIENCE_MS, { summary });
  } catch (error) {
    if (!(error instanceof TemporalFailure)) throw error;
    return false;
  }
}
