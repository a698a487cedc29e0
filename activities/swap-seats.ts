import type { SwapSeatsInput } from '../src/contracts/activities.ts';
import { DealseatError } from '../src/domain/failure.ts';
import { handOn } from '../src/store/hand-on.ts';
import { type ActivityDeps, crmOf } from './deps.ts';
import { cancellationSignal } from './earlier-attempts.ts';

/**
 * Asks that each seat be taken from who left the deal and given to who came, once however often it is repeated, and waits
 * for the end of that. The worker starts the operations, as it does for those that people ask for.
 */
export function swapSeats(deps: ActivityDeps): (input: SwapSeatsInput) => Promise<void> {
  return async ({ deal, pairs, questionId, by, reason, askedAt, isAskedAnew }) => {
    const { seats } = deps;
    if (pairs.length === 0) return;
    if (seats === undefined) throw new Error('Seats cannot be handed on without a seat store');
    const crm = crmOf(deps, deal);
    const open: string[] = [];
    for (const [index, { seatId, to }] of pairs.entries()) {
      const isDone = await handOn(seats, {
        id: `swap-${questionId}-${index + 1}-${askedAt.toString(36)}`,
        seatId,
        person: () => personOf(crm.readContact(to, cancellationSignal())),
        actor: { kind: 'crm', name: by },
        reason,
        at: new Date(deps.now()),
        isAskedAnew,
      });
      if (!isDone) open.push(seatId);
    }
    if (open.length === 0) return;
    throw new DealseatError({
      code: 'seat.under_way',
      message: `Seat ${open[0]} is still being given to another person (${open.length} of ${pairs.length})`,
    });
  };
}

async function personOf(reading: ReturnType<ReturnType<typeof crmOf>['readContact']>) {
  const { id, email, firstName, lastName } = await reading;
  return { email: email ?? '', firstName, lastName, contactId: id };
}
