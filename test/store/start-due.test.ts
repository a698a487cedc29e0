import { expect, test } from '@jest/globals';
import type { Client } from '@temporalio/client';
import { createSeatOperations } from '../../src/runs/seat-operations.ts';
import { requestOperations } from '../../src/store/request-operation.ts';
import { learner, sellSeats } from '../support/sold-seats.ts';
import { onBothEngines } from '../support/store.ts';
import { TEST_POLICY } from '../support/tenant.ts';
import { testVault } from '../support/test-vault.ts';

const ASKED_AT = new Date('2026-11-30T10:00:00.000Z');
const LOOK_MS = 3_000;
/** More than one look takes. */
const STUCK = 60;

/** A Temporal that refuses some operations always, and notes what it started. */
function temporalThatRefuses(isRefused: (operationId: string) => boolean) {
  const started: string[] = [];
  const client = {
    withDeadline: (_: number, work: () => Promise<unknown>) => work(),
    workflow: {
      start: async (
        _: unknown,
        { args: [{ operationId }] }: { args: { operationId: string }[] & [never] },
      ) => {
        if (isRefused(operationId)) throw new Error('INVALID_ARGUMENT');
        started.push(operationId);
      },
    },
  };
  return { client: client as unknown as Client, started };
}

onBothEngines('operations that were left behind', (open) => {
  test('are started though many that can never be started were asked for before', async () => {
    const store = { db: (await open()).db, vault: testVault };
    const count = STUCK + 2;
    const seats = await sellSeats(store, {
      deal: { crm: 'hubspot', account: '62515', dealId: '7001' },
      codes: Array.from({ length: count }, (_, index) => `code${index}`),
      learners: Array.from({ length: count }, (_, index) => learner(`l${index}@acme.example`)),
    });
    await requestOperations(
      store,
      seats.map(({ id: seatId }, index) => ({
        id: index < STUCK ? `stuck-${index}` : `good-${index - STUCK}`,
        seatId,
        kind: 'revoke',
        input: {},
        actor: { kind: 'person', name: 'Kim Vale' },
        reason: 'left',
        at: new Date(ASKED_AT.getTime() + index),
      })),
    );
    const { client, started } = temporalThatRefuses((id) => id.startsWith('stuck'));
    const tried: string[] = [];
    const operations = createSeatOperations({
      client,
      taskQueue: 'q',
      policy: TEST_POLICY,
      seats: store,
      onNotStarted: (id) => tried.push(id),
    });
    const look = (round: number) =>
      operations.startDue({ now: new Date(ASKED_AT.getTime() + round * LOOK_MS), minAgeMs: 2_000 });
    expect(await look(1)).toBe(0);
    expect(await look(2)).toBe(2);
    expect(new Set(started)).toEqual(new Set(['good-0', 'good-1']));
    expect(new Set(tried).size).toBe(STUCK);
    // The store hears of a start from the run itself.
    await store.db.updateTable('operations').set({ state: 'running' }).where('id', 'like', 'good%').execute();
    tried.length = 0;
    for (let round = 3; round < 9; round += 1) expect(await look(round)).toBe(0);
    const timesOf = (index: number) => tried.filter((id) => id === `stuck-${index}`).length;
    const times = Array.from({ length: STUCK }, (_, index) => timesOf(index));
    // At every second look at least.
    expect(Math.min(...times)).toBeGreaterThanOrEqual(3);
  });
});
