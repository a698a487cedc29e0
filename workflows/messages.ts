import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import { EXAMPLES } from '../src/contracts/message-arguments.ts';
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
  dealChanged: 'The deal may look different now: read it again. Argument: {"by": "cli", "detail": "<why>"}',
  systemAnswers:
    'The system that the run waits for answers again. The probe of that system sends it. No argument.',
  retry: `Continue after what was reported is fixed. Argument: ${EXAMPLES.retry}. If a message is in doubt, add "mail": "resend" or "mail": "was_sent".`,
  cancel: `Stop and undo. Refused once people may have codes. Argument: ${EXAMPLES.cancel}`,
  approve: `Make more seats. Argument: ${EXAMPLES.approve}`,
  reject: `Leave out the seats that need approval. Argument: ${EXAMPLES.reject}`,
  withdraw: `Take back seats that are no longer sold. Argument: ${EXAMPLES.withdraw}`,
  keep: `Leave seats that are no longer sold with the customer. Argument: ${EXAMPLES.keep}`,
  progress: 'What the run does, what it made, and what it asks.',
} as const satisfies Record<keyof typeof MESSAGES, string>;
