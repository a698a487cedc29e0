import type { StoreReader } from './change-seat.ts';
import { settleNudge } from './claimed-nudge.ts';
import { nudgesOf } from './nudges.ts';

const MERGED = { state: 'skipped', stopped: 'merged', via: null, why: null, task: null } as const;

/**
 * What merged deals were reminded of, the surviving one was. A nudge that is being sent meanwhile is settled as one that may
 * be out: under the name of the surviving deal it would be looked for in vain, and sent again.
 */
export async function mergeNudges(
  trx: StoreReader,
  { from, into, at }: { readonly from: number; readonly into: number; readonly at: Date },
): Promise<void> {
  for (const { rule, toBuyer } of await nudgesOf(trx, from)) {
    await settleNudge(trx, { orderId: from, rule }, { ...MERGED, mail: toBuyer ? 'in_doubt' : null, at });
  }
  const known = new Set((await nudgesOf(trx, into)).map(({ rule }) => rule));
  for (const { rule, task } of await nudgesOf(trx, from)) {
    if (!known.has(rule)) {
      await trx
        .updateTable('nudges')
        .set({ order_id: into })
        .where('order_id', '=', from)
        .where('rule', '=', rule)
        .execute();
    } else if (task === 'open') {
      // The CRM moves the tasks of a merged deal, so both are on the surviving one now.
      await trx
        .updateTable('nudges')
        .set({ task })
        .where('order_id', '=', into)
        .where('rule', '=', rule)
        .execute();
    }
  }
}
