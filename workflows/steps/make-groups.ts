import type { Plan, PlannedGroup } from '../../src/domain/planning/plan.ts';
import type { EnsuredGroup } from '../../src/domain/seats/code-group.ts';
import { creatingText } from '../../src/domain/texts/under-way.ts';
import { countOf } from '../../src/domain/words.ts';
import type { Run } from '../run.ts';
import { noteMade, pinnedGroupId } from '../undo.ts';

/** Every group of the plan, in its order: those of earlier deliveries stand as they are, the others are made. */
export async function makeGroups(run: Run, plan: Plan): Promise<readonly EnsuredGroup[]> {
  run.view.update({
    status: 'Provisioning',
    step: 'Creating the code groups',
    seatCount: plan.seatCount,
    groups: plan.groups.map(({ label, title, seatCount, existing }) => ({
      label,
      title,
      seatCount,
      groupId: existing?.groupId ?? null,
    })),
  });
  const groups = await settled(plan.groups.map((group) => ensure(run, plan, group)));
  for (const orphan of groups.flatMap(({ orphans }) => orphans)) {
    run.view.warn(`A second group has the token of this deal: ${orphan}`);
  }
  run.view.update({
    groups: plan.groups.map(({ title, seatCount }, index) => ({
      label: groups[index]?.label ?? '',
      title,
      seatCount,
      groupId: groups[index]?.groupId ?? null,
    })),
  });
  return groups;
}

async function ensure(run: Run, plan: Plan, group: PlannedGroup): Promise<EnsuredGroup> {
  const { token, label, platform, seatCount, existing } = group;
  if (existing) {
    const { groupId } = existing;
    return { token, platform, groupId, label, seatCount, wasAdopted: true, isListed: true, orphans: [] };
  }
  const pinned = pinnedGroupId(run, token);
  const mayBeMade = run.open?.awaits !== undefined && pinned === null && isNoted(run, token);
  noteMade(run, { what: 'group', token, label, platform, groupId: pinned });
  const { lookUpMinMs, lookUpMs, lookUpIntervalMs, pollIntervalMs } = run.input.policy;
  const ensured = await run.call('ensureCodeGroup', `Create ${countOf(seatCount, 'code')}: ${group.title}`, {
    group,
    pinnedGroupId: pinned,
    ...(mayBeMade ? { mayBeMade } : {}),
    ...showStart(run, plan),
    lookUpMinMs,
    lookUpMs,
    lookUpIntervalMs,
    firstLookMs: pollIntervalMs,
  });
  noteMade(run, { what: 'group', token, label: ensured.label, platform, groupId: ensured.groupId });
  return ensured;
}

function isNoted({ made }: Run, token: string): boolean {
  return made.some((one) => one.what === 'group' && one.token === token);
}

/**
 * Shown with a new hold, so it costs no call of its own: once a pass, because a turn that comes after a problem leaves
 * what people were told about it on the deal. An amendment shows itself with its note.
 */
function showStart({ open }: Run, { isAmendment, addedSeats }: Plan) {
  if (isAmendment || open !== null) return {};
  return { start: { detail: creatingText(addedSeats) } };
}

/**
 * All results, or the first failure, but never before every step has ended: an undo must not race a create. Each step's
 * own bounds keep the wait finite.
 */
export async function settled<T>(steps: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(steps);
  return Promise.all(steps);
}
