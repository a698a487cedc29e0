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
  { platforms }: Pick<RebuildDeps, 'platforms'>,
  { deal_name: dealName }: OrderRow,
  { groups, notes, signal }: Compared,
): Promise<void> {
  for (const { platform, platform_group_id: about, label, redeemed, inUse } of groups) {
    const lms = platforms[platform];
    if (lms === undefined) {
      for (const kind of ['redemption_missed', 'group_gone']) notes.leave(kind, { about });
      continue;
    }
    notes.spend(1);
    try {
      const { redeemedCount } = await lms.getGroup(about, signal);
      if (redeemedCount <= redeemed) continue;
      const missed = redeemedCount - redeemed;
      notes.note('redemption_missed', redemptionMissedFinding(dealName, label, missed), { about });
    } catch (error) {
      if (!(error instanceof DealseatError) || error.code !== 'lms.not_found') throw error;
      // An administrator may remove a group whose codes were all taken back.
      if (inUse > 0) notes.note('group_gone', groupGoneFinding(dealName, label), { about });
    }
  }
}
