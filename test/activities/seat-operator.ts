import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { createSeatOperationActivities } from '../../activities/seat-operations.ts';
import type { SeatOperationActivities } from '../../src/contracts/seat-operations.ts';
import { type OperationRequest, requestOperation } from '../../src/store/request-operation.ts';
import type { SeatStore } from '../../src/store/seat-store.ts';
import { until } from '../support/until.ts';
import { PATIENCE, type World } from './world.ts';

/** What is asked, without who, when and why. */
export type Asked = Pick<OperationRequest, 'kind' | 'input'> &
  Partial<Pick<OperationRequest, 'seatId' | 'freeOf'>>;

const ACTOR = { kind: 'person', name: 'Ana Asker' } as const;

/** Takes the steps of operations as their workflow does, with the real activities: each to its end. */
export function openOperator(
  { deps }: Pick<World, 'deps'>,
  seats: SeatStore,
): (asked: Asked) => Promise<void> {
  const raiseAlert = async () => ({ isRaised: false });
  const activities = createSeatOperationActivities({ ...deps, seats, raiseAlert });
  let asks = 0;
  return async (asked) => {
    asks += 1;
    const operationId = `operation-${asks}`;
    const call = <K extends keyof SeatOperationActivities>(name: K, input: object = {}) =>
      new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') }).run(
        activities[name] as never,
        { operationId, ...input } as never,
      ) as ReturnType<SeatOperationActivities[K]>;
    const at = new Date(deps.now());
    const request = { ...asked, id: operationId, actor: ACTOR, reason: 'as asked', at };
    await requestOperation(seats, request as OperationRequest);
    await call('beginOperation');
    const { kind } = asked;
    if (kind === 'revoke' || kind === 'reassign') await call('endAccess');
    if (kind === 'revoke' || kind === 'reassign' || kind === 'reissue') {
      const { needs } = await call('keepCode');
      if (needs !== null) {
        const made = await call('makeReplacementGroup', { ...PATIENCE, lookUpMinMs: 0 });
        await until('the codes are listed', () =>
          call('takeReplacementCodes', made).then(
            () => true,
            () => false,
          ),
        );
      }
      await call('replaceCode');
    }
    if (kind === 'grant' || kind === 'reassign') await call('giveAccess');
    if (kind !== 'grant') await call('writeLinks');
    const { state, failureCode } = await call('settleOperation');
    if (state !== 'done' || failureCode !== null)
      throw new Error(`${kind} ended as ${state}: ${failureCode}`);
  };
}
