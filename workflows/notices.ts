import { isCancellation, log, proxySinks, TemporalFailure } from '@temporalio/workflow';
import { NOTICE, type NotifyOwnerInput } from '../src/contracts/activities.ts';
import type { AlarmSinks } from '../src/contracts/alarms.ts';
import type { FailureCode, Problem } from '../src/domain/failure.ts';
import { problemOf } from './failures.ts';
import { raiseAlert } from './people/alert.ts';
import type { Run } from './run.ts';

type Notice = Omit<NotifyOwnerInput, 'ownerId' | 'deal'> & Partial<Pick<NotifyOwnerInput, 'deal'>>;

const { alarms } = proxySinks<AlarmSinks>();

interface Telling {
  /** Shows it on the deal. False: another run has the deal by now, and says what it needs. */
  readonly onDeal: () => Promise<boolean>;
  /** The task that says the same; null: the deal's own fields are enough. */
  readonly notice: Notice | null;
  /** The task is made only if the fields cannot be written. */
  readonly isOnDealEnough?: boolean;
  readonly bounds?: 'late';
}

/**
 * By the deal's fields and by a task for its owner, each whatever becomes of the other: a rule of the CRM may keep won deals
 * from being edited. What fails is a warning; when all fails, those who run Dealseat are alarmed. Returns why the fields
 * could not be written, or whether they were, and whether anybody was told.
 */
export async function tellEveryWay(
  run: Run,
  { onDeal, notice, isOnDealEnough = false, bounds }: Telling,
): Promise<{ readonly field: 'written' | 'not_ours' | Problem; readonly isTold: boolean }> {
  const field = await orFound(run, 'Dealseat could not write its status on the deal', onDeal);
  if (field === false) return { field: 'not_ours', isTold: false };
  if (field === true) {
    if (notice !== null && !isOnDealEnough) await tellOwner(run, notice, bounds);
    return { field: 'written', isTold: true };
  }
  if (notice === null || NOT_OURS.has(field.code)) return { field, isTold: false };
  const refused = await tellOwner(run, notice, bounds);
  if (refused === null) return { field, isTold: true };
  const { crm, account, dealId } = run.input.deal;
  const said = { crm, account, dealId, subject: notice.subject, field: field.code, task: refused.code };
  log.error('Dealseat could write what the deal needs neither on the deal nor in a task', said);
  alarms.untold(crm);
  await raiseAlert(run, refused, { isUntold: true });
  return { field, isTold: false };
}

/** The deal is no more, or another run has it and says what it needs: no task is made either. */
const NOT_OURS: ReadonlySet<FailureCode> = new Set([
  'deal.merged',
  'crm.deal_not_found',
  'run.superseded',
  'run.held_elsewhere',
]);

/**
 * A task for the deal's owner, which takes the place of those that asked before. The deal's own fields say the same: an
 * owner who cannot be told fails nothing. Returns what kept the task from being made.
 */
export async function tellOwner(run: Run, notice: Notice, bounds?: 'late'): Promise<Problem | null> {
  const { ownerId } = run.deal;
  return orFound(run, TASKS_FAILED, async () => {
    await run.call('notifyOwner', 'Tell the owner', { ownerId, ...notice }, bounds);
    return null;
  });
}

/** Tasks that are over must not stand on the deal: above all none that asks for a group to be expired that is in use. */
export async function closeTasks(run: Run, keys: readonly string[], except?: string): Promise<void> {
  await orFound(run, TASKS_FAILED, () =>
    run.call('closeNotices', 'Close the tasks that are over', {
      keys,
      ...(except === undefined ? {} : { except }),
    }),
  );
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

const TASKS_FAILED = 'Dealseat could not update the tasks of the deal';

/** What the work comes to, or what it failed with, which is a warning then. */
export async function orFound<T>(run: Run, what: string, work: () => Promise<T>): Promise<T | Problem> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof TemporalFailure) || isCancellation(error)) throw error;
    const found = problemOf(error);
    run.view.warn(`${what} (${found.code}): ${found.message}`);
    return found;
  }
}
