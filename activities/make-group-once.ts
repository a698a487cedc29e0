import type { Lms } from '../src/clients/lms.ts';
import type { EnsureCodeGroupInput, LookUps } from '../src/contracts/activities.ts';
import { DealseatError } from '../src/domain/failure.ts';
import type { PlannedGroup } from '../src/domain/planning/plan.ts';
import { adoptionObstacles, chooseGroup } from '../src/domain/seats/adoption.ts';
import type { CodeGroup, EnsuredGroup } from '../src/domain/seats/code-group.ts';
import { type ActivityDeps, platformOf } from './deps.ts';
import {
  cancellationSignal,
  earlierAttemptMayHaveActed,
  leaveWordThatNothingHappened,
  lookPatiently,
  markingSafeFailures,
} from './earlier-attempts.ts';
import { accountOf, boundsOf, type Made } from './lags.ts';

/** A group that is made or found; what a look at its codes shows comes after it. */
export type Group = Omit<EnsuredGroup, 'isListed'>;

type Deps = Pick<ActivityDeps, 'platforms' | 'lags'>;

/** Which group, and how patiently it is looked for. */
export type GroupOnce = LookUps & Pick<EnsureCodeGroupInput, 'group' | 'pinnedGroupId' | 'mayBeMade'>;

/**
 * The one group of this token and content, made if it is not there. The platform has no idempotency key, so the token is
 * looked up before a group is created, and patiently after a create of unknown outcome. `before`: what must be so before
 * anything is made; every attempt does it again, also one that finds the group.
 */
export async function makeGroupOnce(
  deps: Deps,
  input: GroupOnce,
  before: () => Promise<void>,
): Promise<Group> {
  const lms = platformOf(deps, input.group.platform);
  const mayBeMade = input.mayBeMade || earlierAttemptMayHaveActed();
  const existing = mayBeMade ? await lookShielded(deps, lms, input) : null;
  if (existing) {
    // It may be of another deployment, and the attempt that was killed may not have come as far as this.
    await before();
    return existing;
  }
  return markingSafeFailures(async () => {
    await before();
    return (await find(lms, input, cancellationSignal())) ?? (await create(deps, lms, input));
  });
}

/**
 * After a create with unknown outcome the group is looked for patiently, because the search may lag; only when it stays
 * missing does the failure go to Temporal, whose next attempt creates again.
 */
async function create(deps: Deps, lms: Lms, input: GroupOnce): Promise<Group> {
  const { group } = input;
  const made: Made = { account: accountOf(lms), size: group.seatCount, since: performance.now() };
  try {
    const created = await lms.createGroup({ ...group });
    const isShown = async () => (await lms.findGroupsByToken(group.token)).length > 0;
    deps.lags.watch(made, boundsOf(input), isShown);
    // The platform may ignore a field it does not like together with another one.
    requireAgreement(group, created);
    return describe(group, created, { wasAdopted: false, orphans: [] });
  } catch (error) {
    if (!(error instanceof DealseatError) || error.class !== 'ambiguous') throw error;
    const found = await findUnknown(deps, lms, { ...input, tookMs: error.tookMs });
    if (found === null) throw error;
    // What cannot be noted is observed again.
    await deps.lags.note(made).catch(() => undefined);
    return found;
  }
}

/**
 * A look-up that fails too says nothing about the create: we look on, and the failure of the create stays the one that
 * is thrown. Any other would tell the next attempt that nothing had happened; this is said only when the last look could
 * see it.
 */
async function findUnknown(deps: Deps, lms: Lms, input: Unknown): Promise<Group | null> {
  let couldSee = false;
  const look = async () => {
    try {
      const found = await find(lms, input);
      couldSee = true;
      return found;
    } catch (error) {
      if (!(error instanceof DealseatError) || error.code === 'lms.group_mismatch') throw error;
      couldSee = false;
      return null;
    }
  };
  const found = await lookPatiently(look, await lookingFor(deps, lms, input));
  if (found === null && couldSee) leaveWordThatNothingHappened();
  return found;
}

type Unknown = GroupOnce & Pick<DealseatError, 'tookMs'>;

/** Not ended by a cancel, and neither is the create: the undo has to know whether there is a group. */
async function lookShielded(deps: Deps, lms: Lms, input: GroupOnce): Promise<Group | null> {
  return lookPatiently(() => find(lms, input), await lookingFor(deps, lms, { ...input, tookMs: undefined }));
}

async function lookingFor({ lags }: Deps, lms: Lms, input: Unknown) {
  const made = { account: accountOf(lms), size: input.group.seatCount, tookMs: input.tookMs };
  return {
    patienceMs: await lags.patience(made, boundsOf(input)),
    longestPauseMs: input.lookUpIntervalMs,
    isShielded: true,
  };
}

async function find(
  lms: Lms,
  { group: planned, pinnedGroupId }: GroupOnce,
  signal?: AbortSignal,
): Promise<Group | null> {
  const found = await lms.findGroupsByToken(planned.token, signal);
  // The search may lag, and nothing may take the place of a group whose codes may be with people.
  const isPinnedMissing = pinnedGroupId !== null && !found.some(({ id }) => id === pinnedGroupId);
  const groups = isPinnedMissing ? [...found, await lms.getGroup(pinnedGroupId, signal)] : found;
  const choice = chooseGroup(groups, pinnedGroupId);
  if (choice === null) return null;
  requireAgreement(planned, choice.chosen);
  return describe(planned, choice.chosen, {
    wasAdopted: pinnedGroupId === null,
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
): Group {
  return {
    token: planned.token,
    platform: planned.platform,
    groupId: found.id,
    label: found.label,
    seatCount: planned.seatCount,
    ...more,
  };
}
