import { expect } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { createSeatOperationActivities } from '../../activities/seat-operations.ts';
import type { OperationStep, SeatOperationActivities } from '../../src/contracts/seat-operations.ts';
import { type OperationRequest, requestOperation } from '../../src/store/request-operation.ts';
import type { SeatWorld } from './seat-world.ts';

const LOOK_UPS = { lookUpMinMs: 0, lookUpMs: 2_000, lookUpIntervalMs: 50 };

type Asked = Pick<OperationRequest, 'kind' | 'input'> & { readonly seatId: string };

/**
 * Takes the steps of an operation in the order of its workflow, with the real activities. `repeated`: carries one step out,
 * as often as it takes.
 */
export function operator(
  { deps, store }: Pick<SeatWorld, 'deps' | 'store'>,
  repeated: (act: () => Promise<void>) => Promise<unknown>,
): (asked: Asked) => Promise<void> {
  const activities = createSeatOperationActivities({
    ...deps,
    seats: store,
    raiseAlert: async () => ({ isRaised: false }),
  });
  const call = async <K extends keyof SeatOperationActivities>(
    name: K,
    input: OperationStep & object,
  ): Promise<Awaited<ReturnType<SeatOperationActivities[K]>>> => {
    let result: unknown;
    await repeated(async () => {
      result = await quietly().run(activities[name] as never, input as never);
    });
    return result as Awaited<ReturnType<SeatOperationActivities[K]>>;
  };
  return async (asked) => {
    const operationId = `${asked.kind}-${asked.seatId}`;
    await requestOperation(store, {
      ...asked,
      id: operationId,
      actor: { kind: 'person', name: 'Kim Vale' },
      reason: 'lost',
      at: new Date(),
    } as OperationRequest);
    const step = { operationId };
    await call('beginOperation', step);
    if (asked.kind === 'revoke') await call('endAccess', step);
    const { needs } = await call('keepCode', step);
    if (needs !== null) {
      const { groupId } = await call('makeReplacementGroup', { ...step, ...LOOK_UPS } as never);
      await call('takeReplacementCodes', { ...step, groupId } as never);
    }
    expect(await call('replaceCode', step)).toEqual({ is: 'done' });
    await call('writeLinks', step);
    expect(await call('settleOperation', step)).toMatchObject({ state: 'done' });
  };
}

/** Activities whose log lines no test reads. */
export function quietly(): MockActivityEnvironment {
  return new MockActivityEnvironment(
    { startToCloseTimeoutMs: 60_000 },
    { logger: new DefaultLogger('ERROR') },
  );
}
