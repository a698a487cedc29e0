import { expect, test } from '@jest/globals';
import { muteNudges } from '../../src/commands/doctor/mute-nudges.ts';
import { parseCatalog } from '../../src/config/load-catalog.ts';
import {
  dueNudges,
  type NudgeRule,
  nudgedSince,
  nudgeKey,
  type SeatUsage,
} from '../../src/domain/seats/nudges.ts';
import { CRMS } from '../../src/processes/crms.ts';

const DAY = 24 * 60 * 60_000;
const DELIVERED = Date.parse('2026-11-20T09:00:00Z');
const after = (days: number) => DELIVERED + days * DAY;

const WEEK: NudgeRule = { when: { afterDays: 7 }, unusedAbove: 0.5, to: ['buyer'] };
const MONTH: NudgeRule = { when: { afterDays: 30 }, unusedAbove: 0, to: ['buyer', 'owner'] };
const END: NudgeRule = { when: { beforeExpiryDays: 30 }, unusedAbove: 0, to: ['buyer'] };

const usage = (more: Partial<SeatUsage> = {}): SeatUsage => ({
  deliveredAt: DELIVERED,
  sold: 10,
  used: 2,
  unusedEnds: [null],
  ...more,
});

const due = (rules: readonly NudgeRule[], seats: SeatUsage, day: number) =>
  dueNudges(rules, seats, after(day)).map(({ rule }) => rule);

test('a nudge is due on its day, and no longer than an outage is made up for', () => {
  expect([6.99, 7, 20.99, 21].map((day) => due([WEEK], usage(), day).length)).toEqual([0, 1, 1, 0]);
});

test('a rule that is added later writes to the customers of no old deal', () => {
  expect(due([WEEK, MONTH], usage(), 300)).toEqual([]);
});

test('use stops it: all seats are in use, or as many as the rule wants', () => {
  expect(due([WEEK], usage({ used: 5 }), 7)).toEqual([]);
  expect(due([WEEK], usage({ used: 4 }), 7)).toEqual([WEEK]);
  expect(due([MONTH], usage({ used: 10, unusedEnds: [] }), 30)).toEqual([]);
});

test('the end stops it, and so does a withdrawal of all seats', () => {
  expect(due([WEEK], usage({ unusedEnds: [after(6)] }), 7)).toEqual([]);
  expect(due([WEEK], usage({ unusedEnds: [after(6), null] }), 7)).toEqual([WEEK]);
  expect(due([WEEK, MONTH, END], usage({ sold: 0, used: 0, unusedEnds: [] }), 30)).toEqual([]);
});

test('before the end is counted from the first unused seats that end', () => {
  const seats = usage({ unusedEnds: [after(200), after(100), null] });
  expect([69, 70, 83, 84, 170].map((day) => due([END], seats, day).length)).toEqual([0, 1, 1, 0, 1]);
  expect(due([END], usage(), 70)).toEqual([]);
});

test('what ends soon after the delivery needs no reminder of that on the day of the delivery', () => {
  expect(due([END], usage({ unusedEnds: [after(20)] }), 1)).toEqual([]);
});

test('the latest day comes first', () => {
  const rules = [WEEK, { ...WEEK, when: { afterDays: 10 } }];
  expect(due(rules, usage(), 12)).toEqual([...rules].reverse());
});

test('a rule is known by what it says, so a changed one is new, and the order of its readers is none of it', () => {
  expect(nudgeKey({ ...MONTH, to: ['owner', 'buyer'] })).toBe(nudgeKey(MONTH));
  const changed = [
    WEEK,
    { ...WEEK, unusedAbove: 0.4 },
    { ...WEEK, to: ['owner'] },
    { ...WEEK, when: { afterDays: 8 } },
    { ...WEEK, when: { beforeExpiryDays: 7 } },
  ] as NudgeRule[];
  expect(new Set(changed.map(nudgeKey)).size).toBe(changed.length);
});

test('old deals are looked at only where a rule counts from the end', () => {
  expect(nudgedSince([WEEK, MONTH], after(44))).toBe(DELIVERED);
  expect(nudgedSince([WEEK, END], after(44))).toBeNull();
});

/** Their settings are of no matter here. */
const KNOWN = CRMS.map((crm) => ({ ...crm, accountOf: () => 'account' }));

const catalogOf = (rules: string, tools: string) =>
  parseCatalog(
    `version: 1
products: [{ match: { sku: A }, title: A, grants: { courses: [c] } }]
nudges: ${rules}
handOver: { to: buyer, ${tools} }`,
    { learnerUrl: 'https://learn.example' },
  );

const faultsOf = (rules: string, tools = 'salesforce: { via: emailSimple }') => {
  try {
    return catalogOf(rules, tools).nudges;
  } catch (error) {
    return String(error);
  }
};

test.each([
  ['hubspot: { via: list, listId: 7 }', 'hubspot: list, salesforce: none'],
  [
    'hubspot: { via: sequence, sequenceId: 7, userId: 8, senderEmail: a@b.example }, salesforce: { via: none }',
    'hubspot: sequence, salesforce: none',
  ],
])('a rule for the buyer is refused where no e-mail tool can remind one: %s', (tools, found) => {
  expect(faultsOf('[{ afterDays: 1, to: owner }, { afterDays: 7, to: [buyer, owner] }]', tools)).toContain(
    `line 3, column 55: nudges[1].to: no e-mail tool of handOver can remind a buyer (${found}); expected owner alone, or handOver.hubspot.via: singleSend or handOver.salesforce.via: emailSimple`,
  );
  expect(faultsOf('[{ afterDays: 7, to: owner }]', tools)).toHaveLength(1);
});

test.each([
  'hubspot: { via: singleSend, emailId: 7 }',
  'hubspot: { via: list, listId: 7 }, salesforce: { via: emailSimple }',
])('a rule for the buyer is taken where one e-mail tool can remind one: %s', (tools) => {
  expect(faultsOf('[{ afterDays: 7, to: buyer }]', tools)).toHaveLength(1);
});

test('the tools that a CRM names for reminders of buyers are those that write to people', () => {
  const settings = { emailId: 7, sequenceId: '7', userId: '8', senderEmail: 'a@b.example', listId: '7' };
  const given = {
    singleSend: ['emailId'],
    sequence: ['sequenceId', 'userId', 'senderEmail'],
    list: ['listId'],
  };
  for (const { catalog } of CRMS) {
    const writing = ['singleSend', 'sequence', 'list', 'emailSimple', 'none'].filter((via) => {
      const keys = given[via as keyof typeof given] ?? [];
      const needed = Object.fromEntries(keys.map((key) => [key, settings[key as keyof typeof settings]]));
      return catalog.tool.safeParse({ via, ...needed }).data?.tool.traits.writesToPeople;
    });
    expect(writing).toEqual(catalog.buyerTools);
  }
});

test.each([
  [{}, ['HubSpot']],
  [{ crms: { salesforce: {} } }, []],
  [{ crms: { hubspot: {}, salesforce: {} } }, ['HubSpot']],
])('owners who get tasks in place of the reminders of buyers are named by their CRM: %j', (more, crms) => {
  const tools = 'hubspot: { via: list, listId: 7 }, salesforce: { via: emailSimple }';
  const found = muteNudges(catalogOf('[{ afterDays: 7, to: buyer }]', tools), {
    knownCrms: KNOWN,
    crms: {},
    ...more,
  });
  expect(found.map(({ name }) => name)).toEqual(crms.map((crm) => `Reminders of buyers in ${crm}`));
  expect(
    muteNudges(catalogOf('[{ afterDays: 7, to: owner }]', tools), { knownCrms: KNOWN, crms: {} }),
  ).toEqual([]);
});

test('a rule of the catalog that says nothing, too much, or the same twice is refused with what is expected', () => {
  expect(
    faultsOf('[{ afterDays: 7, unusedAbove: 0.5, to: buyer }, { beforeExpiryDays: 30, to: [owner, buyer] }]'),
  ).toEqual([WEEK, { ...END, to: ['buyer', 'owner'] }]);
  const expected = [
    ['[{ to: buyer }]', 'nudges[0]: expected either afterDays or beforeExpiryDays, found neither'],
    ['[{ afterDays: 1, beforeExpiryDays: 1, to: buyer }]', 'afterDays or beforeExpiryDays, found both'],
    ['[{ afterDays: 1, unusedAbove: 50, to: buyer }]', 'expected a share from 0 to below 1'],
    ['[{ afterDays: 1, to: [] }]', 'nudges[0].to'],
    [
      '[{ afterDays: 1, to: [owner, buyer] }, { afterDays: 1, to: [buyer, owner] }]',
      'nudges[1]: says the same as nudges[0]',
    ],
  ] as const;
  for (const [rules, fault] of expected) expect(faultsOf(rules)).toContain(fault);
});
