import { isOut, isPastPivot } from '../../src/contracts/hand-over.ts';
import type { Plan } from '../../src/domain/planning/plan.ts';
import type { EnsuredGroup } from '../../src/domain/seats/code-group.ts';
import type { RosterReceipt } from '../../src/domain/seats/roster.ts';
import { countOf } from '../../src/domain/words.ts';
import { beginAttaching } from '../hand-over.ts';
import type { Run } from '../run.ts';
import { noteMade } from '../undo.ts';

/** Puts codes into the CRM: learners' links, and the roster with what is left over. */
export async function attachRoster(
  run: Run,
  plan: Plan,
  groups: readonly EnsuredGroup[],
  listedByMs: number,
): Promise<RosterReceipt> {
  run.view.update({ status: 'HandingOver', step: 'Writing links and roster to the CRM' });
  const isRosterOut = isPastPivot(run.handOver) || isResumed(run, plan);
  beginAttaching(run, plan);
  // People hold what the amended links and file replace, so there is no way back to nothing.
  if (!isOut(plan)) {
    if (plan.learnerContactIds.length > 0) noteLinks(run, plan, groups);
    noteMade(run, { what: 'roster', fileName: plan.rosterFileName });
  }
  const roster = await run.call('attachRoster', summaryOf(plan), { plan, groups, isRosterOut, listedByMs });
  run.view.update({ roster });
  return roster;
}

function summaryOf({ seatCount, learnerContactIds }: Plan): string {
  const roster = `the roster of ${countOf(seatCount, 'seat')}`;
  const { length } = learnerContactIds;
  return length === 0
    ? `Attach ${roster}`
    : `Write links to ${countOf(length, 'learner')} and attach ${roster}`;
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
    contactIds: [...plan.carriers.present, ...plan.carriers.former],
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
