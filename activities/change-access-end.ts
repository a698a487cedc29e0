import type { SeatOperationActivities } from '../src/contracts/seat-operations.ts';
import { DealseatError } from '../src/domain/failure.ts';
import type { OperationInputs } from '../src/domain/seats/operation.ts';
import { noteAccessEnd } from '../src/store/note-access.ts';
import { atPlatform, isNothing, userOf, workOf } from './at-platform.ts';
import { cancellationSignal } from './earlier-attempts.ts';
import type { OperationDeps } from './operation-deps.ts';

/** Sets the end of access at the platform, then on the seat. Shortening leaves alone what another seat gives as well. */
export function changeAccessEnd(deps: OperationDeps): SeatOperationActivities['changeAccessEnd'] {
  return async (input) => {
    const work = await workOf(deps, input);
    if (work === null) return;
    const { learners, operation, seat } = work;
    const { until } = operation.input as OperationInputs['extend'];
    const grants = operation.kind === 'shorten' ? work.ownGrants : work.grants;
    if (!isNothing(grants)) {
      const userId = await userOf(work);
      if (userId === null) {
        throw new DealseatError({
          code: 'lms.learner_not_found',
          message: `The platform has no user of the address on seat ${seat.id}`,
        });
      }
      await atPlatform(deps, work, {
        // It does not show ends of access, and a repeat sets the same one again.
        hasHappened: async () => false,
        act: () => learners.setAccessEnd({ userId, grants, until }, cancellationSignal()),
      });
    }
    await noteAccessEnd(deps.seats, operation.id, { until, at: new Date(deps.now()) });
  };
}
