import { activityInfo, log } from '@temporalio/activity';
import { causeOf } from '../src/contracts/alert.ts';
import type { SeatOperationActivities } from '../src/contracts/seat-operations.ts';
import { problem } from '../src/domain/failure.ts';
import { readOperation } from '../src/store/read-operation.ts';
import { noteWait } from '../src/store/settle-operation.ts';
import type { OperationDeps } from './operation-deps.ts';

/**
 * An operation waits for what only those who run Dealseat can mend: the store says so, and they are alerted, once for each
 * cause however many operations wait. They are alerted also where the store itself is away.
 */
export function noteWaiting({ seats, raiseAlert }: OperationDeps): SeatOperationActivities['noteWaiting'] {
  return async ({ operationId, code, message, deal }) => {
    const { cure } = problem(code, message);
    const alert = ({ name, url }: { readonly name: string; readonly url: string }) =>
      raiseAlert({
        cause: causeOf({ code }, deal),
        message,
        cure,
        deal: { ...deal, name, url, operationId },
      });
    try {
      await noteWait(seats, operationId, { code, message });
    } catch (error) {
      log.warn('The store could not note what a change of a seat waits for', { operationId });
      // Each attempt fails the same way while the store is away.
      if (activityInfo().attempt === 1) await alert({ name: deal.dealId, url: '' });
      throw error;
    }
    const operation = await readOperation(seats.db, operationId);
    await alert({ name: operation?.deal_name ?? deal.dealId, url: operation?.deal_url ?? '' });
  };
}
