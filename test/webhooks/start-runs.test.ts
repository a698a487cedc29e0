import { expect, test } from '@jest/globals';
import type { Lane } from '../../src/contracts/lane.ts';
import { createChooseLane } from '../../webhooks/server/choose-lane.ts';
import type { RunToStart } from '../../webhooks/server/run-to-start.ts';
import { startRuns } from '../../webhooks/server/start-runs.ts';

function runs(count: number): RunToStart[] {
  return Array.from({ length: count }, (_, index) => ({
    ref: { crm: 'hubspot', account: '62515', dealId: String(9001 + index) },
    trigger: { by: 'hubspot', detail: String(index) },
  }));
}

async function lanesOf(batch: readonly RunToStart[]): Promise<Set<Lane | undefined>> {
  const lanes = new Set<Lane | undefined>();
  const provisioner = {
    dealChanged: async (...[, , options]: [unknown, unknown, { readonly lane?: Lane }?]) => {
      lanes.add(options?.lane);
      return { id: 'run' };
    },
  };
  await startRuns({ provisioner, runs: batch, chooseLane: createChooseLane(), budgetMs: 5_000 });
  return lanes;
}

test('a batch of up to 200 deals starts in the normal lane', async () => {
  expect(await lanesOf(runs(200))).toEqual(new Set(['normal']));
});

test('a batch of more than 200 deals is an import and starts in the bulk lane', async () => {
  expect(await lanesOf(runs(201))).toEqual(new Set(['bulk']));
});

test('a deal that is named often is one deal: repeats make no batch an import', async () => {
  expect(await lanesOf([...runs(150), ...runs(150)])).toEqual(new Set(['normal']));
});

test('an event that Temporal has taken leaves no timer behind', async () => {
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const before = timers();
  await lanesOf(runs(1));
  expect(timers()).toBe(before);
});
