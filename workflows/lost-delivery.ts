import { type Problem, problem } from '../src/domain/failure.ts';
import type { Plan } from '../src/domain/planning/plan.ts';
import type { Run } from './run.ts';

/**
 * What the pass before has just noted as delivered is not on the deal any more, as where a workflow of the CRM empties
 * the field: without a person this would hand over the same again, pass after pass, without end.
 */
export function lostDelivery({ input }: Run, { base }: Plan): Problem | null {
  const previous = input.carried?.previous;
  // Only a pass that handed over has a roster to tell of.
  if (!previous?.roster) return null;
  const noted = new Set(base.groups.map(({ group }) => group));
  const lost = previous.groupIds.filter((groupId) => !noted.has(groupId));
  if (lost.length === 0) return null;
  const message = `The ledger field of the deal does not keep what was just delivered: code groups ${lost.join(', ')} are missing from it. Look for a workflow or flow of the CRM that changes it`;
  return problem('deal.mark_unreadable', message);
}
