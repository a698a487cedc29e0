import { DealseatError } from '../../domain/failure.ts';
import { groupGoneFinding, redemptionMissedFinding } from '../../domain/texts/audit.ts';
import type { AuditedGroup } from '../../store/audit-orders.ts';
import type { OrderRow } from '../../store/fill-order.ts';
import type { RebuildDeps } from '../rebuild-seats.ts';
import type { Note } from './note.ts';

/** The counters of the groups. Returns how many requests that took. */
export async function compareGroups(
  { platforms }: Pick<RebuildDeps, 'platforms'>,
  order: OrderRow,
  {
    groups,
    note,
    signal,
  }: { readonly groups: readonly AuditedGroup[]; readonly note: Note; readonly signal: AbortSignal },
): Promise<number> {
  let requests = 0;
  for (const { platform, platform_group_id: groupId, label, redeemed } of groups) {
    const lms = platforms[platform];
    if (lms === undefined) continue;
    requests += 1;
    try {
      const { redeemedCount } = await lms.getGroup(groupId, signal);
      if (redeemedCount <= redeemed) continue;
      const missed = redeemedCount - redeemed;
      note('redemption_missed', redemptionMissedFinding(order.deal_name, label, missed), `:${groupId}`);
    } catch (error) {
      if (!(error instanceof DealseatError) || error.code !== 'lms.not_found') throw error;
      note('group_gone', groupGoneFinding(order.deal_name, label), `:${groupId}`);
    }
  }
  return requests;
}
