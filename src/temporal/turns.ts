import type { Context } from '@temporalio/activity';
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';
import { takingTurnsAs } from '../clients/turn-taker.ts';
import { type Lane, PRIORITY } from '../contracts/lane.ts';

/** Whatever an activity asks of a vendor, it asks for its run: that decides who goes first when the quota is short. */
export function takeTurnsFor(lane: Lane, { info }: Context): ActivityInboundCallsInterceptor {
  const { workflowExecution: run, priority } = info;
  const taker = {
    priority: PRIORITY[lane],
    origin: priority?.fairnessKey ?? '',
    deal: run?.workflowId ?? '',
  };
  return { execute: (input, next) => takingTurnsAs(taker, () => next(input)) };
}
