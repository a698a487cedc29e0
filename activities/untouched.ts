import { Context } from '@temporalio/activity';
import type { HandOverInput, UnderHold } from '../src/contracts/activities.ts';

/**
 * Whether this is the first attempt of a step in the very execution that read the deal, so that what the reading tells of
 * our own work is all that there was. A reset makes another execution, which may repeat anything.
 */
export function isOfReading({ readIn }: Pick<UnderHold['hold'], 'readIn'>): boolean {
  const { attempt, workflowExecution } = Context.current().info;
  return attempt === 1 && readIn !== undefined && readIn === workflowExecution?.runId;
}

/** Nothing was handed over of this deal, nor of these groups, which this run itself has made a moment ago. */
export function isFirstHandOver({ hold, groups, isRosterOut }: HandOverInput): boolean {
  const isUntouched = isOfReading(hold) && hold.seen === null;
  return isUntouched && !isRosterOut && groups.every(({ wasAdopted }) => !wasAdopted);
}
