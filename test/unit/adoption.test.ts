import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { PlannedGroup } from '../../src/domain/planning/plan.ts';
import { adoptionObstacles, chooseGroup } from '../../src/domain/seats/adoption.ts';
import type { CodeGroup } from '../../src/domain/seats/code-group.ts';

const planned: PlannedGroup = {
  token: 'd0123456789abcde',
  platform: 'ti',
  label: 'acme-starter-2026-11-20-d0123456789abcde',
  productKey: 'sku:STARTER',
  title: 'Starter',
  part: 1,
  seatCount: 25,
  codeLength: 12,
  client: 'c1a7e700-4b2d-4f19-8c36-5d7e9f0a1b2c',
  codesExpireAt: '2027-11-20T23:59:59.000Z',
  codesExpireOn: '2027-11-20',
  accessDays: 365,
  accessUntil: null,
  accessEndsOn: null,
  grants: { courses: ['course-a', 'course-b'], learningPaths: ['path'], bundles: [], licenses: [] },
  redeemUrl: 'https://learn.vendor.example/redeem/{code}',
};
const made: CodeGroup = { ...planned, id: 'group-1', redeemedCount: 0 };

describe('an existing group', () => {
  test('may be adopted when content, seats, dates and client agree', () => {
    expect(adoptionObstacles(planned, made)).toEqual([]);
  });

  test('may be adopted whatever its label says in front of the token', () => {
    expect(adoptionObstacles(planned, { ...made, label: 'older-name-d0123456789abcde' })).toEqual([]);
  });

  test('agrees although ids differ in case, order or repetition, and instants in their spelling', () => {
    const other: CodeGroup = {
      ...made,
      client: made.client?.toUpperCase() ?? null,
      codesExpireAt: '2027-11-20T23:59:59Z',
      grants: { ...made.grants, courses: ['COURSE-B', 'course-a', 'course-b'] },
    };
    expect(adoptionObstacles(planned, other)).toEqual([]);
  });

  test.each([
    ['seat count', { seatCount: 24 }, 'seat count is 24, expected 25'],
    ['client', { client: null }, `client is unset, expected ${planned.client}`],
    ['code expiry', { codesExpireAt: null }, /^code expiry is unset, expected \d+$/],
    ['access days', { accessDays: 30 }, 'access days is 30, expected 365'],
    ['access end', { accessUntil: '2027-01-01T00:00:00.000Z' }, /^access end is \d+, expected unset$/],
    [
      'courses',
      { grants: { ...made.grants, courses: ['course-a'] } },
      'courses is course-a, expected course-a course-b',
    ],
    ['learning paths', { grants: { ...made.grants, learningPaths: [] } }, /^learningPaths is /],
    ['bundles', { grants: { ...made.grants, bundles: ['x'] } }, /^bundles is x/],
    ['licenses', { grants: { ...made.grants, licenses: ['x'] } }, /^licenses is x/],
  ])('with other %s is refused, and the reason says what is and what was expected', (_, change, reason) => {
    expect(adoptionObstacles(planned, { ...made, ...change })).toEqual([expect.stringMatching(reason)]);
  });

  test('with several differences is refused with all of them', () => {
    expect(adoptionObstacles(planned, { ...made, seatCount: 1, accessDays: 1, client: null })).toHaveLength(
      3,
    );
  });
});

describe('of several groups with one token', () => {
  const groups = fc.uniqueArray(
    fc
      .record({ id: fc.uuid(), redeemedCount: fc.integer({ min: 0, max: 2 }) })
      .map((row) => ({ ...made, ...row })),
    { selector: ({ id }) => id, minLength: 1, maxLength: 5 },
  );

  test('the same one is chosen in whatever order they are listed, and the others are orphans', () => {
    fc.assert(
      fc.property(groups, fc.infiniteStream(fc.nat()), (listed, chances) => {
        const keyed = listed.map((group) => ({ group, chance: chances.next().value }));
        const shuffled = keyed.sort((a, b) => a.chance - b.chance).map(({ group }) => group);
        const choice = chooseGroup(shuffled);
        expect(choice).toEqual(chooseGroup(listed));
        expect([choice?.chosen, ...(choice?.orphans ?? [])]).toHaveLength(listed.length);
      }),
    );
  });

  test('the one that learners have redeemed from is kept', () => {
    const used = { ...made, id: 'z', redeemedCount: 1 };
    expect(chooseGroup([made, used])?.chosen.id).toBe('z');
  });

  test('of none, none is chosen', () => {
    expect(chooseGroup([])).toBeNull();
  });

  test('the pinned one is taken and no other, whatever was redeemed since; where it is missing, none is', () => {
    const used = { ...made, id: 'a', redeemedCount: 9 };
    const pinned = { ...made, id: 'b' };
    expect(chooseGroup([used, pinned], 'b')).toEqual({ chosen: pinned, orphans: [used] });
    expect(chooseGroup([used], 'b')).toBeNull();
  });
});
