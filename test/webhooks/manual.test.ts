import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DealseatError, type FailureCode } from '../../src/domain/failure.ts';
import { TemporalUnavailableError } from '../../src/runs/port.ts';
import { createRig, MANUAL_KEY, PREVIEW, PUBLIC_URL, QUESTION, type Rig, sendManual } from './fixture.ts';

const DEAL = { crm: 'hubspot', dealId: '9001' };
const ID = 'provision:hubspot:62515:9001';

function look(rig: Rig, id: string, key = MANUAL_KEY) {
  return rig.app.inject({
    url: `/provisionings/${encodeURIComponent(id)}`,
    headers: { authorization: `Bearer ${key}` },
  });
}

describe('provisioning by hand', () => {
  test('is answered 202 with the id, the status and where to follow it', async () => {
    const rig = createRig();
    const response = await sendManual(rig, DEAL);
    expect(response.statusCode).toBe(202);
    const self = `${PUBLIC_URL}/provisionings/${encodeURIComponent(ID)}`;
    expect(response.json()).toEqual({ id: ID, status: 'Planning', links: { self } });
    expect(response.headers.location).toBe(self);
    expect(rig.provisioner.provisioned).toEqual([
      {
        ref: { crm: 'hubspot', account: '62515', dealId: '9001' },
        trigger: { by: 'manual', detail: 'acme' },
        planHash: undefined,
      },
    ]);
    const followed = await rig.app.inject({
      url: new URL(self).pathname,
      headers: { authorization: `Bearer ${MANUAL_KEY}` },
    });
    expect(followed.json()).toMatchObject({ id: ID, status: 'AwaitingCodes' });
  });

  test('repeated is answered with the same id, by whichever spelling of the deal', async () => {
    const rig = createRig();
    const answers = [];
    for (const dealId of ['0065Y00001Suvw6', '0065Y00001Suvw6QAB', '0065Y00001Suvw6']) {
      answers.push((await sendManual(rig, { crm: 'salesforce', dealId })).json().id);
    }
    expect(new Set(answers)).toEqual(new Set(['provision:salesforce:00D5Y000001MPM7UAO:0065Y00001Suvw6QAB']));
  });

  test('hands on the hash of a dry run', async () => {
    const rig = createRig();
    await sendManual(rig, { ...DEAL, planHash: 'a'.repeat(64) });
    expect(rig.provisioner.provisioned[0]?.planHash).toBe('a'.repeat(64));
  });

  test('as a dry run is answered 200 with the full plan and starts nothing', async () => {
    const rig = createRig();
    const response = await sendManual(rig, { ...DEAL, dryRun: true });
    expect(response.statusCode).toBe(200);
    expect(response.json()).toEqual(PREVIEW);
    expect(rig.provisioner.provisioned).toEqual([]);
  });

  test.each([
    'The deal is in stage "Appointment Scheduled"',
    'The deal was delivered by an earlier run; nothing would be done',
    'Deal 9001 lives on in deal 9002',
  ])(
    'as a dry run tells one and the same of every deal that is not to be provisioned: %s',
    async (skipped) => {
      const rig = createRig();
      rig.provisioner.previewed = { hash: null, seats: 0, groups: [], calls: [], skipped };
      const { id, ...answer } = (await sendManual(rig, { ...DEAL, dryRun: true })).json();
      expect(id).toBe(ID);
      expect(answer).toEqual({
        hash: null,
        seats: 0,
        needsApproval: false,
        groups: [],
        problems: [],
        calls: [],
        skipped: 'Nothing is to be done for this deal now',
      });
    },
  );
});

describe('bodies', () => {
  test.each([
    ['no crm', { dealId: '9001' }, 'crm'],
    ['an unknown crm', { crm: 'pipedrive', dealId: '9001' }, 'crm'],
    ['no deal', { crm: 'hubspot' }, 'dealId'],
    ['a deal id that is a number', { crm: 'hubspot', dealId: 9001 }, 'dealId'],
    ['a deal id of the other CRM', { crm: 'hubspot', dealId: '0065Y00001Suvw6' }, 'dealId'],
    ['an account id', { crm: 'salesforce', dealId: '0015Y00001Suvw6' }, 'dealId'],
    ['a dryRun that is no truth value', { ...DEAL, dryRun: 'yes' }, 'dryRun'],
    ['a hash that is none', { ...DEAL, planHash: 'x' }, 'planHash'],
    ['a hash on a dry run', { ...DEAL, dryRun: true, planHash: 'a'.repeat(64) }, 'planHash'],
    ['a misspelt field', { ...DEAL, dryrun: true }, '(body)'],
    ['a list', [DEAL], '(body)'],
    ['null', null, '(body)'],
  ])('%s is refused, and the answer names the field', async (_what, body, field) => {
    const rig = createRig();
    const response = await sendManual(rig, body);
    expect(response.statusCode).toBe(400);
    const problem = response.json();
    expect(problem.code).toBe('webhook.malformed');
    expect(problem.errors.map((fault: { field: string }) => fault.field)).toEqual([field]);
    // In our words, not in those of the library that reads it.
    expect(problem.errors[0].message).not.toMatch(/Invalid |Too (small|big)|Unrecognized|received/);
    expect(rig.provisioner.provisioned).toEqual([]);
  });

  test('all wrong fields are reported together', async () => {
    const response = await sendManual(createRig(), { crm: 'x', dealId: 1, dryRun: 2 });
    expect(response.json().errors.map(({ field }: { field: string }) => field)).toEqual([
      'crm',
      'dealId',
      'dryRun',
    ]);
  });

  test('a field named __proto__ is an unknown field', async () => {
    const response = await sendManual(
      createRig(),
      '{"crm":"hubspot","dealId":"9001","__proto__":{"dryRun":true}}',
    );
    expect([response.statusCode, response.json().errors?.[0]?.field]).toEqual([400, '(body)']);
  });

  test('a CRM that is off is told so', async () => {
    const off = Object.fromEntries(
      ['LOGIN_URL', 'CLIENT_ID', 'CLIENT_SECRET', 'ORG_ID', 'WEBHOOK_SECRET'].map((name) => [
        `SALESFORCE_${name}`,
        '',
      ]),
    );
    const response = await sendManual(createRig({ env: off }), {
      crm: 'salesforce',
      dealId: '0065Y00001Suvw6',
    });
    expect(response.statusCode).toBe(422);
    expect(response.json()).toMatchObject({ code: 'webhook.crm_off' });
  });

  test('too large a body, another content type and text that is not JSON are refused', async () => {
    const rig = createRig();
    const codes = [
      (await sendManual(rig, { ...DEAL, x: 'x'.repeat(17_000) })).json().code,
      (await sendManual(rig, DEAL, { contentType: 'application/x-www-form-urlencoded' })).json().code,
      (await sendManual(rig, '{"crm":')).json().code,
    ];
    expect(codes).toEqual(['webhook.too_large', 'webhook.unsupported_media_type', 'webhook.malformed']);
  });

  test('no body ends in a 5xx answer or in a crash', async () => {
    const rig = createRig({ limits: { manualPerMinute: 10_000 } });
    const value = fc.oneof(fc.jsonValue(), fc.constantFrom('hubspot', 'salesforce', '9001', true));
    const body = fc.oneof(
      fc.json(),
      fc.string({ unit: 'binary' }),
      fc
        .record({ crm: value, dealId: value, dryRun: value, planHash: value }, { requiredKeys: [] })
        .map((record) => JSON.stringify(record)),
    );
    await fc.assert(
      fc.asyncProperty(body, async (text) => {
        expect([200, 202, 400]).toContain((await sendManual(rig, text)).statusCode);
      }),
      { numRuns: 300 },
    );
  });
});

describe('who may call', () => {
  test.each([
    ['no header', undefined],
    ['another scheme', `Basic ${MANUAL_KEY}`],
    ['a wrong key', 'Bearer sandbox-manual-key-012345678X'],
    ['part of a key', `Bearer ${MANUAL_KEY.slice(0, -1)}`],
    ['the name with the key', `Bearer acme:${MANUAL_KEY}`],
    ['an empty key', 'Bearer '],
  ])('%s is refused on both routes', async (_what, authorization) => {
    const rig = createRig();
    const headers = { 'content-type': 'application/json', ...(authorization ? { authorization } : {}) };
    const answers = [
      await rig.app.inject({
        method: 'POST',
        url: '/webhooks/manual',
        headers,
        payload: JSON.stringify(DEAL),
      }),
      await rig.app.inject({ url: `/provisionings/${ID}`, headers }),
    ];
    for (const answer of answers) {
      expect(answer.statusCode).toBe(401);
      expect(answer.headers['www-authenticate']).toBe('Bearer');
      expect(answer.json()).toMatchObject({ code: 'webhook.unauthorized' });
    }
    expect(rig.provisioner.provisioned).toEqual([]);
    expect(rig.provisioner.described).toEqual([]);
  });

  test('without keys in the configuration no one may call', async () => {
    expect((await sendManual(createRig({ env: { MANUAL_API_KEYS: '' } }), DEAL)).statusCode).toBe(401);
  });

  test('the run remembers which partner asked', async () => {
    const rig = createRig();
    await sendManual(rig, DEAL, { key: 'sandbox-globex-key-0123456789' });
    expect(rig.provisioner.provisioned[0]?.trigger).toEqual({ by: 'manual', detail: 'globex' });
  });

  test('one partner who calls too often is held back; the other is not', async () => {
    const rig = createRig({ limits: { manualPerMinute: 2 } });
    const statuses = [];
    for (let count = 0; count < 3; count += 1) statuses.push((await sendManual(rig, DEAL)).statusCode);
    expect(statuses).toEqual([202, 202, 429]);
    const held = await sendManual(rig, DEAL);
    expect(held.json()).toMatchObject({ code: 'webhook.rate_limited', status: 429 });
    expect(Number(held.headers['retry-after'])).toBeGreaterThan(0);
    expect((await sendManual(rig, DEAL, { key: 'sandbox-globex-key-0123456789' })).statusCode).toBe(202);
  });

  test('a key is in no log line and in no answer', async () => {
    const rig = createRig();
    const wrong = await sendManual(rig, DEAL, { key: 'canary-key-0123456789' });
    await sendManual(rig, DEAL);
    expect(rig.log() + wrong.body).not.toMatch(/canary|sandbox-manual-key/);
  });
});

describe('following a provisioning', () => {
  test.each([
    'provision:hubspot:62515:1',
    'something',
    'provision:x:1:2',
    'provision:hubspot:62515:1:2',
    '%00',
  ])('%s is answered as unknown', async (id) => {
    const response = await look(createRig(), id);
    expect(response.statusCode).toBe(404);
    expect(response.json()).toMatchObject({ code: 'webhook.unknown_provisioning' });
  });

  test.each([
    ['of another form', 'some-other-workflow'],
    ['of an account that is not served here', 'provision:hubspot:62516:9001'],
    ['of a CRM that there is not', 'provision:sugar:62515:9001'],
    ['in another spelling', 'provision:hubspot:62515:09001'],
    ['of the org under its short id', 'provision:salesforce:00D5Y000001MPM7:0065Y00001Suvw6QAB'],
  ])('an id %s is not even asked for in Temporal', async (_what, id) => {
    const rig = createRig();
    expect((await look(rig, id)).statusCode).toBe(404);
    expect(rig.provisioner.described).toEqual([]);
  });

  test('tells what is asked and until when, but neither our own pages nor what would answer it', async () => {
    const answer = (await look(createRig(), ID)).json();
    expect(answer).toMatchObject({ id: ID, status: 'AwaitingCodes', seats: 25 });
    const { kind, since, until } = QUESTION;
    expect(answer.question).toEqual({ kind, since, until });
    expect(Object.keys(answer)).not.toContain('runUrl');
  });
});

describe('failures behind the call', () => {
  test('with Temporal down the answer is 503 with Retry-After', async () => {
    const rig = createRig();
    rig.provisioner.beforeStart = async () => {
      throw new TemporalUnavailableError('down');
    };
    const response = await sendManual(rig, DEAL);
    expect([response.statusCode, response.json().code]).toEqual([503, 'temporal.unavailable']);
    expect(Number(response.headers['retry-after'])).toBeGreaterThan(0);
  });

  test.each<[FailureCode, number, string | undefined]>([
    ['crm.deal_not_found', 404, undefined],
    ['plan.changed', 409, undefined],
    ['crm.unauthorized', 502, undefined],
    ['crm.unavailable', 503, '30'],
    ['crm.rate_limited', 503, '7'],
  ])('%s in a dry run is answered %i under its own code', async (code, status, retryAfter) => {
    const rig = createRig();
    rig.provisioner.beforePreview = async () => {
      throw new DealseatError({
        code,
        message: 'deal 9001',
        ...(retryAfter === '7' ? { retryAfterMs: 6_500 } : {}),
      });
    };
    const response = await sendManual(rig, { ...DEAL, dryRun: true });
    expect([response.statusCode, response.json().code, response.json().detail]).toEqual([
      status,
      code,
      'deal 9001',
    ]);
    expect(response.headers['retry-after']).toBe(retryAfter);
  });
});
