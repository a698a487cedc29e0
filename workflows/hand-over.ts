import type { Delivery, HandOver } from '../src/contracts/hand-over.ts';
import type { Plan } from '../src/domain/planning/plan.ts';
import type { MessageOutcomes } from '../src/domain/seats/message-outcome.ts';
import type { Run } from './run.ts';

/** The ways of `Run.handOver`; nothing else changes it. */

/** Links and roster are about to be written. */
export function beginAttaching(run: Run, plan: Plan): void {
  if (run.handOver.is === 'none') run.handOver = { is: 'attaching', plan };
}

/** The pivot: from the moment in which a message may be out, until each is known to be out or not. */
export function beginSending(run: Run, delivery: Delivery): void {
  run.handOver = { is: 'sending', delivery, outcomes: outcomesOf(run.handOver), isUnderWay: true };
}

/** What the tool said of the messages. */
export function haveTried(run: Run, delivery: Delivery, outcomes: MessageOutcomes): void {
  run.handOver = { is: 'sending', delivery, outcomes, isUnderWay: false };
}

/** Everybody was told; only the mark is to be written. */
export function haveSent(run: Run, delivery: Delivery, outcomes: MessageOutcomes): void {
  run.handOver = { is: 'sent', delivery, outcomes };
}

/** The ledger of the deal says all of it by now. */
export function endHandOver(run: Run): void {
  run.handOver = { is: 'none' };
}

export function outcomesOf(handOver: HandOver): MessageOutcomes {
  return handOver.is === 'sending' || handOver.is === 'sent' ? handOver.outcomes : {};
}
