import { expect } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { createSeatOperationActivities } from '../../activities/seat-operations.ts';
import type { SeatOperationActivities } from '../../src/contracts/seat-operations.ts';
import { type OperationRequest, requestOperation } from '../../src/store/request-operation.ts';
import type { SeatStore } from '../../src/store/seat-store.ts';
import { repeatUntilDone } from '../support/repeat-until-done.ts';
import type { World } from './world.ts';

const LOOK_UPS = { lookUpMinMs: 0, lookUpMs: 2_000, lookUpIntervalMs: 50 };

/** What is asked, without who, when and why. */
export type Asked = Pick<OperationRequest, 'kind' | 'input'> &
  Partial<Pick<OperationRequest, 'seatId' | 'freeOf'>>;

/**
 * Takes the steps of operations in the order of their workflow, with the real activities. `repeated`: carries one step out,
 * as often as it takes.
 */
export function operator(
  { deps, store }: Pick<World, 'deps'> & { readonly store: SeatStore },
  repeated: (act: () => Promise<void>) => Promise<unknown> = repeatUntilDone,
): (asked: Asked) => Promise<void> {
  const activities = createSeatOperationActivities({
    ...deps,
    seats: store,
    raiseAlert: async () => ({ isRaised: false }),
  });
  let asks = 0;
  return async (asked) => {
    const { kind } = asked;
    asks += 1;
    const operationId = `${kind}-${asks}`;
    const call = async <K extends keyof SeatOperationActivities>(
      name: K,
      input: object = {},
    ): Promise<Awaited<ReturnType<SeatOperationActivities[K]>>> => {
      let result: unknown;
      await repeated(async () => {
        result = await quietly().run(activities[name] as never, { operationId, ...input } as never);
      });
      return result as Awaited<ReturnType<SeatOperationActivities[K]>>;
    };
    await requestOperation(store, {
      ...asked,
      id: operationId,
      actor: { kind: 'person', name: 'Kim Vale' },
      reason: 'lost',
      at: new Date(),
    } as OperationRequest);
    await call('beginOperation');
    if (kind === 'revoke' || kind === 'reassign') await call('endAccess');
    if (kind === 'revoke' || kind === 'reassign' || kind === 'reissue') {
      const { needs } = await call('keepCode');
      if (needs !== null) {
        const { groupId } = await call('makeReplacementGroup', LOOK_UPS);
        await call('takeReplacementCodes', { groupId });
      }
      expect(await call('replaceCode')).toEqual({ is: 'done' });
    }
    if (kind === 'grant' || kind === 'reassign') await call('giveAccess');
    if (kind !== 'grant') await call('writeLinks');
    expect(await call('settleOperation')).toMatchObject({ state: 'done', failureCode: null });
  };
}

/** Activities whose log lines no test reads. */
export function quietly(): MockActivityEnvironment {
  return new MockActivityEnvironment(
    { startToCloseTimeoutMs: 60_000 },
    { logger: new DefaultLogger('ERROR') },
  );
}
