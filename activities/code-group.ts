import type { Lms } from '../src/clients/lms.ts';
import type { EnsureCodeGroupInput, ProvisioningActivities } from '../src/contracts/activities.ts';
import { DealseatError } from '../src/domain/failure.ts';
import type { PlannedGroup } from '../src/domain/planning/plan.ts';
import { adoptionObstacles, chooseGroup } from '../src/domain/seats/adoption.ts';
import type { CodeGroup, EnsuredGroup } from '../src/domain/seats/code-group.ts';
import {
  cancellationSignal,
  earlierAttemptMayHaveActed,
  lookPatiently,
  markingSafeFailures,
} from './attempt.ts';
import { holdClaim } from './claim.ts';
import { requireListed } from './count-codes.ts';
import { type ActivityDeps, ownRun } from './deps.ts';

export function createCodeGroupActivities(
  deps: ActivityDeps,
): Pick<ProvisioningActivities, 'ensureCodeGroup' | 'awaitCodes'> {
  const { lms } = deps;
  return {
    async ensureCodeGroup(input) {
      const mayExist = earlierAttemptMayHaveActed();
      const existing = mayExist ? await settle(lms, input) : null;
      if (existing) return existing;
      return markingSafeFailures(async () => {
        const { start } = input;
        await holdClaim(deps, input, start && { status: 'Provisioning', ...start, ...ownRun(deps) });
        return (await find(lms, input.group, cancellationSignal())) ?? (await create(lms, input));
      });
    },

    awaitCodes: ({ group }) => requireListed(lms, group),
  };
}

/**
 * The platform has no idempotency key, so the token was looked up before. After a create with unknown outcome the
 * group is looked for patiently, because the search may lag; only when it stays missing does the failure go to
 * Temporal, whose next attempt looks patiently once more before it creates again.
 */
async function create(lms: Lms, input: EnsureCodeGroupInput): Promise<EnsuredGroup> {
  const { group } = input;
  try {
    const created = await lms.createGroup({ ...group });
    // The platform may ignore a field it does not like together with another one.
    requireAgreement(group, created);
    return describe(group, created, { wasAdopted: false, orphans: [] });
  } catch (error) {
    if (error instanceof DealseatError && error.class === 'ambiguous')
      return settleUnknown(lms, input, error);
    throw error;
  }
}

/**
 * A look-up that fails too says nothing about the create: we look on, and the failure of the create stays the one that
 * is thrown. Any other would tell the next attempt that nothing had happened.
 */
async function settleUnknown(
  lms: Lms,
  input: EnsureCodeGroupInput,
  unknown: DealseatError,
): Promise<EnsuredGroup> {
  const look = () =>
    find(lms, input.group).catch((error: unknown) => {
      if (error instanceof DealseatError && error.code !== 'lms.group_mismatch') return null;
      throw error;
    });
  const found = await lookPatiently(look, { ...input, isShielded: true });
  if (found) return found;
  throw unknown;
}

/** Not ended by a cancel, and neither is the create: compensation has to know whether there is a group. */
function settle(lms: Lms, input: EnsureCodeGroupInput): Promise<EnsuredGroup | null> {
  return lookPatiently(() => find(lms, input.group), { ...input, isShielded: true });
}

async function find(lms: Lms, planned: PlannedGroup, signal?: AbortSignal): Promise<EnsuredGroup | null> {
  const groups = await lms.findGroupsByToken(planned.token, signal);
  const choice = chooseGroup(groups);
  if (choice === null) return null;
  requireAgreement(planned, choice.chosen);
  return describe(planned, choice.chosen, {
    wasAdopted: true,
    orphans: choice.orphans.map((orphan) => `${orphan.label} (${orphan.id})`),
  });
}

function requireAgreement(planned: PlannedGroup, existing: CodeGroup): void {
  const obstacles = adoptionObstacles(planned, existing);
  if (obstacles.length === 0) return;
  throw new DealseatError({
    code: 'lms.group_mismatch',
    message: `Group ${existing.label} (${existing.id}) exists but differs from the plan: ${obstacles.join('; ')}`,
  });
}

function describe(
  planned: PlannedGroup,
  found: CodeGroup,
  more: Pick<EnsuredGroup, 'wasAdopted' | 'orphans'>,
): EnsuredGroup {
  return {
    token: planned.token,
    groupId: found.id,
    label: found.label,
    seatCount: planned.seatCount,
    ...more,
  };
}
