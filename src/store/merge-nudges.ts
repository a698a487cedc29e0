import type { StoreReader } from './change-seat.ts';
import { nudgesOf } from './nudges.ts';

/**
 * What merged deals were reminded of, the surviving one was. A nudge that is being sent meanwhile is settled as one that may
 * be out: under the name of the surviving deal it would be looked for in vain, and sent again.
 */
export async function mergeNudges(
  trx: StoreReader,
  { from, into }: { readonly from: number; readonly into: number },
): Promise<void> {
  await trx
    .updateTable('nudges')
    .set({
      state: 'skipped',
      held_until: null,
      outcome: 'The deal was merged while this was sent; it may have gone out, and is not sent again',
    })
    .where('order_id', '=', from)
    .where('state', '=', 'claimed')
    .execute();
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
