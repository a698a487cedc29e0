import { expect, test } from '@jest/globals';
import { Context } from '@temporalio/activity';
import { currentTaker, type TurnTaker } from '../../src/clients/turn-taker.ts';
import type { ProvisioningActivities } from '../../src/contracts/activities.ts';
import { openRig } from '../support/rig.ts';

const rig = openRig();

/** Steps that note for whom they make their requests. */
function noting(takers: TurnTaker[]) {
  return (going: ProvisioningActivities) =>
    Object.fromEntries(
      Object.entries(going).map(([name, step]) => [
        name,
        async (input: never) => {
          takers.push(currentTaker());
          return step(input);
        },
      ]),
    );
}

test('each request of each step is made for its deal and for whoever had it changed, however the step reached the worker', async () => {
  const takers: TurnTaker[] = [];
  const policies: unknown[] = [];
  const overrides = (going: ProvisioningActivities) => ({
    ...noting(takers)(going),
    awaitCodes: async () => {
      takers.push(currentTaker());
      policies.push(Context.current().info.retryPolicy);
    },
  });
  await rig.withFakes({ overrides }, async (tenant) => {
    const event = { by: 'hubspot', detail: 'test' } as const;
    const { id } = await tenant.console.dealChanged(tenant.deal, event, { changeSource: 'CRM_UI' });
    await tenant.resultOf(id);
    expect(takers.length).toBeGreaterThan(4);
    const [first] = takers;
    expect(first).toMatchObject({ priority: 3, deal: id });
    expect(first?.origin).toMatch(/^[\w-]{16}$/);
    expect(new Set(takers.map((taker) => JSON.stringify(taker))).size).toBe(1);
    // The wait counts its pauses from it.
    expect(policies).toEqual([expect.objectContaining({ initialInterval: expect.anything() })]);
  });
});
