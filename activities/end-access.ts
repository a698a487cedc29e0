import type { SeatOperationActivities } from '../src/contracts/seat-operations.ts';
import { atPlatform, isNothing, userOf, workOf } from './at-platform.ts';
import { cancellationSignal } from './earlier-attempts.ts';
import type { OperationDeps } from './operation-deps.ts';

/** Ends what the learner has through this seat alone. */
export function endAccess(deps: OperationDeps): SeatOperationActivities['endAccess'] {
  return async (input) => {
    const work = await workOf(deps, input);
    if (work === null || !work.isUsed || work.operation.input.accessEndedByHand === true) {
      return { isEnded: false };
    }
    const { learners, ownGrants: grants } = work;
    if (isNothing(grants)) return { isEnded: false };
    const userId = await userOf(work);
    if (userId === null) return { isEnded: false };
    await atPlatform(deps, work, {
      hasHappened: async () => {
        const held = await learners.holds({ userId, grants }, cancellationSignal());
        return held.every(({ held: is }) => is === 'no');
      },
      act: () => learners.revoke({ userId, grants }, cancellationSignal()),
    });
    return { isEnded: true };
  };
}
