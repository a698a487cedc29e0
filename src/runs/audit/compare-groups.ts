import { DealseatError } from '../../domain/failure.ts';
import { groupGoneFinding, redemptionMissedFinding } from '../../domain/texts/audit.ts';
import type { AuditedGroup } from '../../store/audit-orders.ts';
import type { OrderRow } from '../../store/fill-order.ts';
import type { RebuildDeps } from '../rebuild/rebuild-deps.ts';
import type { Notes } from './note.ts';

interface Compared {
  readonly groups: readonly AuditedGroup[];
  readonly notes: Notes;
  readonly signal: AbortSignal;
}

/** The counters of the groups: one request for each. */
export async function compareGroups(
  { platforms, now }: Pick<RebuildDeps, 'platforms' | 'now'>,
  order: OrderRow,
  { groups, notes, signal }: Compared,
): Promise<void> {
  const { deal_name: dealName } = order;
  for (const group of groups) {
    const { platform, platform_group_id: about, label, redeemed, inUse } = group;
    const lms = platforms[platform];
    if (lms === undefined) {
      for (const kind of ['redemption_missed', 'group_gone']) notes.leave(kind, { about });
      continue;
    }
    notes.spend(1);
    try {
      const { redeemedCount } = await lms.getGroup(about, signal);
      if (redeemedCount <= redeemed) continue;
      if (redeemedCount > (group.redeemed_seen ?? 0) && isLookedAt(group, order, now())) {
        notes.leave('redemption_missed', { about });
        continue;
      }
      const missed = redeemedCount - redeemed;
      notes.note('redemption_missed', redemptionMissedFinding(dealName, label, missed), { about });
    } catch (error) {
      if (!(error instanceof DealseatError) || error.code !== 'lms.not_found') throw error;
      // An administrator may remove a group whose codes were all taken back.
      if (inUse > 0) notes.note('group_gone', groupGoneFinding(dealName, label), { about });
    }
  }
}

const DAY_MS = 24 * 60 * 60_000;

/** What was redeemed since the sync looked last, it finds when it looks next. */
function isLookedAt({ counted_at }: AuditedGroup, { filled_at }: OrderRow, now: number): boolean {
  return now - (counted_at ?? filled_at).getTime() < DAY_MS;
}
