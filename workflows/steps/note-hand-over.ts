import { newLearnersOf, notedLedger } from '../../src/domain/planning/ledger-after.ts';
import type { Plan } from '../../src/domain/planning/plan.ts';
import type { EnsuredGroup } from '../../src/domain/seats/code-group.ts';
import {
  creatingLeftOutText,
  creatingText,
  givingCodesText,
  REWRITING_ROSTER,
} from '../../src/domain/texts/under-way.ts';
import { noteOnDeal } from '../record.ts';
import type { Run } from '../run.ts';
import { noteMade } from '../undo.ts';

/**
 * Noted on the deal before people may get hold of anything: whatever becomes of this run, the next one knows which codes
 * may be with the customer. Once for each state of the deal.
 */
export async function noteHandOver(run: Run, plan: Plan, groups: readonly EnsuredGroup[]): Promise<void> {
  if (isNoted(run, plan)) return;
  const { base, revision } = plan;
  noteMade(run, { what: 'note', base, revision: '' });
  await noteOnDeal(run, {
    status: 'AwaitingCodes',
    detail: whatIsNoted(plan),
    ledger: notedLedger(plan, groups),
  });
  noteMade(run, { what: 'note', base, revision });
}

function whatIsNoted(plan: Plan): string {
  if (plan.addedSeats > 0) return creatingText(plan.addedSeats);
  const { length } = newLearnersOf(plan);
  return length > 0 ? givingCodesText(length) : REWRITING_ROSTER;
}

function isNoted({ made }: Run, { revision }: Plan): boolean {
  return made.some((candidate) => candidate.what === 'note' && candidate.revision === revision);
}

/**
 * A person has these seats made after all. Said on the deal before anything is made of it, so that the run after one
 * that is lost asks again instead of leaving them out.
 */
export async function forgetRejection(run: Run, { isReconsidered, addedSeats, base }: Plan): Promise<void> {
  if (!isReconsidered) return;
  const detail = creatingLeftOutText(addedSeats);
  await noteOnDeal(run, { status: 'Provisioning', detail, ledger: base });
}
