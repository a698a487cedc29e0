import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { TiSandboxOptions } from '../../sandbox/thought-industries/options.ts';
import type { ThoughtIndustriesOptions } from '../../src/clients/thought-industries/lms.ts';
import { failureOf, REQUEST, startScripted, startTenant, type Tenant } from './thought-industries-tenant.ts';

const START = Date.parse('2026-11-22T10:00:00.000Z');
const at = (ms: number) => new Date(START + ms).toISOString();

interface Feed extends Tenant {
  readonly clock: { now: number };
  readonly calls: () => number;
}

/** `count` codes, redeemed at the milliseconds after the start that `when` says. */
async function feedOf(
  count: number,
  when: (number: number) => number,
  {
    sandbox = {},
    client = {},
  }: { sandbox?: TiSandboxOptions; client?: Partial<ThoughtIndustriesOptions> } = {},
): Promise<Feed> {
  const clock = { now: START };
  const tenant = await startTenant({ sandbox: { now: () => clock.now, ...sandbox }, client });
  await tenant.lms.createGroup({ ...REQUEST, seatCount: Math.max(1, count) });
  for (const [number, { code }] of tenant.state.codes.slice(0, count).entries()) {
    clock.now = START + when(number);
    tenant.state.redeem(code, `learner-${number}@acme.example`);
  }
  clock.now = START + 86_400_000;
  const before = tenant.state.requests.length;
  return { ...tenant, clock, calls: () => tenant.state.requests.length - before };
}

const WHOLE = { since: at(0), until: at(86_400_000), maxPages: 50 };

describe.each([
  ['observed', 'ms'],
  ['documented', 'iso'],
  ['observed', 'iso'],
  ['documented', 'ms'],
] as const)('the feed of a tenant of the %s profile, asked with %s first', (profile, eventDates) => {
  test('tells every redemption of the window once, newest first', async () => {
    const { lms, state } = await feedOf(250, (number) => number * 1_000, {
      sandbox: { profile },
      client: { eventDates },
    });
    const { events, isComplete, readUpTo } = await lms.redemptions.events({
      ...WHOLE,
      since: at(10_000),
      until: at(200_000),
    });
    expect(isComplete).toBe(true);
    expect(readUpTo).toBe(at(10_000));
    expect(events).toHaveLength(191);
    const newest = state.codes[200];
    expect(events[0]).toEqual({
      code: newest?.code,
      groupLabel: REQUEST.label,
      at: at(200_000),
      userId: newest?.redeemedBy?.id,
      email: 'learner-200@acme.example',
    });
    expect(events.map((event) => event.at)).toEqual(
      events
        .map((event) => event.at)
        .toSorted()
        .reverse(),
    );
  });

  test('says nothing of a window without redemptions', async () => {
    const { lms } = await feedOf(3, () => 0, { sandbox: { profile }, client: { eventDates } });
    const window = { ...WHOLE, since: at(1_000) };
    expect(await lms.redemptions.events(window)).toEqual({
      events: [],
      isComplete: true,
      readUpTo: at(1_000),
    });
  });
});

describe('a form of date that the tenant does not take', () => {
  test.each(['refused', 'ignored', 'nothing'] as const)(
    'is found out where it is %s, once',
    async (wrongDateForm) => {
      const { lms, calls } = await feedOf(5, (number) => number * 1_000, {
        sandbox: { wrongDateForm },
        client: { eventDates: 'iso' },
      });
      const window = { ...WHOLE, since: at(3_000) };
      expect((await lms.redemptions.events(window)).events).toHaveLength(2);
      expect(calls()).toBe(2);
      await lms.redemptions.events(window);
      expect(calls()).toBe(3);
    },
  );

  test('is made up for where no form is heeded', async () => {
    const { lms } = await feedOf(250, (number) => number * 1_000, {
      sandbox: { wrongDateForm: 'ignored', profile: 'documented' },
    });
    // Neither the milliseconds nor these ISO dates are read.
    const read = await startScripted(({ url }) => {
      const page = Number(url.searchParams.get('cursor') ?? '0');
      const events = Array.from({ length: 100 }, (_, row) => {
        const number = 249 - page * 100 - row;
        return { redemptionCode: `code${number}`, timestamp: at(number * 1_000) };
      }).filter(({ timestamp }) => timestamp >= at(0));
      return {
        status: 200,
        body: { events, pageInfo: { hasMore: page < 2, cursor: page < 2 ? String(page + 1) : null } },
      };
    });
    const window = { ...WHOLE, since: at(10_000), until: at(200_000) };
    const { events, isComplete } = await read.redemptions.events(window);
    expect(events).toHaveLength(191);
    expect(isComplete).toBe(true);
    expect((await lms.redemptions.events(window)).events).toHaveLength(191);
  });

  test('is a failure where both are refused', async () => {
    const lms = await startScripted(() => ({ status: 400, body: { errors: ['no'] } }));
    expect((await failureOf(lms.redemptions.events(WHOLE))).code).toBe('lms.rejected');
  });
});

test('redemptions that share a millisecond at the end of a page are not lost', async () => {
  const { lms } = await feedOf(250, (number) => (number >= 130 && number < 180 ? 155_000 : number * 1_000));
  const { events, isComplete } = await lms.redemptions.events(WHOLE);
  expect(isComplete).toBe(true);
  expect(new Set(events.map(({ code }) => code)).size).toBe(250);
  expect(events).toHaveLength(250);
});

test('a read that ran out of calls goes on where it ended', async () => {
  const { lms, calls } = await feedOf(450, (number) => Math.floor(number / 3) * 1_000);
  const first = await lms.redemptions.events({ ...WHOLE, maxPages: 2 });
  expect(first.isComplete).toBe(false);
  expect(calls()).toBe(2);
  const second = await lms.redemptions.events({ ...WHOLE, until: first.readUpTo });
  expect(second.isComplete).toBe(true);
  const codes = [...first.events, ...second.events].map(({ code }) => code);
  expect(new Set(codes).size).toBe(450);
});

test('however redemptions fall together, reads in pieces find every one of the window', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(40), { minLength: 90, maxLength: 260 }),
      fc.integer({ min: 3, max: 6 }),
      fc.nat(20),
      async (moments, maxPages, from) => {
        const { lms, state } = await feedOf(moments.length, (number) => moments[number] ?? 0);
        const since = at(from);
        const found = new Set<string>();
        let until = WHOLE.until;
        for (let isComplete = false; !isComplete; ) {
          const read = await lms.redemptions.events({ since, until, maxPages });
          for (const { code } of read.events) found.add(code);
          ({ isComplete } = read);
          until = read.readUpTo;
        }
        const wanted = state.codes.filter((_, number) => (moments[number] ?? -1) >= from);
        expect([...found].sort()).toEqual(wanted.map(({ code }) => code).sort());
      },
    ),
    { numRuns: 12, seed: 20261130 },
  );
});

test('an event that the platform shows late is in a later, overlapping read', async () => {
  const { lms, clock } = await feedOf(1, () => 0, { sandbox: { eventDelayMs: 600_000 } });
  clock.now = START + 1_000;
  expect((await lms.redemptions.events(WHOLE)).events).toEqual([]);
  clock.now = START + 600_000;
  expect((await lms.redemptions.events(WHOLE)).events).toHaveLength(1);
});

test('a row without a code is a failure that quotes nothing', async () => {
  const lms = await startScripted(() => ({
    status: 200,
    body: {
      events: [{ timestamp: at(0), redemptionCode: '', user: 'lee@acme.example' }],
      pageInfo: { hasMore: false },
    },
  }));
  const error = await failureOf(lms.redemptions.events(WHOLE));
  expect(error.code).toBe('lms.bad_response');
  expect(error.message).toContain('row 1 has no redemptionCode or no timestamp');
  expect(error.message).not.toContain('acme');
});

test('an answer without a list is a failure', async () => {
  const lms = await startScripted(() => ({ status: 200, body: { hello: 'world' } }));
  expect((await failureOf(lms.redemptions.events(WHOLE))).code).toBe('lms.bad_response');
});
