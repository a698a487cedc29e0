import { isOut, isPastPivot } from '../../src/contracts/hand-over.ts';
import type { Plan } from '../../src/domain/planning/plan.ts';
import type { EnsuredGroup } from '../../src/domain/seats/code-group.ts';
import type { RosterReceipt } from '../../src/domain/seats/roster.ts';
import { beginAttaching } from '../hand-over.ts';
import type { Run } from '../run.ts';
import { noteMade } from '../undo.ts';

/** Puts codes into the CRM: learners' links first, because the roster holds what is left over. */
export async function attachRoster(
  run: Run,
  plan: Plan,
  groups: readonly EnsuredGroup[],
): Promise<RosterReceipt> {
  run.view.update({ status: 'HandingOver', step: 'Writing links and roster to the CRM' });
  const input = { plan, groups, isRosterOut: isPastPivot(run.handOver) || isResumed(run, plan) };
  beginAttaching(run, plan);
  // People hold what the amended links and file replace, so there is no way back to nothing.
  const hasUndo = !isOut(plan);
  const learnerCount = plan.learnerContactIds.length;
  if (learnerCount > 0) {
    if (hasUndo) noteLinks(run, plan, groups);
    await run.call('writeRedeemLinks', `Write links to ${learnerCount} learners`, input);
  }
  if (hasUndo) noteMade(run, { what: 'roster', fileName: plan.rosterFileName });
  const roster = await run.call('attachRoster', `Attach the roster of ${plan.seatCount} seats`, input);
  run.view.update({ roster });
  return roster;
}

/** Another run began to hand this over, so any of it may be with people. */
export function isResumed({ made }: Run, { base }: Plan): boolean {
  const note = made.find(({ what }) => what === 'note');
  const before = note?.what === 'note' ? note.base : base;
  return before.isPending === true;
}

function noteLinks(run: Run, plan: Plan, groups: readonly EnsuredGroup[]): void {
  noteMade(run, {
    what: 'links',
    // Not the learners alone: an earlier turn of this run may have had others.
    contactIds: plan.contactIds,
    groups: groups.map(({ token, platform, groupId, label, seatCount }, index) => ({
      token,
      platform,
      groupId,
      label,
      seatCount,
      redeemUrl: plan.groups[index]?.redeemUrl ?? '',
    })),
  });
}
