import type { SeatOperationActivities } from '../src/contracts/seat-operations.ts';
import { accessEndFrom } from '../src/domain/seats/access-end.ts';
import { noteGranted } from '../src/store/note-access.ts';
import { atPlatform, isNothing, workOf } from './at-platform.ts';
import { cancellationSignal } from './earlier-attempts.ts';
import type { OperationDeps } from './operation-deps.ts';

/**
 * Gives a known person what the product gives, for as long as a code would: the platform itself sets no end to direct
 * access. The seat is in use after that.
 */
export function giveAccess(deps: OperationDeps): SeatOperationActivities['giveAccess'] {
  return async (input) => {
    const work = await workOf(deps, input);
    if (work === null || work.seat.state !== 'granting') return;
    const { learners, operation, seat, grants, client, terms, to } = work;
    const email = seat.learner_email;
    if (email === null || to === null)
      throw new Error(`Seat ${seat.id} is granted to a person without an address`);
    const { firstName, lastName } = to;
    const until = accessEndFrom(operation.asked_at, terms);
    let userId: string | null = null;
    await atPlatform(deps, work, {
      hasHappened: async () => {
        const found = await learners.find(email, cancellationSignal());
        if (found === null) return false;
        const held = await learners.holds({ userId: found.id, grants }, cancellationSignal());
        const isGiven = held.every(({ held: is }) => is === 'yes');
        if (isGiven) userId = found.id;
        return isGiven;
      },
      act: async () => {
        const given = await learners.grant(
          { email, firstName, lastName, grants, client },
          cancellationSignal(),
        );
        userId = given.userId;
      },
    });
    if (userId === null) return;
    // No call sets the end of a bundle.
    const limited = { ...grants, bundles: [] };
    if (until !== null && !isNothing(limited)) {
      await learners.setAccessEnd(
        { userId, grants: limited, until: until.toISOString() },
        cancellationSignal(),
      );
    }
    await noteGranted(deps.seats, operation.id, { userId, until, at: new Date(deps.now()) });
  };
}
