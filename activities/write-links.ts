import type { HandOverInput } from '../src/contracts/activities.ts';
import { allotSeats, keepLinks } from './allotment.ts';
import { type ActivityDeps, crmOf } from './deps.ts';

/** A cancel ends the readings, never a write: one that was cut off could still happen after its undo. */
export function writeRedeemLinks(deps: ActivityDeps): (input: HandOverInput) => Promise<void> {
  return async (input) => {
    await keepLinks(crmOf(deps, input.plan.deal), await allotSeats(deps, input));
  };
}
