import { proxyActivities, setCurrentDetails } from '@temporalio/workflow';
import type { NudgeActivities, NudgeInput, NudgeResult } from '../src/contracts/nudges.ts';
import { countOf } from '../src/domain/words.ts';
import { syncBounds } from './calls.ts';

const ORDERS_A_LOOK = 500;
const NUDGES_A_LOOK = 10;
/** A look is one activity: so many stay far from any limit of a history. What is left is due tomorrow, too. */
const MAX_LOOKS = 500;

/** The nudges of one day: each is due for some days, so a day that is missed is made up for by the next one. */
export async function nudgeDeals({ policy }: NudgeInput): Promise<NudgeResult> {
  const { nudgeSomeDeals } = proxyActivities<NudgeActivities>(syncBounds(policy));
  const { lookUpMinMs, lookUpMs, lookUpIntervalMs, passingMs: patienceMs } = policy;
  const bounds = { lookUpMinMs, lookUpMs, lookUpIntervalMs, patienceMs };
  let sum: NudgeResult = { orders: 0, sent: 0, skipped: 0, left: 0, isComplete: false };
  let after = 0;
  for (let look = 1; look <= MAX_LOOKS && !sum.isComplete; look += 1) {
    const some = await nudgeSomeDeals({ ...bounds, after, orders: ORDERS_A_LOOK, nudges: NUDGES_A_LOOK });
    sum = {
      orders: sum.orders + some.orders,
      sent: sum.sent + some.sent,
      skipped: sum.skipped + some.skipped,
      left: sum.left + some.left,
      isComplete: some.next === null,
    };
    after = some.next ?? after;
    setCurrentDetails(
      `- ${countOf(sum.orders, 'order')} looked at, ${countOf(sum.sent, 'nudge')} sent, ${sum.skipped} skipped, ${sum.left} left for the next day`,
    );
  }
  return sum;
}
