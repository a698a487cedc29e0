import type { Crm } from '../../clients/crm.ts';
import { listCodes } from '../../clients/imported-codes.ts';
import type { Lms } from '../../clients/lms.ts';
import type { Deal } from '../../domain/deal/deal.ts';
import { groupTokenOf } from '../../domain/deal/ids.ts';
import type { Ledger } from '../../domain/deal/ledger.ts';
import { NO_FACTS } from '../../domain/planning/facts.ts';
import { existingGroup } from '../../domain/planning/groups.ts';
import type { CodeGroup } from '../../domain/seats/code-group.ts';
import type { ListedGroup } from '../../domain/seats/seat.ts';
import type { RebuildDeps } from './rebuild-deps.ts';

/** A code group of the deal as the platform has it, with all of its codes. */
export interface FoundGroup extends ListedGroup {
  readonly platformGroup: CodeGroup;
  /** Codes that it was made with. */
  readonly issued: number;
}

type Deps = Pick<RebuildDeps, 'platforms' | 'sealer' | 'catalog'>;

/** Those that were sold: the ledger on the deal names them. */
export async function findSoldGroups(
  { platforms, sealer, catalog }: Deps,
  { crm, deal, ledger }: { readonly crm: Crm; readonly deal: Deal; readonly ledger: Ledger },
  signal: AbortSignal,
): Promise<FoundGroup[]> {
  const found: FoundGroup[] = [];
  for (const entry of ledger.groups) {
    const { platform, group: groupId, token } = entry;
    const lms = platformOf(platforms, platform);
    const platformGroup = await lms.getGroup(groupId, signal);
    const group = existingGroup(entry, catalog, { ...NO_FACTS, groups: new Map([[groupId, platformGroup]]) });
    const named = { dealId: deal.dealId, token, platform, groupId, label: platformGroup.label };
    const codes = await listCodes({ lms, crm, sealer }, named, signal);
    found.push({ group, platformGroup, codes, issued: entry.issued });
  }
  return found;
}

/** Those that were made because codes of these were taken back: their labels name the token of the sold one. */
export async function findReplacementGroups(
  { platforms, sealer }: Deps,
  { crm, deal, sold }: { readonly crm: Crm; readonly deal: Deal; readonly sold: readonly FoundGroup[] },
  signal: AbortSignal,
): Promise<FoundGroup[]> {
  const found: FoundGroup[] = [];
  for (const { group } of sold) {
    const { platform, token } = group;
    const lms = platformOf(platforms, platform);
    for (const platformGroup of await lms.findGroupsNaming(token, signal)) {
      const { id: groupId, label, seatCount: issued } = platformGroup;
      const own = groupTokenOf(label);
      if (own === token) continue;
      const named = { dealId: deal.dealId, token: own, platform, groupId, label };
      const codes = await listCodes({ lms, crm, sealer }, named, signal);
      const replacement = { ...group, token: own, label, part: 1, seatCount: codes.length };
      found.push({ group: replacement, platformGroup, codes, issued });
    }
  }
  return found;
}

export function platformOf(platforms: Readonly<Record<string, Lms>>, name: string): Lms {
  const lms = platforms[name];
  if (lms === undefined) throw new Error(`No client of learning platform "${name}"`);
  return lms;
}
