import { describe, expect, test } from '@jest/globals';
import type { Progress, RunStatus } from '../../src/contracts/run.ts';
import type { RunActivity } from '../../src/runs/activity.ts';
import type { DealView } from '../../src/runs/deal-view.ts';
import { followToReport } from '../../src/runs/follow-run.ts';
import { TemporalUnavailableError } from '../../src/runs/port.ts';

const RESTS: RunActivity = { isClosed: false, isAtWork: false };
const WORKS: RunActivity = { isClosed: false, isAtWork: true };

/** A run that is asked for its progress again and again, and shows these one after the other. */
function following(
  statuses: readonly (RunStatus | Error)[],
  { closedAt = null as string | null, activities = [] as readonly RunActivity[] } = {},
) {
  const rest = [...statuses];
  const activity = [...activities];
  const steps: string[] = [];
  const progress = async () => {
    const next = rest.shift() ?? 'Failed';
    if (next instanceof Error) throw next;
    return { status: next, step: '' } as Progress;
  };
  const report = followToReport(
    {
      progress,
      activity: async () => activity.shift() ?? { isClosed: closedAt !== null, isAtWork: false },
      // The console asks the run as well.
      describe: async () => ({ ...(await progress()), closedAt }) as unknown as DealView,
      lastDelivery: async () => null,
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

test('a run that was ended from outside while it worked is not waited for', async () => {
  const { report, steps } = following(['Planning', 'Planning', 'Planning'], {
    closedAt: '2026-12-01T00:00:00.000Z',
  });
  expect(await report).toMatchObject({ status: 'Planning' });
  expect(steps).toEqual(['Planning: ']);
});

describe('a run that asks something', () => {
  test('is at rest once it does nothing', async () => {
    const { report, steps } = following(['NeedsAttention', 'NeedsAttention', 'NeedsAttention'], {
      activities: [RESTS],
    });
    expect(await report).toMatchObject({ status: 'NeedsAttention' });
    expect(steps).toEqual(['NeedsAttention: ']);
  });

  test('and has been sent something just now is followed until it has looked: its old question is no answer', async () => {
    const { report } = following(
      [
        ...(['NeedsAttention', 'NeedsAttention'] as const),
        ...(['Provisioning', 'Delivered', 'Delivered', 'Delivered'] as const),
      ],
      { activities: [WORKS, WORKS, WORKS, RESTS] },
    );
    expect(await report).toMatchObject({ status: 'Delivered' });
  });
});

test('a server that is busy makes no end of a run that is followed', async () => {
  const busy = new TemporalUnavailableError('busy');
  const { report } = following([busy, 'Planning', busy, 'Delivered', 'Delivered', 'Delivered']);
  expect(await report).toMatchObject({ status: 'Delivered' });
});
