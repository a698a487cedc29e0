import { describe, expect, test } from '@jest/globals';
import { type Clock, RequestBudget } from '../../src/clients/request-budget.ts';
import { FakeClock, reactions } from './fake-clock.ts';
import {
  allCodes,
  clientOf,
  failureOf,
  LEADERSHIP,
  REQUEST,
  startScripted,
  startTenant,
} from './thought-industries-tenant.ts';

const TOKEN = 'k7q2m9x4';
/** While the codes of `REQUEST` may be redeemed. */
const UNEXPIRED = Date.parse('2026-11-22T10:00:00Z');

test('the platform has a name for ledgers and one for people', () => {
  const { name, displayName } = clientOf('http://127.0.0.1:9');
  expect({ name, displayName }).toEqual({ name: 'ti', displayName: 'Thought Industries' });
});

describe('ping', () => {
  test('accepts a valid key', async () => {
    const { lms } = await startTenant();
    await expect(lms.ping()).resolves.toBeUndefined();
  });

  test('refuses another key, and never tells it', async () => {
    const { url } = await startTenant();
    const error = await failureOf(clientOf(url, { apiKey: 'wrong-key' }).ping());
    expect(error.code).toBe('lms.unauthorized');
    expect(error.message).toBe(
      'Thought Industries: prove the API key: GET /ping answered 401 (check TI_API_KEY)',
    );
  });

  test('refuses a key that the platform calls not valid', async () => {
    const lms = await startScripted(() => ({ status: 200, body: { valid: false } }));
    expect((await failureOf(lms.ping())).code).toBe('lms.unauthorized');
  });

  test('takes an enveloped answer', async () => {
    const lms = await startScripted(() => ({ status: 200, body: { data: { APIPing: { valid: true } } } }));
    await expect(lms.ping()).resolves.toBeUndefined();
  });

  test('does not take any 200 for a yes', async () => {
    const lms = await startScripted(() => ({ status: 200, body: { hello: 'world' } }));
    expect((await failureOf(lms.ping())).code).toBe('lms.bad_response');
  });
});

describe('createGroup', () => {
  test('makes one group of what was asked and echoes it', async () => {
    const { lms, state } = await startTenant();
    const group = await lms.createGroup(REQUEST);
    const { codeLength, ...echo } = REQUEST;
    expect(group).toEqual({ ...echo, id: state.groups[0]?.id, redeemedCount: 0 });
    expect(state.groups).toHaveLength(1);
    expect(state.codes.map(({ code }) => code.length)).toEqual([codeLength, codeLength, codeLength]);
  });

  test.each([200, 201] as const)('takes %i for success', async (createStatus) => {
    const { lms } = await startTenant({ sandbox: { createStatus } });
    expect((await lms.createGroup(REQUEST)).label).toBe(REQUEST.label);
  });

  test('leaves absent options out and sends every date as a full UTC instant', async () => {
    let sent: unknown;
    const lms = await startScripted(({ body }) => {
      sent = JSON.parse(body.toString());
      return { status: 201, body: { id: 'g', label: 'l', totalCodesCount: 3 } };
    });
    await lms.createGroup({
      ...REQUEST,
      codesExpireAt: '2027-11-20',
      accessDays: null,
      accessUntil: '2028-01-01T01:00:00+01:00',
    });
    expect(sent).toEqual({
      label: REQUEST.label,
      codeLength: 12,
      totalCodesCount: 3,
      expirationDate: '2027-11-20T00:00:00.000Z',
      accessExpirationDate: '2028-01-01T00:00:00.000Z',
      courses: [LEADERSHIP],
    });
  });

  test.each([400, 409, 422] as const)('tells the texts of a refusal of status %i', async (invalidStatus) => {
    const { lms, state } = await startTenant({ sandbox: { invalidStatus } });
    const none = { courses: [], learningPaths: [], bundles: [], licenses: [] };
    const error = await failureOf(lms.createGroup({ ...REQUEST, grants: none }));
    expect(error.code).toBe('lms.rejected');
    expect(error.message).toContain('Please choose at least one item to give access to');
    expect(state.groups).toHaveLength(0);
  });

  test('has an unknown outcome when an id came back beside errors', async () => {
    const lms = await startScripted(() => ({
      status: 200,
      body: { id: 'g-1', label: REQUEST.label, totalCodesCount: 3, errors: ['Course is archived'] },
    }));
    const error = await failureOf(lms.createGroup(REQUEST));
    expect(error.code).toBe('lms.outcome_unknown');
    expect(error.message).toContain('Course is archived');
  });

  test('has an unknown outcome when an id came back but the group cannot be read', async () => {
    const lms = await startScripted(() => ({ status: 201, body: { id: 'g-1', totalCodesCount: 'three' } }));
    const error = await failureOf(lms.createGroup(REQUEST));
    expect(error.code).toBe('lms.outcome_unknown');
    expect(error.message).toContain('totalCodesCount');
    expect(error.message).not.toContain('three');
  });

  test('sends the request once, whatever happens', async () => {
    const { lms, state, faults } = await startTenant();
    faults.add({ system: 'ti', method: 'POST', kind: 'dropAfterCommit' });
    expect((await failureOf(lms.createGroup(REQUEST))).code).toBe('lms.outcome_unknown');
    expect(state.groups).toHaveLength(1);
    expect(await lms.findGroupsByToken(TOKEN)).toHaveLength(1);
  });
});

describe('findGroupsByToken', () => {
  test('finds exactly the labels that end in the token', async () => {
    const { lms } = await startTenant();
    for (const label of [`a-${TOKEN}`, `b-${TOKEN}`, `c-${TOKEN}x`, `x${TOKEN}`, `${TOKEN}-old`, TOKEN]) {
      await lms.createGroup({ ...REQUEST, label });
    }
    const labels = (await lms.findGroupsByToken(TOKEN)).map(({ label }) => label);
    expect(labels.sort()).toEqual([`a-${TOKEN}`, `b-${TOKEN}`, TOKEN]);
  });

  test('finds with another search the labels that have the token anywhere', async () => {
    const { lms } = await startTenant();
    for (const label of [`a-${TOKEN}`, `c-${TOKEN}x`, `a-${TOKEN}-d1`, `x${TOKEN}-d2`]) {
      await lms.createGroup({ ...REQUEST, label });
    }
    const labels = (await lms.findGroupsNaming(TOKEN)).map(({ label }) => label);
    expect(labels.sort()).toEqual([`a-${TOKEN}`, `a-${TOKEN}-d1`]);
  });

  test('finds nothing where nothing is', async () => {
    const { lms } = await startTenant();
    expect(await lms.findGroupsByToken(TOKEN)).toEqual([]);
  });

  test('reads all pages and returns a repeated row once', async () => {
    const { lms } = await startTenant({ sandbox: { duplicateRows: true } });
    for (let number = 0; number < 120; number += 1) {
      await lms.createGroup({ ...REQUEST, label: `g${number}-${TOKEN}` });
    }
    const found = await lms.findGroupsByToken(TOKEN);
    expect(new Set(found.map(({ label }) => label)).size).toBe(120);
    expect(found).toHaveLength(120);
  });

  const row = (label: string) => ({ id: `id-${label}`, label, totalCodesCount: 1 });
  const endless = (rows: object[]) => () => ({
    status: 200,
    body: { redemptionCodeGroups: rows, pageInfo: { hasMore: true, cursor: 'same' } },
  });

  test('does not say "none" of a list whose end it never saw', async () => {
    const lms = await startScripted(endless([row('other')]));
    const error = await failureOf(lms.findGroupsByToken(TOKEN));
    expect(error.code).toBe('lms.bad_response');
  });

  test('tells of a group it found in a list without an end', async () => {
    const lms = await startScripted(endless([row('other'), row(`a-${TOKEN}`)]));
    expect(await lms.findGroupsByToken(TOKEN)).toHaveLength(1);
  });

  test('takes an empty page for the end', async () => {
    const lms = await startScripted(endless([]));
    expect(await lms.findGroupsByToken(TOKEN)).toEqual([]);
  });

  test('passes over rows of others that it cannot read, but not over its own', async () => {
    const page = (rows: unknown[]) => () => ({
      status: 200,
      body: { redemptionCodeGroups: rows, pageInfo: { hasMore: false } },
    });
    const others = [null, {}, { label: 7 }, { label: 'x' }];
    const calm = await startScripted(page([...others, row(`a-${TOKEN}`)]));
    expect(await calm.findGroupsByToken(TOKEN)).toHaveLength(1);
    const broken = await startScripted(page([{ id: 'i', label: `a-${TOKEN}` }]));
    expect((await failureOf(broken.findGroupsByToken(TOKEN))).code).toBe('lms.bad_response');
  });

  test('takes an enveloped list', async () => {
    const lms = await startScripted(() => ({
      status: 200,
      body: {
        data: { APIGroups: { redemptionCodeGroups: [row(`a-${TOKEN}`)], pageInfo: { hasMore: false } } },
      },
    }));
    expect(await lms.findGroupsByToken(TOKEN)).toHaveLength(1);
  });
});

describe('getGroup', () => {
  test('reads a group with its redemptions', async () => {
    const { lms, state } = await startTenant({ sandbox: { now: () => UNEXPIRED } });
    const { id } = await lms.createGroup(REQUEST);
    state.redeem(state.codes[0]?.code ?? '');
    expect(await lms.getGroup(id)).toMatchObject({
      id,
      redeemedCount: 1,
      codesExpireAt: REQUEST.codesExpireAt,
    });
  });

  test('says that a group does not exist', async () => {
    const { lms } = await startTenant();
    expect((await failureOf(lms.getGroup('nowhere'))).code).toBe('lms.not_found');
  });

  test.each(['', '.', '..'])('refuses "%s", which would address another path', async (groupId) => {
    const { lms, state } = await startTenant();
    await expect(lms.getGroup(groupId)).rejects.toThrow(RangeError);
    expect(state.requests).toEqual([]);
  });

  test('percent-encodes the id', async () => {
    const paths: string[] = [];
    const lms = await startScripted(({ url }) => {
      paths.push(url.pathname);
      return { status: 404 };
    });
    await failureOf(lms.getGroup('a/../b?c#d'));
    expect(paths).toEqual(['/incoming/v2/redemptionCodes/a%2F..%2Fb%3Fc%23d']);
  });
});

describe('the code list', () => {
  test('comes page by page with every code once, and tells which are redeemed', async () => {
    const { lms, state } = await startTenant({ sandbox: { duplicateRows: true, now: () => UNEXPIRED } });
    const { id } = await lms.createGroup({ ...REQUEST, seatCount: 130 });
    const used = state.codes[7]?.code ?? '';
    state.redeem(used);
    const codes = await allCodes(lms, id);
    expect(codes.map(({ code }) => code).sort()).toEqual(state.codes.map(({ code }) => code).sort());
    expect(codes.filter(({ isRedeemed }) => isRedeemed)).toEqual([
      {
        code: used,
        isRedeemed: true,
        redeemedAt: '2026-11-22T10:00:00.000Z',
        redeemedByUserId: state.users.all[0]?.id,
      },
    ]);
    expect(state.requests.filter(({ path }) => path.endsWith('/codes'))).toHaveLength(3);
  });

  test('is read no further than the caller goes', async () => {
    const { lms, state } = await startTenant();
    const { id } = await lms.createGroup({ ...REQUEST, seatCount: 130 });
    for await (const page of lms.listCodes(id)) {
      expect(page).toHaveLength(50);
      break;
    }
    expect(state.requests.filter(({ path }) => path.endsWith('/codes'))).toHaveLength(1);
  });

  test('is looked at with one call, which tells whether it goes on and how long the platform says it is', async () => {
    const { lms, state } = await startTenant();
    const { id } = await lms.createGroup({ ...REQUEST, seatCount: 51 });
    const before = state.requests.length;
    const { codes, ...look } = await lms.lookAtCodes(id);
    expect(codes).toHaveLength(50);
    expect(look).toEqual({ hasMore: true, total: 51 });
    expect(state.requests).toHaveLength(before + 1);
  });

  test('is all that the platform is asked for, until somebody asks for every code', async () => {
    const { lms, state } = await startTenant();
    const { id } = await lms.createGroup({ ...REQUEST, seatCount: 500 });
    await lms.getGroup(id);
    await lms.findGroupsByToken(TOKEN);
    const codePages = () => state.requests.filter(({ path }) => path.endsWith('/codes'));
    expect(codePages()).toHaveLength(0);
    for await (const page of lms.listCodes(id)) {
      expect(page).toHaveLength(50);
      break;
    }
    expect(codePages()).toHaveLength(1);
  });

  test('grows while codes are being made', async () => {
    let now = 0;
    const { lms } = await startTenant({
      sandbox: { now: () => now, listingDelayMs: 300, listingBatches: 3 },
    });
    const { id } = await lms.createGroup(REQUEST);
    const counts = [];
    for (now of [0, 100, 200, 300]) counts.push((await lms.lookAtCodes(id)).codes.length);
    expect(counts).toEqual([0, 1, 2, 3]);
  });

  test('that repeats a cursor ends instead of going round, and loses nothing that was read', async () => {
    const { lms } = await startTenant({ sandbox: { repeatCursorOnce: true } });
    const { id } = await lms.createGroup({ ...REQUEST, seatCount: 130 });
    expect(await allCodes(lms, id)).toHaveLength(100);
  });

  test.each(['/redemptionCodes/{groupId}/redemptionCodes', '/redemptionCodes/codes?groupId={groupId}'])(
    'is found under %s when configured',
    async (codesPath) => {
      const { lms } = await startTenant({ sandbox: { codesPath }, client: { codesPath } });
      const { id } = await lms.createGroup({ ...REQUEST, seatCount: 60 });
      expect(await allCodes(lms, id)).toHaveLength(60);
    },
  );

  test('may be embedded in the group', async () => {
    const lms = await startScripted(
      ({ path }) => ({
        status: 200,
        body: { id: 'g', label: 'l', courses: [{ id: 'c' }], codes: [{ code: path }] },
      }),
      { codesPath: '/redemptionCodes/{groupId}' },
    );
    expect(await allCodes(lms, 'g')).toEqual([{ code: '/incoming/v2/redemptionCodes/g', isRedeemed: false }]);
  });

  test('that the tenant does not have names the setting to correct', async () => {
    const { lms } = await startTenant({ sandbox: { codesPath: null } });
    const { id } = await lms.createGroup(REQUEST);
    for (const failure of [lms.lookAtCodes(id), allCodes(lms, id)]) {
      const error = await failureOf(failure);
      expect(error.code).toBe('lms.codes_path_missing');
      expect(error.message).toContain('TI_CODES_PATH');
    }
  });

  test('of a group that is gone says so, instead of blaming the path', async () => {
    const { lms } = await startTenant();
    expect((await failureOf(lms.lookAtCodes('gone'))).code).toBe('lms.not_found');
    expect((await failureOf(allCodes(lms, 'gone'))).code).toBe('lms.not_found');
  });

  test('under a path that answers something else names the setting to correct', async () => {
    const lms = await startScripted(() => ({ status: 200, body: { id: 'g', courses: [{ id: 'c' }] } }));
    expect((await failureOf(lms.lookAtCodes('g'))).code).toBe('lms.codes_path_missing');
  });

  test('with a row that has no code is refused as a whole', async () => {
    const lms = await startScripted(() => ({
      status: 200,
      body: { codes: [{ code: 'canary-1' }, { kode: 'canary-2' }] },
    }));
    const error = await failureOf(allCodes(lms, 'g'));
    expect(error.code).toBe('lms.bad_response');
    expect(error.message).toContain('row 2');
    expect(error.message).not.toContain('canary');
  });

  test('stops at once when cancelled in the middle of a call', async () => {
    const controller = new AbortController();
    const reason = new Error('deal cancelled');
    const lms = await startScripted(() => {
      controller.abort(reason);
      return new Promise(() => {});
    });
    await expect(lms.lookAtCodes('g', controller.signal)).rejects.toBe(reason);
  });

  test.each(['codes/{groupId}', '/codes', '/codes/{groupId}#x'])('refuses the template %s', (codesPath) => {
    expect(() => clientOf('http://127.0.0.1', { codesPath })).toThrow(/TI_CODES_PATH is .*expected/);
  });
});

describe('the shared budget', () => {
  function budgetOn(clock: Clock, requestsPerMinute = 60_000) {
    return new RequestBudget({ requestsPerMinute, clock });
  }

  test('holds back every caller after a 429 until the platform said', async () => {
    const clock = new FakeClock();
    const budget = budgetOn(clock);
    const { lms, faults, state, url } = await startTenant({ client: { budget, maxWaitMs: 60_000 } });
    faults.add({ system: 'ti', kind: 'rateLimit', headers: { 'Retry-After': '40' } });
    expect(await failureOf(lms.ping())).toMatchObject({ code: 'lms.rate_limited', retryAfterMs: 40_000 });

    const other = clientOf(url, { budget, maxWaitMs: 60_000 }).ping();
    await clock.advance(39_999);
    expect(clock.pendingTimers).toBe(1);
    expect(state.requests).toEqual([]);
    await clock.advance(1);
    await expect(other).resolves.toBeUndefined();
  });

  test('gives up at once, unsent, when the wait is beyond the bound', async () => {
    const clock = new FakeClock();
    const budget = budgetOn(clock);
    const { lms, state } = await startTenant({ client: { budget, maxWaitMs: 20_000 } });
    budget.holdFor(90_000);
    const error = await failureOf(lms.createGroup(REQUEST));
    expect(error).toMatchObject({ code: 'lms.rate_limited', retryAfterMs: 90_000 });
    expect(state.requests).toEqual([]);
  });

  test('lets the pages of a code list wait longer than a single call', async () => {
    const clock = new FakeClock();
    const budget = budgetOn(clock);
    const { lms, state } = await startTenant({ client: { budget, maxWaitMs: 20_000 } });
    const { id } = await lms.createGroup(REQUEST);
    budget.holdFor(90_000);
    const listing = allCodes(lms, id);
    await reactions();
    expect(clock.pendingTimers).toBe(1);
    expect((await failureOf(lms.lookAtCodes(id))).code).toBe('lms.rate_limited');
    await clock.advance(90_000);
    expect(await listing).toHaveLength(state.codes.length);
  });

  test('does not count the wait for a turn against the deadline of the call', async () => {
    const clock = new FakeClock();
    const budget = budgetOn(clock);
    const { lms } = await startTenant({ client: { budget, maxWaitMs: 60_000, timeoutMs: 5_000 } });
    budget.holdFor(30_000);
    const ping = lms.ping();
    expect(clock.pendingTimers).toBe(1);
    await clock.advance(30_000);
    await expect(ping).resolves.toBeUndefined();
  });

  test('slows down when the platform says that little is left', async () => {
    const clock = new FakeClock();
    const budget = budgetOn(clock);
    const reset = String(clock.now() / 1000 + 60);
    const scarce = { 'X-RateLimit-Limit': '100', 'X-RateLimit-Remaining': '4', 'X-RateLimit-Reset': reset };
    const { lms, faults, state } = await startTenant({
      client: { budget, now: () => clock.now(), maxWaitMs: 60_000 },
    });
    const date = new Date(clock.now()).toUTCString();
    faults.add({
      system: 'ti',
      kind: 'status',
      status: 200,
      body: { valid: true },
      headers: { ...scarce, date },
    });
    await lms.ping();
    const second = lms.ping();
    await clock.advance(29_000);
    expect(clock.pendingTimers).toBe(1);
    expect(state.requests).toEqual([]);
    await clock.advance(1_000);
    await expect(second).resolves.toBeUndefined();
  });

  test('a cancelled caller stops waiting', async () => {
    const clock = new FakeClock();
    const budget = budgetOn(clock);
    const { lms, state } = await startTenant({ client: { budget, maxWaitMs: 60_000 } });
    budget.holdFor(30_000);
    const controller = new AbortController();
    const reason = new Error('deal cancelled');
    const ping = lms.ping(controller.signal);
    controller.abort(reason);
    await expect(ping).rejects.toBe(reason);
    expect(state.requests).toEqual([]);
  });
});
