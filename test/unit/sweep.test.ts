import { describe, expect, test } from '@jest/globals';
import { laneFor } from '../../src/contracts/lane.ts';
import { judgeSighting, type LastRun } from '../../src/contracts/sweep.ts';

const STARTED = '2026-11-20T10:00:00.000Z';
const READ = '2026-11-20T10:03:00.000Z';
const CLOSED = '2026-11-20T10:05:00.000Z';

function run(changes: Partial<LastRun> = {}): LastRun {
  return { status: 'Delivered', startedAt: STARTED, readAt: null, closedAt: CLOSED, code: null, ...changes };
}

describe('What a sweep makes of a won deal', () => {
  test.each<[string, string, LastRun | null, string]>([
    ['was missed when it has no run', CLOSED, null, 'missed'],
    [
      'is told to its open run when it changed after the start',
      CLOSED,
      run({ status: 'AwaitingCodes', closedAt: null }),
      'open',
    ],
    [
      'is known when it changed before its open run started',
      '2026-11-20T09:59:00.000Z',
      run({ status: 'AwaitingCodes', closedAt: null }),
      'known',
    ],
    [
      'is told to its open run when it changed after it was read last',
      '2026-11-20T10:03:01.000Z',
      run({ status: 'NeedsAttention', readAt: READ, closedAt: null }),
      'open',
    ],
    [
      'is known once its open run has read it again after the change',
      '2026-11-20T10:02:00.000Z',
      run({ status: 'NeedsAttention', readAt: READ, closedAt: null }),
      'known',
    ],
    [
      'is told to its open run when the clocks are apart and it may have changed after the start',
      '2026-11-20T09:59:56.000Z',
      run({ status: 'AwaitingCodes', closedAt: null }),
      'open',
    ],
    [
      'is told to a run that went on in a new one when it changed after that one started',
      '2026-11-20T10:00:01.000Z',
      run({ readAt: '2026-11-20T08:00:00.000Z', closedAt: null }),
      'open',
    ],
    ['is known when its run wrote the mark as the last change', '2026-11-20T10:04:59.000Z', run(), 'known'],
    ['is looked at again when it changed after its delivery', '2026-11-20T10:05:10.000Z', run(), 'changed'],
    [
      'is not started again by what a failed run wrote on it',
      '2026-11-20T10:05:00.000Z',
      run({ status: 'Failed' }),
      'known',
    ],
    [
      'is looked at again when it was won while its run found it not won',
      '2026-11-20T10:03:01.000Z',
      run({ status: 'Skipped', readAt: READ }),
      'changed',
    ],
    [
      'is known when it was skipped as it is now',
      '2026-11-20T10:02:00.000Z',
      run({ status: 'Skipped', readAt: READ }),
      'known',
    ],
    [
      'is looked at again when it changed while its run found that nothing was to be done',
      '2026-11-20T10:04:59.000Z',
      run({ readAt: READ }),
      'changed',
    ],
    [
      'is known when its run wrote on it that it was skipped',
      '2026-11-20T10:04:59.000Z',
      run({ status: 'Skipped' }),
      'known',
    ],
    [
      'is looked at again when it changed after its run had written that it was skipped',
      '2026-11-20T10:05:10.000Z',
      run({ status: 'Skipped' }),
      'changed',
    ],
    [
      'is not started again when an operator terminated its run',
      '2026-11-20T10:04:00.000Z',
      run({ status: 'NeedsAttention', readAt: READ }),
      'known',
    ],
  ])('%s', (_promise, changedAt, last, sighting) => {
    expect(judgeSighting(changedAt, last)).toBe(sighting);
  });
});

describe('What a sweep that starts over from another day makes of a deal that it knows', () => {
  const judge = (changes: Partial<LastRun>) => judgeSighting(STARTED, run(changes), { startsOver: true });

  test('starts it again when it was too old for the day before', () => {
    expect(judge({ status: 'Skipped', readAt: READ, code: 'deal.won_before' })).toBe('changed');
  });

  test('leaves alone every other one, and one that is at work', () => {
    expect(judge({ status: 'Skipped', readAt: READ, code: 'deal.not_won' })).toBe('known');
    expect(judge({ status: 'Delivered' })).toBe('known');
    expect(judge({ status: 'Planning', readAt: READ, closedAt: null })).toBe('known');
  });
});

describe('The lane of a batch', () => {
  test('is the normal one up to 20 runs and the bulk lane above', () => {
    expect([laneFor(1), laneFor(20), laneFor(21), laneFor(1_000)]).toEqual([
      'normal',
      'normal',
      'bulk',
      'bulk',
    ]);
  });
});
