import { isCancellation, TemporalFailure } from '@temporalio/workflow';
import { NOTICE, type NotifyOwnerInput } from '../src/contracts/activities.ts';
import { problemOf } from './failures.ts';
import type { Run } from './run.ts';

type Notice = Omit<NotifyOwnerInput, 'ownerId' | 'deal'> & Partial<Pick<NotifyOwnerInput, 'deal'>>;

/**
 * A task for the deal's owner, which takes the place of those that asked before. The deal's own fields say the same: an
 * owner who cannot be told fails nothing.
 */
export async function tellOwner(run: Run, notice: Notice, bounds?: 'late'): Promise<void> {
  await orWarn(run, async () => {
    const { ownerId } = run.deal;
    await run.call('notifyOwner', 'Tell the owner', { ownerId, ...notice }, bounds);
  });
}

/** Tasks that are over must not stand on the deal: above all none that asks for a group to be expired that is in use. */
export async function closeTasks(run: Run, keys: readonly string[], except?: string): Promise<void> {
  await orWarn(run, async () => {
    await run.call('closeNotices', 'Close the tasks that are over', {
      keys,
      ...(except === undefined ? {} : { except }),
    });
  });
}

/**
 * An earlier turn or run may have left tasks open. There are none on a deal that no run ever wrote on, unless the sweep
 * told its owner of a run that was ended from outside before it could.
 */
export function mayHaveTasks({ deal, open, input }: Run): boolean {
  return deal.markedStatus !== null || open !== null || input.trigger.by === 'sweep';
}

/** Tasks that are over. */
export async function closeAsked(run: Run, except?: string): Promise<void> {
  if (!mayHaveTasks(run)) return;
  await closeTasks(run, [NOTICE.ask, NOTICE.ended], except);
}

async function orWarn(run: Run, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof TemporalFailure) || isCancellation(error)) throw error;
    const { code, message } = problemOf(error);
    run.view.warn(`The tasks of the deal could not be brought up to date (${code}): ${message}`);
  }
}
