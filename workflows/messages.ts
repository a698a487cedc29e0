import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import {
  type Decision,
  MESSAGES,
  type Progress,
  type RetryRequest,
  type Trigger,
} from '../src/contracts/run.ts';

/** The deal may look different now: read it again. */
export const dealChanged = defineSignal<[Trigger]>(MESSAGES.dealChanged);
/** Go on after a person fixed what was reported. */
export const retry = defineUpdate<Progress, [RetryRequest]>(MESSAGES.retry);
/** Stop and undo; refused once the roster has been handed over. */
export const cancel = defineUpdate<Progress, [Decision]>(MESSAGES.cancel);
export const approve = defineUpdate<Progress, [Decision]>(MESSAGES.approve);
export const reject = defineUpdate<Progress, [Decision]>(MESSAGES.reject);
export const progress = defineQuery<Progress>(MESSAGES.progress);
