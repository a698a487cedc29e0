import type { Plan } from '../../src/domain/planning/plan.ts';
import type { EnsuredGroup } from '../../src/domain/seats/code-group.ts';
import type { Run } from '../run.ts';
import { settled } from './make-groups.ts';
import { noteHandOver } from './note-hand-over.ts';

/**
 * Waits until every code of the new groups may be listed, which the making of a small group mostly shows; an amendment is
 * noted on the deal meanwhile. Returns until when they are waited for, should the reading find one missing.
 */
export async function awaitCodes(run: Run, plan: Plan, groups: readonly EnsuredGroup[]): Promise<number> {
  const listedByMs = Date.now() + run.input.policy.pollDeadlineMs;
  const unlisted = groups.filter(({ isListed }) => !isListed);
  if (unlisted.length > 0) {
    run.view.update({ status: 'AwaitingCodes', step: 'Waiting until every code is listed' });
  }
  await settled<unknown>([
    plan.isAmendment ? noteHandOver(run, plan, groups) : Promise.resolve(),
    unlisted.length > 0
      ? run.call('awaitCodes', `Wait for codes of ${labelsOf(unlisted)}`, { groups: unlisted })
      : Promise.resolve(),
  ]);
  return listedByMs;
}

function labelsOf([first, ...others]: readonly EnsuredGroup[]): string {
  return others.length === 0 ? `${first?.label}` : `${first?.label} and ${others.length} more`;
}
