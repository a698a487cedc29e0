import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Claim, formatClaim, judgeClaim, parseClaim } from '../../src/domain/deal/hold.ts';

const OURS = 'default/ours';
const THEIRS = 'default/theirs';
const NOW = Date.parse('2026-11-20T12:00:00.000Z');
const BOUNDS = { settleMs: 5_000, leaseMs: 60_000 };

function claim(deployment: string, ageMs: number, isDone = false): string {
  return formatClaim({ deployment, at: new Date(NOW - ageMs).toISOString(), isDone });
}

function judge(text: string | null, seen: string | null = null): string {
  return judgeClaim(text, { deployment: OURS, seen, now: NOW, bounds: BOUNDS }).is;
}

describe('a claim', () => {
  test('comes back from its line as it was written', () => {
    const claims = fc.record<Claim>({
      deployment: fc.stringMatching(/^[\w.-]{1,60}\/[0-9a-f-]{1,36}$/),
      at: fc
        .date({
          min: new Date('2020-01-01T00:00:00Z'),
          max: new Date('2100-01-01T00:00:00Z'),
          noInvalidDate: true,
        })
        .map((date) => date.toISOString()),
      isDone: fc.boolean(),
    });
    fc.assert(fc.property(claims, (value) => expect(parseClaim(formatClaim(value))).toEqual(value)));
  });

  test.each([
    null,
    '',
    'mine',
    'working yesterday default/x',
    'working 2026-99-99Z x',
    'done 2026-11-20T12:00:00Z',
  ])('is not read into %j, and then the deal is free', (text) => {
    expect(parseClaim(text)).toBeNull();
    expect(judge(text)).toBe('free');
  });

  test('never makes the judgement of an edited field fail', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => expect(judge(text, text)).toBe('free')));
  });
});

describe('a claim of ours', () => {
  test('is believed once it was left alone, until half of its lease is over', () => {
    expect([0, 4_999, 5_000, 29_999, 30_000].map((age) => judge(claim(OURS, age)))).toEqual([
      'settling',
      'settling',
      'held',
      'held',
      'free',
    ]);
  });

  test('tells how long it must still be left alone', () => {
    const verdict = judgeClaim(claim(OURS, 1_200), {
      deployment: OURS,
      seen: null,
      now: NOW,
      bounds: BOUNDS,
    });
    expect(verdict).toEqual({ is: 'settling', restMs: 3_800 });
  });

  test('that is done is written anew', () => {
    expect(judge(claim(OURS, 6_000, true))).toBe('free');
  });

  test('from a clock far ahead does not last for ever', () => {
    expect(judge(claim(OURS, -60_000))).toBe('free');
  });
});

describe('a claim of another deployment', () => {
  test.each([0, 5_000, 59_999])('at work for %i ms keeps us off, whether we saw it or not', (age) => {
    const text = claim(THEIRS, age);
    expect(judge(text)).toBe('elsewhere');
    expect(judge(text, text)).toBe('elsewhere');
  });

  test.each([
    ['that was not renewed', claim(THEIRS, 60_000)],
    ['that is done', claim(THEIRS, 1, true)],
    ['from a clock far ahead', claim(THEIRS, -60_000)],
  ])('%s leaves the deal to us only if we planned after it', (_, text) => {
    expect(judge(text)).toBe('elsewhere');
    expect(judge(text, claim(THEIRS, 61_000))).toBe('elsewhere');
    expect(judge(text, text)).toBe('free');
  });
});
