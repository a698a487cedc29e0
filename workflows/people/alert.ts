import {
  type ActivityOptions,
  isCancellation,
  log,
  proxyActivities,
  TemporalFailure,
} from '@temporalio/workflow';
import { type AlertActivities, causeOf, type RaiseAlertInput } from '../../src/contracts/alert.ts';
import { fixerOf, type Problem } from '../../src/domain/failure.ts';
import type { Question } from '../../src/domain/planning/question.ts';
import type { Run } from '../run.ts';

/**
 * Those who run Dealseat are alerted to what only they can fix: once for each cause, however many deals wait for it. Of
 * several causes the first, which is the one that the run can be found by. True: they will hear of it.
 */
export async function alertOperators(run: Run, { problems }: Question): Promise<boolean> {
  const found = problems.find(({ code }) => fixerOf(code) === 'admin');
  return found === undefined ? false : raiseAlert(run, found);
}

/** It only talks to Temporal, and the deal waits to be told. A worker without the step has no way to alert anyone. */
const BOUNDS: ActivityOptions = {
  startToCloseTimeout: 10_000,
  scheduleToCloseTimeout: 60_000,
  retry: { nonRetryableErrorTypes: ['NotFoundError'] },
};

/** An alert that cannot be raised fails nothing: the deal and its owner are told then. */
export async function raiseAlert(
  run: Run,
  found: Problem,
  more: Pick<RaiseAlertInput, 'isUntold'> = {},
): Promise<boolean> {
  const { deal } = run.input;
  const { name, url } = run.deal;
  const { message, cure } = found;
  const { raiseAlert: raise } = proxyActivities<AlertActivities>({
    ...BOUNDS,
    summary: `Alert the operators: ${found.code}`,
  });
  try {
    const raised = { cause: causeOf(found, deal), message, cure, deal: { ...deal, name, url }, ...more };
    return (await raise(raised)).isRaised;
  } catch (error) {
    if (!(error instanceof TemporalFailure) || isCancellation(error)) throw error;
    log.warn('The operators could not be alerted', { code: found.code });
    return false;
  }
}
