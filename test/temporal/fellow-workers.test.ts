import { expect, test } from '@jest/globals';
import { countWorkers, type WorkerQueue } from '../../src/temporal/fellow-workers.ts';

/** What Temporal tells of those who poll: their identity, and the second of their last poll. */
function countOf(...pollers: readonly (readonly [string, number])[]): Promise<number> {
  const connection = {
    workflowService: {
      describeTaskQueue: async () => ({
        pollers: pollers.map(([identity, seconds]) => ({ identity, lastAccessTime: { seconds } })),
      }),
    },
  } as unknown as WorkerQueue['connection'];
  return countWorkers({ connection, namespace: 'default', taskQueue: 'dealseat', identity: 'me@here' });
}

test('every identity that polls is one worker, however often it polls', async () => {
  expect(await countOf(['me@here', 1_000], ['me@here', 990], ['7@there', 1_000], ['8@there', 1_000])).toBe(3);
});

test('a worker that begins counts itself before Temporal has seen it', async () => {
  expect(await countOf()).toBe(1);
  expect(await countOf(['7@there', 1_000])).toBe(2);
});

test('a worker that has not polled for longer than a poll lasts is gone, whatever our clock says', async () => {
  expect(await countOf(['me@here', 1_000], ['7@there', 936])).toBe(2);
  expect(await countOf(['me@here', 1_000], ['7@there', 934])).toBe(1);
});
