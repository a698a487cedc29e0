import type { Plan } from '../../src/domain/planning/plan.ts';
import type { EnsuredGroup } from '../../src/domain/seats/code-group.ts';
import { countOf } from '../../src/domain/words.ts';
import type { Run } from '../run.ts';
import { settled } from './make-groups.ts';
import { noteHandOver } from './note-hand-over.ts';

/**
 * Waits until every code of the new groups may be listed; an amendment is noted on the deal meanwhile. Returns until when
 * they are waited for, should the reading find one missing.
 */
export async function awaitCodes(run: Run, plan: Plan, groups: readonly EnsuredGroup[]): Promise<number> {
  const listedByMs = Date.now() + run.input.policy.pollDeadlineMs;
  run.view.update({ status: 'AwaitingCodes', step: 'Waiting until every code is listed' });
  const made = groups.filter((_, index) => !plan.groups[index]?.existing);
  await settled<unknown>([
    plan.isAmendment ? noteHandOver(run, plan, groups) : Promise.resolve(),
    ...made.map((group) =>
      run.call('awaitCodes', `Wait for ${countOf(group.seatCount, 'code')} of ${group.label}`, { group }),
    ),
  ]);
  return listedByMs;
}
