import type { SeatOperationActivities, SeatOperationResult } from '../src/contracts/seat-operations.ts';
import { isFailureCode } from '../src/domain/failure.ts';
import { keepCode } from '../src/store/keep-code.ts';
import { isOpen } from '../src/store/operation.ts';
import { replaceCode } from '../src/store/replace-code.ts';
import type { OperationRow } from '../src/store/request-operation.ts';
import { beginOperation, refuseOperation, settleOperation } from '../src/store/settle-operation.ts';
import { changeAccessEnd } from './change-access-end.ts';
import { endAccess } from './end-access.ts';
import { giveAccess } from './give-access.ts';
import { noteWaiting } from './note-waiting.ts';
import type { OperationDeps } from './operation-deps.ts';
import { withPatience } from './patience.ts';
import { labelOf, makeReplacementGroup, takeReplacementCodes } from './replacement-codes.ts';
import { writeSeatLinks } from './write-seat-links.ts';

/** All that a run of an operation does; the store says what there is to do. */
export function createSeatOperationActivities(deps: OperationDeps): SeatOperationActivities {
  const { seats } = deps;
  const now = () => new Date(deps.now());
  return withPatience<SeatOperationActivities>({
    async beginOperation({ operationId }) {
      const operation = await beginOperation(seats, operationId, now());
      return { ended: isOpen(operation) ? null : resultOf(operation) };
    },
    endAccess: endAccess(deps),
    changeAccessEnd: changeAccessEnd(deps),
    giveAccess: giveAccess(deps),
    async keepCode({ operationId }) {
      const needed = await keepCode(seats, operationId, now());
      if (needed === null) return { needs: null };
      return { needs: { label: await labelOf(deps, operationId), codes: needed.codes } };
    },
    makeReplacementGroup: makeReplacementGroup(deps),
    takeReplacementCodes: takeReplacementCodes(deps),
    async replaceCode({ operationId }) {
      return { is: await replaceCode(seats, operationId, now()) };
    },
    writeLinks: writeSeatLinks(deps),
    async settleOperation({ operationId }) {
      return resultOf(await settleOperation(seats, operationId, now()));
    },
    async refuseOperation({ operationId, code, message, isGivenUp }) {
      const state = isGivenUp === true ? 'failed' : 'refused';
      return resultOf(await refuseOperation(seats, operationId, { state, code, message, at: now() }));
    },
    noteWaiting: noteWaiting(deps),
  });
}

function resultOf({ id, seat_id, state, failure_code }: OperationRow): SeatOperationResult {
  return {
    operationId: id,
    seatId: seat_id,
    state,
    failureCode: isFailureCode(failure_code) ? failure_code : null,
  };
}
