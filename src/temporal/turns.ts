import type { Context } from '@temporalio/activity';
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';
import { takingTurnsAs } from '../clients/turn-taker.ts';
import type { OnBehalf } from '../contracts/activities.ts';
import { type Lane, PRIORITY } from '../contracts/lane.ts';

/** Whatever an activity asks of a vendor, it asks for its run: that decides who goes first when the quota is short. */
export function takeTurnsFor(lane: Lane, { info }: Context): ActivityInboundCallsInterceptor {
  const deal = info.workflowExecution?.workflowId ?? '';
  return {
    execute(input, next) {
      const [told] = input.args as [OnBehalf?];
      return takingTurnsAs({ priority: PRIORITY[lane], origin: told?.origin ?? '', deal }, () => next(input));
    },
  };
}
