import { expect, test } from '@jest/globals';
import { NUDGES_IN_WORDS } from '../../scripts/docs/texts/nudges.ts';
import { NUDGE_STOPS } from '../../src/domain/seats/nudge-record.ts';
import { nudgeStandings } from '../../src/domain/seats/nudge-standing.ts';
import { dueNudges, type NudgeRule, nudgeKey } from '../../src/domain/seats/nudges.ts';

const DAY = 24 * 60 * 60_000;
const WEEK: NudgeRule = { when: { afterDays: 7 }, unusedAbove: 0.5, to: ['buyer'] };
const END: NudgeRule = { when: { beforeExpiryDays: 30 }, unusedAbove: 0, to: ['owner'] };
const RULES = [WEEK, END];
const USAGE = { deliveredAt: 0, sold: 10, used: 2, unusedEnds: [100 * DAY] };
const tool = { via: 'singleSend', writesToPeople: true };

const standing = (day: number, used = 2) =>
  nudgeStandings({ rules: RULES, tool, records: [], usage: { ...USAGE, used }, now: day * DAY });

test.each([
  [1, 2, ['due', 'due']],
  [7, 2, ['waiting', 'due']],
  [8, 6, ['waiting', 'due']],
  [21, 2, ['stopped', 'due']],
  [70, 2, ['stopped', 'waiting']],
  [84, 2, ['stopped', 'stopped']],
  [7, 10, ['stopped', 'stopped']],
  [100, 2, ['stopped', 'stopped']],
])('on day %i with %i seats in use the rules are %j', (day, used, states) => {
  expect(standing(day, used).map(({ state }) => state)).toEqual(states);
});

test('what is due now is shown as waiting, and nothing else without an obstacle is', () => {
  for (let day = 0; day < 110; day += 0.5) {
    for (const used of [0, 4, 5, 9, 10]) {
      const shown = standing(day, used).filter(({ state, obstacle }) => state === 'waiting' && !obstacle);
      const due = dueNudges(RULES, { ...USAGE, used }, day * DAY);
      expect(shown.map(({ rule }) => rule).sort()).toEqual(due.map(({ key }) => key).sort());
    }
  }
});

test('every reason has a text on a page', () => {
  const covered = new Set(NUDGES_IN_WORDS.entries.flatMap(({ covers }) => covers));
  expect(NUDGE_STOPS.filter((stop) => !covered.has(stop))).toEqual([]);
});

test('what was sent stays in sight after its rule is gone', () => {
  const [shown] = nudgeStandings({
    rules: [END],
    tool,
    records: [
      {
        rule: nudgeKey(WEEK),
        dueAt: 7 * DAY,
        state: 'sent',
        toBuyer: true,
        toOwner: false,
        mail: 'sent',
        via: 'singleSend',
        why: null,
        task: null,
        stopped: null,
        claimedAt: 7 * DAY,
        heldUntil: null,
        settledAt: 7 * DAY,
      },
    ],
    usage: { ...USAGE, used: 10 },
    now: 50 * DAY,
  }).filter(({ record }) => record !== null);
  expect(shown).toMatchObject({ rule: nudgeKey(WEEK), state: 'sent', isInCatalog: false });
});
