import { createHmac } from 'node:crypto';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { InjectOptions } from 'fastify';
import {
  createRig,
  hubspotDelivery,
  MANUAL_KEY,
  NOW,
  notification,
  outboundMessage,
  type Rig,
  SALESFORCE_SECRET,
  stageEvent,
  TI_WEBHOOK_ENV,
} from '../webhooks/fixture.ts';

const MIB = 1024 * 1024;
const EVENTS = JSON.stringify([stageEvent()]);
const open: Rig[] = [];

function openRig(limits: Parameters<typeof createRig>[0] = {}): Rig {
  const rig = createRig({ env: TI_WEBHOOK_ENV, onRedemptions: async () => {}, ...limits });
  open.push(rig);
  return rig;
}

afterEach(async () => {
  await Promise.all(open.splice(0).map(({ app }) => app.close()));
});

const hubspot = (changes: Partial<Parameters<typeof hubspotDelivery>[0]> = {}): InjectOptions =>
  hubspotDelivery({ body: EVENTS, ...changes });
const salesforce = (
  payload: string,
  { secret = SALESFORCE_SECRET, type = 'text/xml' } = {},
): InjectOptions => ({
  method: 'POST',
  url: `/webhooks/salesforce/${secret}`,
  headers: { 'content-type': type },
  payload,
});
const manual = (payload: string, headers: Record<string, string> = {}): InjectOptions => ({
  method: 'POST',
  url: '/webhooks/manual',
  headers: { authorization: `Bearer ${MANUAL_KEY}`, 'content-type': 'application/json', ...headers },
  payload,
});

const REDEMPTION = JSON.stringify({
  event: 'redemptionCodeRedeem',
  timestamp: '2026-11-22T10:00:00.000Z',
  redemptionCode: 'ab12cd34',
});
const redemption = (
  payload: string,
  {
    secret = TI_WEBHOOK_ENV.TI_WEBHOOK_SECRET,
    signedBy = TI_WEBHOOK_ENV.TI_WEBHOOK_SIGNING_SECRET,
    type = 'application/json',
  } = {},
): InjectOptions => ({
  method: 'POST',
  url: `/webhooks/thought-industries/${secret}`,
  headers: {
    'content-type': type,
    'x-ti-signature': createHmac('sha256', signedBy).update(payload).digest('hex'),
  },
  payload,
});

const MESSAGE = outboundMessage(notification());
const FOREIGN = outboundMessage(notification(), { org: '00D000000000001AAA' });
const MINUTES = 60_000;

type Refused = readonly [what: string, request: InjectOptions, status: number, code: string, counted: string];

const REFUSED: readonly Refused[] = [
  ['forged: no signature', { ...hubspot(), headers: {} }, 401, 'signature_invalid', 'hubspot forged'],
  ['forged: another secret', hubspot({ secret: 'guess' }), 401, 'signature_invalid', 'hubspot forged'],
  [
    'forged: a signature of another body',
    { ...hubspot(), payload: EVENTS.replace('9001', '9002') },
    401,
    'signature_invalid',
    'hubspot forged',
  ],
  [
    'forged: a signature of another address',
    { ...hubspot(), url: '/webhooks/hubspot?a=1' },
    401,
    'signature_invalid',
    'hubspot forged',
  ],
  [
    'forged: a new time on an old signature',
    hubspot({ headers: { 'x-hubspot-request-timestamp': String(NOW - 1) } }),
    401,
    'signature_invalid',
    'hubspot forged',
  ],
  ['stale', hubspot({ timestamp: String(NOW - 5 * MINUTES - 1) }), 401, 'stale', 'hubspot forged'],
  ['from the future', hubspot({ timestamp: String(NOW + 5 * MINUTES + 1) }), 401, 'stale', 'hubspot forged'],
  ['oversized', hubspot({ body: ' '.repeat(MIB + 1) }), 413, 'too_large', 'hubspot refused'],
  [
    'compressed',
    hubspot({ headers: { 'content-type': 'gzip' } }),
    415,
    'unsupported_media_type',
    'hubspot refused',
  ],
  [
    'forged: a guessed path',
    salesforce(MESSAGE, { secret: 'guess' }),
    401,
    'unauthorized',
    'salesforce forged',
  ],
  ['of another org', salesforce(FOREIGN), 403, 'wrong_account', 'salesforce forged'],
  ['oversized', salesforce(MESSAGE + ' '.repeat(2 * MIB)), 413, 'too_large', 'salesforce refused'],
  ['no XML', salesforce('{}'), 400, 'malformed', 'salesforce refused'],
  [
    'JSON by its type',
    salesforce('{}', { type: 'application/json' }),
    415,
    'unsupported_media_type',
    'salesforce refused',
  ],
  [
    'forged: a guessed path of the platform',
    redemption(REDEMPTION, { secret: 'guess' }),
    401,
    'unauthorized',
    'thought-industries forged',
  ],
  [
    'forged: a signature of the platform by another secret',
    redemption(REDEMPTION, { signedBy: 'guess' }),
    401,
    'signature_invalid',
    'thought-industries forged',
  ],
  ['oversized', redemption(' '.repeat(MIB + 1)), 413, 'too_large', 'thought-industries refused'],
  ['no JSON', redemption('{'), 400, 'malformed', 'thought-industries refused'],
  [
    'XML by its type',
    redemption('<a/>', { type: 'text/xml' }),
    415,
    'unsupported_media_type',
    'thought-industries refused',
  ],
  ['forged: no key', manual('{}', { authorization: '' }), 401, 'unauthorized', 'manual forged'],
  [
    'forged: a guessed key',
    manual('{}', { authorization: 'Bearer guess' }),
    401,
    'unauthorized',
    'manual forged',
  ],
  ['oversized', manual(' '.repeat(16 * 1024 + 1)), 413, 'too_large', 'manual refused'],
  ['no JSON', manual('{'), 400, 'malformed', 'manual refused'],
];

test.each(REFUSED)(
  'a request that is %s is refused with its own status, starts nothing and is counted',
  async (...row) => {
    const [, request, status, code, counted] = row;
    const rig = openRig();
    const answer = await rig.app.inject(request);
    expect([answer.statusCode, answer.json().code]).toEqual([status, `webhook.${code}`]);
    expect(await rig.requests()).toEqual({ [counted]: 1 });
    expect([...rig.provisioner.started, ...rig.provisioner.provisioned]).toEqual([]);
  },
);

describe('a replayed delivery', () => {
  test('within five minutes meets the run that it started, and after them is refused and counted', async () => {
    const rig = openRig();
    const recorded = hubspot();
    for (let times = 0; times < 3; times += 1) {
      expect((await rig.app.inject(recorded)).statusCode).toBe(200);
    }
    // The id of a run is made of the deal alone, so the same deal is the same run.
    expect(new Set(rig.provisioner.started.map(({ ref }) => JSON.stringify(ref))).size).toBe(1);
    rig.setNow(NOW + 5 * MINUTES + 1);
    expect((await rig.app.inject(recorded)).json().code).toBe('webhook.stale');
    expect(rig.provisioner.started).toHaveLength(3);
    expect(await rig.requests()).toEqual({ 'hubspot accepted': 3, 'hubspot forged': 1 });
  });
});

describe('rate limits', () => {
  test('hold a forger back while a burst of ten genuine HubSpot batches passes whole', async () => {
    const rig = openRig({ limits: { forgedPerMinute: 5 } });
    const batches = Array.from({ length: 10 }, (_, batch) =>
      hubspot({
        body: JSON.stringify(
          Array.from({ length: 100 }, (_, n) => stageEvent({ objectId: 10_000 + batch * 100 + n })),
        ),
      }),
    );
    const forged = Array.from({ length: 60 }, () => hubspot({ secret: 'guess' }));
    // All from one address, as behind one proxy, and the forger first.
    const [forgedAnswers, genuine] = await Promise.all(
      [forged, batches].map((requests) => Promise.all(requests.map((request) => rig.app.inject(request)))),
    );
    const statuses = forgedAnswers?.map(({ statusCode }) => statusCode).sort();
    expect(statuses).toEqual([...Array(5).fill(401), ...Array(55).fill(429)]);
    expect(genuine?.map(({ statusCode }) => statusCode)).toEqual(Array(10).fill(200));
    expect(new Set(rig.provisioner.started.map(({ ref }) => ref.dealId)).size).toBe(1_000);
    expect(await rig.requests()).toEqual({
      'hubspot accepted': 10,
      'hubspot forged': 5,
      'hubspot rate_limited': 55,
    });
  });

  test('count a forger over all ways in, and hold no genuine sender back at any of them', async () => {
    const rig = openRig({ limits: { forgedPerMinute: 4 } });
    const forged = [
      hubspot({ secret: 'guess' }),
      salesforce(MESSAGE, { secret: 'guess' }),
      manual('{}', { authorization: 'Bearer guess' }),
      redemption(REDEMPTION, { secret: 'guess' }),
    ];
    for (const request of forged) expect((await rig.app.inject(request)).statusCode).toBe(401);
    for (const request of forged) expect((await rig.app.inject(request)).statusCode).toBe(429);
    const genuine = [
      hubspot(),
      salesforce(MESSAGE),
      manual('{"crm":"hubspot","dealId":"9001"}'),
      redemption(REDEMPTION),
    ];
    const statuses = [];
    for (const request of genuine) statuses.push((await rig.app.inject(request)).statusCode);
    expect(statuses).toEqual([200, 200, 202, 200]);
  });

  test('tell when to come back, and forget a forger after a minute at most', async () => {
    const rig = openRig({ limits: { forgedPerMinute: 1 } });
    await rig.app.inject(hubspot({ secret: 'guess' }));
    const { headers } = await rig.app.inject(hubspot({ secret: 'guess' }));
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    expect(Number(headers['retry-after'])).toBeLessThanOrEqual(60);
  });

  test('of a leaked partner key hold that partner back and no other', async () => {
    const rig = openRig({ limits: { manualPerMinute: 2 } });
    const body = '{"crm":"hubspot","dealId":"9001"}';
    const statuses = [];
    for (let times = 0; times < 4; times += 1) statuses.push((await rig.app.inject(manual(body))).statusCode);
    expect(statuses).toEqual([202, 202, 429, 429]);
    const other = manual(body, { authorization: 'Bearer sandbox-globex-key-0123456789' });
    expect((await rig.app.inject(other)).statusCode).toBe(202);
    expect(await rig.requests()).toEqual({ 'manual accepted': 3, 'manual rate_limited': 2 });
  });
});
