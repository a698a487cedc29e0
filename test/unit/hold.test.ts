import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { formatHold, type Hold, judgeHold, parseHold } from '../../src/domain/deal/hold.ts';

const OURS = 'default/ours';
const THEIRS = 'default/theirs';
const RUN = 'run-1';
const LATER_RUN = 'run-2';
const NOW = Date.parse('2026-11-20T12:00:00.000Z');
const BOUNDS = { pauseMs: 5_000, leaseMs: 60_000 };

function hold(ageMs: number, changes: Partial<Hold> = {}): string {
  const at = new Date(NOW - ageMs).toISOString();
  return formatHold({ deployment: OURS, run: RUN, at, isDone: false, ...changes });
}

function judge(text: string | null, seen: string | null = null): string {
  return judgeHold(text, { deployment: OURS, run: RUN, seen, now: NOW, bounds: BOUNDS }).is;
}

describe('a hold', () => {
  test('comes back from its line as it was written', () => {
    const holds = fc.record<Hold>({
      deployment: fc.stringMatching(/^[\w.-]{1,60}\/[0-9a-f-]{1,36}$/),
      run: fc.uuid(),
      at: fc
        .date({
          min: new Date('2020-01-01T00:00:00Z'),
          max: new Date('2100-01-01T00:00:00Z'),
          noInvalidDate: true,
        })
        .map((date) => date.toISOString()),
      isDone: fc.boolean(),
    });
    const lastWords = fc.stringMatching(/^[0-9a-f]{8}$/);
    const wrote = fc
      .record({ hold: holds, wrote: lastWords })
      .map((one) => ({ ...one.hold, wrote: one.wrote }));
    fc.assert(fc.property(wrote, (value) => expect(parseHold(formatHold(value))).toEqual(value)));
    fc.assert(fc.property(holds, (value) => expect(parseHold(formatHold(value))).toEqual(value)));
  });

  test.each([
    null,
    '',
    'mine',
    'working yesterday default/x run-1',
    'working 2026-99-99Z x run-1',
    'done 2026-11-20T12:00:00Z default/x',
    'done 2026-11-20T12:00:00Z default/x run-1 more',
    'done 2026-11-20T12:00:00Z default/x run-1 0a1b2c3d more',
  ])('is not read into %j, and then the deal is free', (text) => {
    expect(parseHold(text)).toBeNull();
    expect(judge(text)).toBe('free');
  });

  test('never makes the judgement of an edited field fail', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => expect(judge(text, text)).toBe('free')));
  });
});

describe('a hold of this run', () => {
  test('is believed once it was left alone, until half of its lease is over', () => {
    expect([0, 4_999, 5_000, 29_999, 30_000].map((age) => judge(hold(age)))).toEqual([
      'fresh',
      'fresh',
      'held',
      'held',
      'free',
    ]);
  });

  test('tells how long it must still be left alone', () => {
    const context = { deployment: OURS, run: RUN, seen: null, now: NOW, bounds: BOUNDS };
    expect(judgeHold(hold(1_200), context)).toEqual({ is: 'fresh', restMs: 3_800 });
  });

  test('is left alone no longer than that, though the clock that wrote it is ahead of ours', () => {
    const context = { deployment: OURS, run: RUN, seen: null, now: NOW, bounds: BOUNDS };
    expect(judgeHold(hold(-40_000), context)).toEqual({ is: 'fresh', restMs: BOUNDS.pauseMs });
  });

  test('that ran out while a step was away is written anew', () => {
    expect(judge(hold(60_000))).toBe('free');
  });

  test('from a clock far ahead does not last for ever', () => {
    expect(judge(hold(-60_000))).toBe('free');
  });

  test('that is done is written anew only by whoever read the deal after it: an earlier step of this run is late', () => {
    const done = hold(6_000, { isDone: true });
    expect(judge(done)).toBe('superseded');
    expect(judge(done, hold(6_000))).toBe('superseded');
    expect(judge(done, done)).toBe('free');
  });
});

describe('a hold of this run that is done by its last word', () => {
  const done = hold(6_000, { isDone: true, wrote: '0a1b2c3d' });
  const judgeWriting = (writes: string | undefined, run = RUN) =>
    judgeHold(done, { deployment: OURS, run, seen: null, now: NOW, bounds: BOUNDS, writes }).is;

  test('is known again by the attempt that writes the same, and only by that', () => {
    expect(judgeWriting('0a1b2c3d')).toBe('written');
    expect(judgeWriting('ffffffff')).toBe('superseded');
    expect(judgeWriting(undefined)).toBe('superseded');
    expect(judgeWriting('0a1b2c3d', LATER_RUN)).toBe('superseded');
  });
});

describe('a hold of another run of this deployment', () => {
  test.each<[string, string]>([
    ['at work', hold(0, { run: LATER_RUN })],
    ['at work for long', hold(59_999, { run: LATER_RUN })],
    ['that ran out', hold(60_000, { run: LATER_RUN })],
    ['that is done', hold(1, { run: LATER_RUN, isDone: true })],
    ['done long ago', hold(9_000_000, { run: LATER_RUN, isDone: true })],
  ])('%s supersedes a run that did not see it, as after a reset, and no other', (_, text) => {
    expect(judge(text)).toBe('superseded');
    expect(judge(text, hold(100_000))).toBe('superseded');
    // A deal has one open run, so the one that it was is over.
    expect(judge(text, text)).toBe('free');
  });
});

describe('a hold of another deployment', () => {
  test.each([0, 5_000, 59_999])('at work for %i ms keeps us off, whether we saw it or not', (age) => {
    for (const run of [RUN, LATER_RUN]) {
      const text = hold(age, { deployment: THEIRS, run });
      expect(judge(text)).toBe('elsewhere');
      expect(judge(text, text)).toBe('elsewhere');
    }
  });

  test.each([
    ['that was not renewed', hold(60_000, { deployment: THEIRS })],
    ['that is done', hold(1, { deployment: THEIRS, isDone: true })],
    ['from a clock far ahead', hold(-60_000, { deployment: THEIRS })],
  ])('%s leaves the deal to us only if we planned after it', (_, text) => {
    expect(judge(text)).toBe('elsewhere');
    expect(judge(text, hold(61_000, { deployment: THEIRS }))).toBe('elsewhere');
    expect(judge(text, text)).toBe('free');
  });
});
