import { FirstLooks } from '../src/clients/first-looks.ts';
import type { EnsureCodeGroupInput, ProvisioningActivities } from '../src/contracts/activities.ts';
import { type ActivityDeps, ownRun } from './deps.ts';
import { takeHold } from './hold.ts';
import { isListedAtFirst } from './look-at-codes.ts';
import { makeGroupOnce } from './make-group-once.ts';
import type { RecentListings } from './recent-listings.ts';

/** One group of the plan, made under the hold on its deal, and a first look at its codes. */
export function ensureCodeGroup(
  deps: ActivityDeps,
  looks: RecentListings,
): ProvisioningActivities['ensureCodeGroup'] {
  const firstLooks = new FirstLooks();
  return async (input) => {
    const group = await makeGroupOnce(deps, input, () => takeStartingHold(deps, input));
    const { firstLookMs: usualMs } = input;
    const isListed =
      usualMs !== undefined &&
      (await isListedAtFirst(deps, { looks, firstLooks }, { deal: input.deal, group }, { usualMs }));
    return { ...group, isListed };
  };
}

async function takeStartingHold(deps: ActivityDeps, input: EnsureCodeGroupInput): Promise<void> {
  const { start } = input;
  await takeHold(deps, input, start && { status: 'Provisioning', ...start, ...ownRun(deps) });
}
