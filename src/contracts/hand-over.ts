import type { Plan } from '../domain/planning/plan.ts';
import type { EnsuredGroup } from '../domain/seats/code-group.ts';
import { type MessageOutcomes, mayBeOut } from '../domain/seats/message-outcome.ts';
import type { RosterReceipt } from '../domain/seats/roster.ts';

/** How far the codes have come on their way to people. */
export type HandOver =
  | { readonly is: 'none' }
  /** The links and the roster are being written to the CRM, or are there. */
  | { readonly is: 'attaching'; readonly plan: Plan }
  /** Messages are being sent, or some could not be. `isUnderWay`: any of them may be out. */
  | {
      readonly is: 'sending';
      readonly delivery: Delivery;
      readonly outcomes: MessageOutcomes;
      readonly isUnderWay: boolean;
    }
  /** Every message is settled, and the mark is still to be written. */
  | { readonly is: 'sent'; readonly delivery: Delivery; readonly outcomes: MessageOutcomes };

/** What is handed over: which groups stand for the plan's, in its order, and the file. */
export interface Delivery {
  readonly plan: Plan;
  readonly groups: readonly EnsuredGroup[];
  readonly roster: RosterReceipt;
}

/**
 * People may hold something, so nothing is undone from here on: a message may be out, or an amendment has begun to
 * replace what they hold.
 */
export function isPastPivot(handOver: HandOver): boolean {
  switch (handOver.is) {
    case 'none':
      return false;
    case 'attaching':
      return isOut(handOver.plan);
    case 'sending':
      return isOut(handOver.delivery.plan) || handOver.isUnderWay || mayBeOut(handOver.outcomes);
    case 'sent':
      return true;
  }
}

/** People hold seats of the deal already, or another run began to hand these over. */
export function isOut({ isAmendment, base }: Plan): boolean {
  return isAmendment || base.isPending === true;
}
