import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import type { Fault } from '../../sandbox/faults.ts';
import type { Lms } from '../../src/clients/lms.ts';
import type { FailureCode } from '../../src/domain/failure.ts';
import {
  API_KEY,
  allCodes,
  clientOf,
  failureOf,
  LEADERSHIP,
  REQUEST,
  startTenant,
} from './thought-industries-tenant.ts';

/** Stands for a code in answers: must never come out of the client in a failure. */
const CANARY = 'canary7f3k';

type Call =
  | 'ping'
  | 'createGroup'
  | 'findGroupsByToken'
  | 'getGroup'
  | 'lookAtCodes'
  | 'listCodes'
  | 'readLearner'
  | 'grant'
  | 'setAccessEnd';

const GRANTS = { courses: [LEADERSHIP], learningPaths: [], bundles: [], licenses: [] };
const PERSON = { email: `${CANARY}@acme.example`, firstName: 'Lee', lastName: 'Learner' };

const CALLS: Readonly<Record<Call, (lms: Lms, groupId: string) => Promise<unknown>>> = {
  ping: (lms) => lms.ping(),
  createGroup: (lms) => lms.createGroup(REQUEST),
  findGroupsByToken: (lms) => lms.findGroupsByToken('k7q2m9x4'),
  getGroup: (lms, groupId) => lms.getGroup(groupId),
  lookAtCodes: (lms, groupId) => lms.lookAtCodes(groupId),
  listCodes: (lms, groupId) => allCodes(lms, groupId),
  readLearner: (lms) => lms.learners.read('u-1'),
  grant: (lms) => lms.learners.grant({ ...PERSON, grants: GRANTS }),
  setAccessEnd: (lms) => lms.learners.setAccessEnd({ userId: 'u-1', grants: GRANTS, until: '2027-01-31' }),
};

interface Variant {
  readonly name: string;
  readonly fault: Omit<Fault, 'system' | 'times'>;
  readonly read: FailureCode;
  /** Where the create call differs. */
  readonly create?: FailureCode;
  /** Where a call that lists codes differs. */
  readonly codes?: FailureCode;
  readonly says?: string;
}

const unavailable = { read: 'lms.unavailable', create: 'lms.outcome_unknown' } as const;
const unreadable = { read: 'lms.bad_response', create: 'lms.outcome_unknown' } as const;
const missing = { read: 'lms.not_found', codes: 'lms.codes_path_missing' } as const;

function status(code: number, body?: string | object, headers?: Record<string, string>): Variant['fault'] {
  return {
    kind: 'status',
    status: code,
    ...(body === undefined ? {} : { body }),
    ...(headers ? { headers } : {}),
  };
}

const VARIANTS: readonly Variant[] = [
  { name: '401 with an empty body', fault: status(401, ''), read: 'lms.unauthorized', says: 'TI_API_KEY' },
  {
    name: '403 with texts',
    fault: status(403, { errors: ['Role too weak'] }),
    read: 'lms.forbidden',
    says: 'Role too weak',
  },
  {
    name: '403 as a page of a firewall',
    fault: status(403, '<html>Blocked</html>'),
    read: 'lms.forbidden',
    says: 'HTML',
  },
  { name: '404 without a body', fault: status(404), ...missing },
  {
    name: '404 as JSON',
    fault: status(404, { errors: [{ message: 'Not found' }] }),
    ...missing,
    says: 'Not found',
  },
  { name: '405', fault: status(405, { errors: ['Method not allowed'] }), ...missing },
  { name: '410', fault: status(410), ...missing },
  {
    name: '400 with strings',
    fault: status(400, { errors: ['Label is blank'] }),
    read: 'lms.rejected',
    says: 'Label is blank',
  },
  {
    name: '409 with objects',
    fault: status(409, { errors: [{ message: 'Label is taken' }] }),
    read: 'lms.rejected',
    says: 'Label is taken',
  },
  {
    name: '422 with records',
    fault: status(422, { errors: [{ id: '7', error: 'Unknown course' }] }),
    read: 'lms.rejected',
    says: 'Unknown course',
  },
  {
    name: '422 with a map',
    fault: status(422, { errors: { label: ['is blank'] } }),
    read: 'lms.rejected',
    says: 'label: is blank',
  },
  { name: '413', fault: status(413, '{"error":"too large"}'), read: 'lms.rejected', says: 'too large' },
  { name: '400 without a readable body', fault: status(400, 'plain text'), read: 'lms.rejected' },
  { name: '408', fault: status(408), ...unavailable },
  { name: '429 in the documented form', fault: { kind: 'rateLimit' }, read: 'lms.rate_limited' },
  { name: '429 with nothing', fault: status(429, ''), read: 'lms.rate_limited' },
  {
    name: '200 with GraphQL errors',
    fault: status(200, { data: null, errors: [{ message: 'No access' }] }),
    read: 'lms.rejected',
    says: 'No access',
  },
  {
    name: '200 with partial errors',
    fault: status(200, { updatedRecordCount: 0, errors: ['One failed'] }),
    read: 'lms.rejected',
    says: 'One failed',
  },
  {
    name: '200 with a flat error',
    fault: status(200, { error: 'nope' }),
    read: 'lms.rejected',
    says: 'nope',
  },
  {
    name: '200 as HTML',
    fault: status(200, '<!doctype html><p>Maintenance</p>'),
    ...unavailable,
    says: 'HTML',
  },
  { name: '200 with an empty body', fault: status(200, ''), ...unreadable },
  {
    name: '200 with broken JSON',
    fault: status(200, `{"redemptionCodes":[{"code":"${CANARY}"`),
    ...unreadable,
  },
  {
    name: '200 with JSON of another kind',
    fault: status(200, '"hello"'),
    ...unreadable,
    codes: 'lms.codes_path_missing',
  },
  { name: '204', fault: status(204), ...unreadable },
  {
    name: '301',
    fault: status(301, '', { location: 'https://elsewhere.example/' }),
    ...unreadable,
    says: 'TI_BASE_URL',
  },
  { name: '302', fault: status(302, '', { location: '/login' }), ...unreadable, says: 'TI_BASE_URL' },
  { name: '500 with JSON', fault: status(500, { errors: ['boom'] }), ...unavailable, says: 'boom' },
  { name: '502 as HTML', fault: { kind: 'html' }, ...unavailable, says: 'HTML' },
  { name: '503', fault: status(503), ...unavailable },
  { name: '504', fault: status(504), ...unavailable },
  { name: 'a connection dropped before it was carried out', fault: { kind: 'dropBefore' }, ...unavailable },
  {
    name: 'a connection dropped after it was carried out',
    fault: { kind: 'dropAfterCommit' },
    ...unavailable,
  },
  { name: 'a truncated answer', fault: { kind: 'truncate' }, ...unavailable },
  { name: 'a stalled answer', fault: { kind: 'stall' }, ...unavailable, says: 'within ' },
];

/** Where the calls about learners have codes of their own. */
const OF_LEARNERS: Readonly<Partial<Record<Call, Partial<Record<FailureCode, FailureCode>>>>> = {
  readLearner: { 'lms.not_found': 'lms.learner_not_found' },
  grant: { 'lms.rejected': 'lms.learner_rejected' },
  setAccessEnd: { 'lms.not_found': 'lms.learner_not_found' },
};

function expectedCode(call: Call, variant: Variant): FailureCode {
  const { read, create, codes } = variant;
  const code = call === 'createGroup' || call === 'grant' ? (create ?? read) : read;
  // A success that carries errors is the half of a change.
  if (call === 'setAccessEnd' && code === 'lms.rejected' && variant.fault.status === 200)
    return 'lms.partly_done';
  const own = OF_LEARNERS[call]?.[code];
  if (own || code !== read) return own ?? code;
  const listsCodes = call === 'lookAtCodes' || call === 'listCodes';
  return (listsCodes && codes) || code;
}

describe.each(VARIANTS)('$name', (variant) => {
  test.each(Object.keys(CALLS) as Call[])('ends %s with the failure of the table', async (call) => {
    // The time counts from before there is a connection, and a create that was never sent is another failure.
    const stallMs = call === 'createGroup' || call === 'grant' ? 1_500 : 250;
    const { lms, state, faults, url } = await startTenant({
      sandbox: { codeSource: (number) => `${CANARY}${number}` },
      client: { timeoutMs: variant.fault.kind === 'stall' ? stallMs : 20_000 },
    });
    const { id } = await clientOf(url).createGroup({ ...REQUEST, label: 'seed' });
    const before = state.requests.length;
    faults.add({ system: 'ti', ...variant.fault });

    const error = await failureOf(CALLS[call](lms, id));

    expect(error.code).toBe(expectedCode(call, variant));
    expect(error.message).toMatch(/^Thought Industries: \w+.*: (GET|POST) \S+/);
    const isQuotable = call !== 'lookAtCodes' && call !== 'listCodes';
    const isAdvice = /^(TI_|HTML|within)/.test(variant.says ?? '');
    if (variant.says && (isQuotable || isAdvice)) expect(error.message).toContain(variant.says);
    // One call goes into the fault; only a missing code list is looked into with one more.
    expect(state.requests.length - before).toBeLessThanOrEqual(1);
    const shown = `${inspect(error, { depth: 10 })} ${JSON.stringify(error)}`;
    expect(shown).not.toContain(CANARY);
    expect(shown).not.toContain(API_KEY);
  });
});

describe('a connection never made', () => {
  test.each(Object.keys(CALLS) as Call[])('leaves %s undone, the create too', async (call) => {
    // Port 9 (discard) is not served here, and connecting to it is refused.
    const error = await failureOf(CALLS[call](clientOf('http://127.0.0.1:9'), 'g'));
    expect(error.code).toBe('lms.unavailable');
    expect(error.message).toContain('ECONNREFUSED');
  });
});

describe('the delay after a 429', () => {
  const now = Date.UTC(2026, 10, 22, 10);
  const date = new Date(now).toUTCString();
  const reset = (seconds: number) => ({ 'X-RateLimit-Reset': String(now / 1000 + seconds) });

  test.each([
    ['is the header', { 'Retry-After': '12' }, {}, 12_000],
    ['is an HTTP date', { 'Retry-After': new Date(now + 9_000).toUTCString() }, {}, 9_000],
    ['is the body', {}, { error: 'rate_limit_exceeded', retryAfter: 32 }, 32_000],
    ['is the end of the window', reset(45), {}, 45_000],
    ['is the longest of all three', { 'Retry-After': '12', ...reset(45) }, { retryAfter: 50 }, 50_000],
    ['is a second at first when nothing is said', {}, {}, 1_000],
    ['is a second at first when nonsense is said', { 'Retry-After': 'soon' }, { retryAfter: 'x' }, 1_000],
    ['is never above a quarter of an hour and 5 s', { 'Retry-After': '86400' }, {}, 905_000],
  ])('%s', async (_, headers, body, expected) => {
    const { lms, faults } = await startTenant({ client: { now: () => now } });
    faults.add({ system: 'ti', kind: 'rateLimit', headers: { date, ...headers }, body });
    const error = await failureOf(lms.ping());
    expect(error).toMatchObject({ code: 'lms.rate_limited', retryAfterMs: expected });
  });

  test('goes by the clock of the server where ours is wrong', async () => {
    const { lms, faults } = await startTenant({ client: { now: () => now + 600_000 } });
    faults.add({ system: 'ti', kind: 'rateLimit', headers: { date, ...reset(45) }, body: {} });
    expect((await failureOf(lms.ping())).retryAfterMs).toBe(45_000);
  });

  test('carries jitter on top, so that workers do not come back together', async () => {
    const { lms, faults } = await startTenant({ client: { random: () => 0.5 } });
    faults.add({ system: 'ti', kind: 'rateLimit', headers: { 'Retry-After': '40' }, body: {} });
    expect((await failureOf(lms.ping())).retryAfterMs).toBe(42_000);
  });

  test('of a 503 is told when it names one', async () => {
    const { lms, faults } = await startTenant();
    faults.add({ system: 'ti', kind: 'status', status: 503, headers: { 'Retry-After': '20' } });
    expect(await failureOf(lms.ping())).toMatchObject({ code: 'lms.unavailable', retryAfterMs: 20_000 });
  });

  test('of a 503 without one is left to the caller', async () => {
    const { lms, faults } = await startTenant();
    faults.add({ system: 'ti', kind: 'status', status: 503 });
    expect((await failureOf(lms.ping())).retryAfterMs).toBeUndefined();
    await expect(lms.ping()).resolves.toBeUndefined();
  });
});

describe('the texts of the platform', () => {
  test('are shown without the key, should it echo it', async () => {
    const { lms, faults } = await startTenant();
    faults.add({ system: 'ti', kind: 'status', status: 400, body: { errors: [`Bad token ${API_KEY}`] } });
    expect((await failureOf(lms.ping())).message).toBe(
      'Thought Industries: prove the API key: GET /ping answered 400: Bad token ***',
    );
  });

  test('are never quoted from an answer of the code list', async () => {
    const { lms, faults } = await startTenant();
    faults.add({ system: 'ti', kind: 'status', status: 400, body: { errors: [`${CANARY} is odd`] } });
    expect((await failureOf(lms.lookAtCodes('g'))).message).toBe(
      'Thought Industries: list the codes of group g: GET /redemptionCodes/g/codes answered 400',
    );
  });
});
