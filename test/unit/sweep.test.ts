import { describe, expect, test } from '@jest/globals';
import { laneFor } from '../../src/contracts/lane.ts';
import { FINAL_STATUSES, RUN_STATUSES } from '../../src/contracts/run.ts';
import { judgeSighting, type LastRun, type Sighting } from '../../src/contracts/sweep.ts';

const READ = '2026-11-20T10:03:00.000Z';
const BEFORE = '2026-11-20T10:02:59.999Z';
const AFTER = '2026-11-20T10:03:00.001Z';
const CLOSED = '2026-11-20T10:05:00.000Z';

function run(changes: Partial<LastRun> = {}): LastRun {
  return {
    runId: 'run-1',
    status: 'Delivered',
    temporalStatus: 'COMPLETED',
    readUpTo: READ,
    closedAt: CLOSED,
    code: null,
    ...changes,
  };
}

const OPEN: Partial<LastRun> = { status: 'NeedsAttention', temporalStatus: 'RUNNING', closedAt: null };

describe('What a sweep makes of a won deal', () => {
  test.each<[string, string, LastRun | null, Sighting]>([
    ['was missed when it has no run', CLOSED, null, 'missed'],
    ['is known as its last run has read it', READ, run(), 'known'],
    ['is known when its last run has read a later change', BEFORE, run(), 'known'],
    ['is looked at again when it changed since its last run read it', AFTER, run(), 'changed'],
    [
      'is looked at again when it changed while its run told the owner, long before the end of that',
      '2026-11-20T10:04:59.000Z',
      run(),
      'changed',
    ],
    [
      'is looked at again when it changed in the second in which its run ended',
      CLOSED,
      run({ status: 'Failed' }),
      'changed',
    ],
    ['is known when its run failed on it as it is now', READ, run({ status: 'Failed' }), 'known'],
    [
      'is looked at again when it was won while its run found it not won',
      AFTER,
      run({ status: 'Skipped', code: 'deal.not_won' }),
      'changed',
    ],
    [
      'is known when it was skipped as it is now',
      BEFORE,
      run({ status: 'Skipped', code: 'deal.not_won' }),
      'known',
    ],
    ['is known when a person cancelled its run as it is now', READ, run({ status: 'Cancelled' }), 'known'],
    [
      'is looked at again when it changed while its cancelled run was being undone',
      AFTER,
      run({ status: 'Cancelled' }),
      'changed',
    ],
    ['is told to its open run when it changed since that read it', AFTER, run(OPEN), 'open'],
    ['is known once its open run has read it', READ, run(OPEN), 'known'],
    ['is told to an open run that has read nothing yet', BEFORE, run({ ...OPEN, readUpTo: null }), 'open'],
    [
      'is known when its run could not read it, and has said so',
      CLOSED,
      run({ status: 'Failed', readUpTo: null }),
      'known',
    ],
    [
      'is looked at again when it changed after its run could not read it',
      '2026-11-20T10:05:00.001Z',
      run({ status: 'Failed', readUpTo: null }),
      'changed',
    ],
  ])('%s', (_promise, changedAt, last, sighting) => {
    expect(judgeSighting(changedAt, last)).toBe(sighting);
  });
});

describe('A run that did not come to say how it ended', () => {
  const unended = RUN_STATUSES.filter((status) => !FINAL_STATUSES.includes(status));

  test.each(['TERMINATED', 'TIMED_OUT', 'FAILED'])(
    'as the server %s it is told, whatever it has read',
    (temporalStatus) => {
      for (const status of [...unended, temporalStatus]) {
        for (const readUpTo of [READ, null]) {
          const last = run({ status, temporalStatus, readUpTo });
          expect(judgeSighting(BEFORE, last)).toBe('ended');
          expect(judgeSighting(AFTER, last)).toBe('ended');
        }
      }
    },
  );

  test('is left alone while it is open', () => {
    for (const status of unended) expect(judgeSighting(BEFORE, run({ ...OPEN, status }))).toBe('known');
  });
});

describe('A caller who was refused for an old plan', () => {
  test('does not hide the deal, which nobody else may tell of', () => {
    const refused = run({ status: 'Skipped', code: 'plan.changed' });
    for (const changedAt of [BEFORE, READ, AFTER]) expect(judgeSighting(changedAt, refused)).toBe('changed');
  });
});

describe('What a sweep that starts over from another day makes of a deal that it knows', () => {
  const judge = (changes: Partial<LastRun>) => judgeSighting(BEFORE, run(changes), { startsOver: true });

  test('starts it again when it was too old for the day before', () => {
    const tooOld = { status: 'Skipped', code: 'deal.won_before' };
    expect(judge(tooOld)).toBe('changed');
    expect(judgeSighting(BEFORE, run(tooOld))).toBe('known');
  });

  test('leaves alone every other one, and one that is at work', () => {
    expect(judge({ status: 'Skipped', code: 'deal.not_won' })).toBe('known');
    expect(judge({ status: 'Delivered' })).toBe('known');
    expect(judge({ ...OPEN, status: 'Planning' })).toBe('known');
  });
});

describe('The lane of a batch', () => {
  test('is the normal one up to 200 runs and the bulk lane above', () => {
    expect([laneFor(1), laneFor(200), laneFor(201), laneFor(1_000)]).toEqual([
      'normal',
      'normal',
      'bulk',
      'bulk',
    ]);
  });
});

test('A deal that is not won and has an action was missed by no event: it is looked at as one that changed', () => {
  expect(judgeSighting(CLOSED, null, { isOnlyAsked: true })).toBe('changed');
  expect(judgeSighting(READ, run(), { isOnlyAsked: true })).toBe('known');
});
