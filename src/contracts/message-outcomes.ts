import type { MessageReceipt } from './run.ts';

/**
 * What a run has learnt of its messages, by send key, in executions of the step that failed in the end: handed over,
 * refused by the tool, or not known. The step is handed it again, so that the next execution neither repeats the
 * first nor takes a trace of the second in the CRM for a mail.
 */
export type MessageOutcomes = Readonly<Record<string, MessageOutcome>>;

export type MessageOutcome = Pick<MessageReceipt, 'state' | 'reference'> | 'refused' | 'unknown';
