import { expect, test } from '@jest/globals';
import type { Progress, RunStatus } from '../../src/contracts/run.ts';
import { followToReport } from '../../src/runs/follow-run.ts';
import type { ProvisioningView } from '../../src/runs/port.ts';

/** A run that is asked for its progress again and again, and shows these one after the other. */
function following(statuses: readonly RunStatus[], { closedAt = null as string | null } = {}) {
  const rest = [...statuses];
  const steps: string[] = [];
  const progress = async () => ({ status: rest.shift() ?? 'Failed', step: '' }) as Progress;
  const report = followToReport(
    {
      progress,
      // The console asks the run as well.
      describe: async () => ({ ...(await progress()), closedAt }) as unknown as ProvisioningView,
    },
    'a run',
    { onStep: (line) => steps.push(line), pollMs: 1, signal: new AbortController().signal },
  );
  return { report, steps };
}

test('a run that was delivered and goes on for what it was told last is followed to its next rest', async () => {
  const { report, steps } = following([
    ...(['Planning', 'Delivered'] as const),
    ...(['Planning', 'Planning'] as const),
    ...(['HandingOver', 'Delivered'] as const),
    ...(['Delivered', 'Delivered'] as const),
  ]);
  expect(await report).toMatchObject({ status: 'Delivered' });
  expect(steps).toEqual(['Planning: ', 'Delivered: ', 'HandingOver: ', 'Delivered: ']);
});

test('a run that was ended from outside before it could be read is not waited for', async () => {
  const { report } = following(['Delivered', 'Planning', 'Planning'], {
    closedAt: '2026-12-01T00:00:00.000Z',
  });
  expect(await report).toMatchObject({ status: 'Planning' });
});
