import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import {
  type CancelRequest,
  type Decision,
  MESSAGES,
  type Progress,
  type RetryRequest,
  type Trigger,
} from '../src/contracts/run.ts';

export const dealChanged = defineSignal<[Trigger]>(MESSAGES.dealChanged);
/** A system that was away answers again. */
export const systemAnswers = defineSignal(MESSAGES.systemAnswers);
export const retry = defineUpdate<Progress, [RetryRequest]>(MESSAGES.retry);
export const cancel = defineUpdate<Progress, [CancelRequest]>(MESSAGES.cancel);
export const approve = defineUpdate<Progress, [Decision]>(MESSAGES.approve);
export const reject = defineUpdate<Progress, [Decision]>(MESSAGES.reject);
export const withdraw = defineUpdate<Progress, [Decision]>(MESSAGES.withdraw);
export const keep = defineUpdate<Progress, [Decision]>(MESSAGES.keep);
export const progress = defineQuery<Progress>(MESSAGES.progress);

/** Shown where a person sends a message by hand. */
export const DESCRIPTIONS = {
  dealChanged: 'The deal may look different now: read it again. Argument: {"by": "cli", "detail": "why"}',
  systemAnswers:
    'The system that the run waits for answers again. Sent by the probe of that system. No argument.',
  retry:
    'Go on after somebody fixed what was reported. Argument: {"question": "id", "by": "you", "reason": "what was done", "mail": "resend" or "was_sent", only if a message is in doubt}',
  cancel: 'Stop and undo; refused once codes may be with people. Argument: {"by": "you", "reason": "why"}',
  approve: 'Have more seats made. Argument: {"question": "id", "by": "you", "reason": "why"}',
  reject:
    'Leave out the seats that need approval. Argument: {"question": "id", "by": "you", "reason": "why"}',
  withdraw:
    'Take back seats that are no longer sold. Argument: {"question": "id", "by": "you", "reason": "why"}',
  keep: 'Leave seats that are no longer sold with the customer. Argument: {"question": "id", "by": "you", "reason": "why"}',
  progress: 'What the run does, what it made, and what it asks.',
} as const satisfies Record<keyof typeof MESSAGES, string>;
