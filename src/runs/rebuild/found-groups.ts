import type { Crm } from '../../clients/crm.ts';
import { listCodes } from '../../clients/imported-codes.ts';
import type { Lms } from '../../clients/lms.ts';
import type { Deal } from '../../domain/deal/deal.ts';
import { groupTokenOf } from '../../domain/deal/ids.ts';
import type { Ledger, LedgerGroup } from '../../domain/deal/ledger.ts';
import { DealseatError } from '../../domain/failure.ts';
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

export interface FoundGroups {
  /** The ledger on the deal names them. */
  readonly sold: readonly FoundGroup[];
  /** Made because codes of sold ones were taken back: their labels name the token of the sold one. */
  readonly replacements: readonly FoundGroup[];
  /** The ledger names them, and the platform no longer has them. */
  readonly gone: readonly LedgerGroup[];
}

type Deps = Pick<RebuildDeps, 'platforms' | 'sealer' | 'catalog'>;

interface Place {
  readonly crm: Crm;
  readonly deal: Deal;
}

/** All groups of the deal. Throws what CRM and platform throw. */
export async function findGroups(
  deps: Deps,
  { ledger, ...place }: Place & { readonly ledger: Ledger },
  signal: AbortSignal,
): Promise<FoundGroups> {
  const sold: FoundGroup[] = [];
  const gone: LedgerGroup[] = [];
  for (const entry of ledger.groups) {
    const lms = platformOf(deps.platforms, entry.platform);
    const found = await unlessGone(async () =>
      readGroup(deps, place, entry, await lms.getGroup(entry.group, signal), signal),
    );
    if (found === null) gone.push(entry);
    else sold.push(found);
  }
  const replacements: FoundGroup[] = [];
  for (const entry of ledger.groups) {
    const lms = platformOf(deps.platforms, entry.platform);
    for (const platformGroup of await lms.findGroupsNaming(entry.token, signal)) {
      const { id: group, label, seatCount: issued } = platformGroup;
      const token = groupTokenOf(label);
      if (token === entry.token) continue;
      const own = { ...entry, token, group, issued, part: 1 };
      const found = await unlessGone(() => readGroup(deps, place, own, platformGroup, signal));
      if (found !== null)
        replacements.push({ ...found, group: { ...found.group, seatCount: found.codes.length } });
    }
  }
  return { sold, replacements, gone };
}

async function readGroup(
  { platforms, sealer, catalog }: Deps,
  { crm, deal }: Place,
  entry: LedgerGroup,
  platformGroup: CodeGroup,
  signal: AbortSignal,
): Promise<FoundGroup> {
  const { platform, group: groupId, token } = entry;
  const { label } = platformGroup;
  const lms = platformOf(platforms, platform);
  const codes = await listCodes(
    { lms, crm, sealer },
    { dealId: deal.dealId, token, platform, groupId, label },
    signal,
  );
  const group = existingGroup(entry, catalog, { ...NO_FACTS, groups: new Map([[groupId, platformGroup]]) });
  return { group, platformGroup, codes, issued: entry.issued };
}

/** Null: the platform does not have it any more. */
async function unlessGone<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof DealseatError && error.code === 'lms.not_found') return null;
    throw error;
  }
}

export function platformOf(platforms: Readonly<Record<string, Lms>>, name: string): Lms {
  const lms = platforms[name];
  if (lms === undefined) throw new Error(`No client of learning platform "${name}"`);
  return lms;
}
