import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Secret } from '../../src/config/secret.ts';
import { TemporalUnavailableError } from '../../src/runs/port.ts';
import { checkHubSpotSignature } from '../../webhooks/hubspot/signature.ts';
import {
  createRig,
  HUBSPOT_SECRET,
  hubspotDelivery,
  NOW,
  PUBLIC_URL,
  sendHubSpot,
  signV3,
  stageEvent,
} from './fixture.ts';

const BODY = JSON.stringify([stageEvent()]);
const MINUTE = 60_000;

function problemOf(response: { body: string; headers: Record<string, unknown> }) {
  expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
  return JSON.parse(response.body);
}

describe('the v3 signature', () => {
  const secret = new Secret('yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy');
  const timestamp = '1700000000000';
  const plain = {
    method: 'POST',
    url: 'https://www.example.com/webhook_uri',
    body: Buffer.from('{"example_field":"example_value"}'),
    signature: 'rQEKkaNUiu+1qGF//O/pw4BCzstSqO1PyUnGICmf+7o=',
    timestamp,
  };
  const escaped = {
    method: 'POST',
    url: 'https://www.example.com/hooks?src=a%2Fb%3Ac&x=%20y%26z',
    body: Buffer.from('[]'),
    signature: 'iH6gv0bD+w0CxpVF5iGfXmh9axCrGYMQfdrhdm0jAxc=',
    timestamp,
  };
  const check = (request: Parameters<typeof checkHubSpotSignature>[0], now = Number(timestamp)) =>
    checkHubSpotSignature(request, [secret], now);

  test('known vectors are valid: a plain address, and one with escapes that are and are not undone', () => {
    expect([check(plain), check(escaped)]).toEqual(['valid', 'valid']);
  });

  test('a signature over the address with its escapes left in is invalid', () => {
    expect(check({ ...escaped, signature: 'oUEstUz3ukKftirQurXf9YI18lfq5AgMVBIgwIfexro=' })).toBe('invalid');
  });

  test('an escaped percent sign does not hide an escape', () => {
    const uri = 'https://www.example.com/a%253A?b=%25%3B';
    const signature = signV3({ secret: secret.reveal(), method: 'POST', uri, body: '', timestamp });
    expect(check({ ...plain, url: uri, body: Buffer.alloc(0), signature })).toBe('valid');
  });

  test.each([
    ['method', { method: 'PUT' }],
    ['address', { url: 'https://www.example.com/webhook_urj' }],
    ['host', { url: 'https://www.example.org/webhook_uri' }],
    ['one byte of the body', { body: Buffer.from('{"example_field":"example_valuf"}') }],
    ['white space of the body', { body: Buffer.from('{"example_field": "example_value"}') }],
    ['timestamp', { timestamp: '1700000000001' }],
    ['signature', { signature: 'rQEKkaNUiu+1qGF//O/pw4BCzstSqO1PyUnGICmf+7p=' }],
    ['length of the signature', { signature: 'rQEKkaNUiu' }],
    ['missing signature', { signature: undefined }],
    ['empty signature', { signature: '' }],
    ['missing timestamp', { timestamp: undefined }],
    ['timestamp that is no number', { timestamp: 'NaN' }],
    ['timestamp in seconds with a fraction', { timestamp: '1700000000.000' }],
    ['negative timestamp', { timestamp: '-1700000000000' }],
  ])('another %s is invalid', (_what, change) => {
    expect(check({ ...plain, ...change })).toBe('invalid');
  });

  test('it is good for five minutes on either side of now and stale after that', () => {
    const at = Number(timestamp);
    expect([-5 * MINUTE, 0, 5 * MINUTE].map((offset) => check(plain, at + offset))).toEqual([
      'valid',
      'valid',
      'valid',
    ]);
    expect([-5 * MINUTE - 1, 5 * MINUTE + 1].map((offset) => check(plain, at + offset))).toEqual([
      'stale',
      'stale',
    ]);
  });

  test('while the secret rotates, either of the two is good and a third is not', () => {
    const sign = (text: string) =>
      signV3({ secret: text, method: 'POST', uri: plain.url, body: plain.body.toString(), timestamp });
    const results = ['old', 'new', 'other'].map((text) =>
      checkHubSpotSignature(
        { ...plain, signature: sign(text) },
        [new Secret('old'), new Secret('new')],
        Number(timestamp),
      ),
    );
    expect(results).toEqual(['valid', 'valid', 'invalid']);
  });

  test('any change of any byte of a signed request is noticed', () => {
    fc.assert(
      fc.property(fc.nat(plain.body.length - 1), fc.integer({ min: 1, max: 255 }), (place, flip) => {
        const body = Buffer.from(plain.body);
        body[place] = (body[place] ?? 0) ^ flip;
        expect(check({ ...plain, body })).toBe('invalid');
      }),
    );
  });
});

describe('who may deliver', () => {
  test('a signed delivery is taken, and its query is part of what was signed', async () => {
    const rig = createRig();
    const response = await rig.app.inject(
      hubspotDelivery({ body: BODY, path: '/webhooks/hubspot?src=a%2Fb&x=%20y' }),
    );
    expect(response.statusCode).toBe(200);
    expect(response.json()).toEqual({ events: 1, accepted: 1 });
    expect(rig.provisioner.started).toEqual([
      {
        ref: { crm: 'hubspot', account: '62515', dealId: '9001' },
        trigger: { by: 'hubspot', detail: '1228532628' },
      },
    ]);
  });

  test.each([
    ['a wrong secret', hubspotDelivery({ body: BODY, secret: 'wrong' })],
    [
      'no signature',
      {
        ...hubspotDelivery({ body: BODY }),
        headers: { 'content-type': 'application/json', 'x-hubspot-request-timestamp': String(NOW) },
      },
    ],
    [
      'no timestamp',
      {
        ...hubspotDelivery({ body: BODY }),
        headers: { 'content-type': 'application/json', 'x-hubspot-signature-v3': 'x' },
      },
    ],
    [
      'only the v1 signature',
      {
        ...hubspotDelivery({ body: BODY }),
        headers: {
          'content-type': 'application/json',
          'x-hubspot-signature': 'x',
          'x-hubspot-signature-version': 'v1',
        },
      },
    ],
    ['a changed body', { ...hubspotDelivery({ body: BODY }), payload: `${BODY} ` }],
    ['a changed query', { ...hubspotDelivery({ body: BODY }), url: '/webhooks/hubspot?a=1' }],
  ])('%s is refused with webhook.signature_invalid and starts nothing', async (_what, request) => {
    const rig = createRig();
    const response = await rig.app.inject(request);
    expect(response.statusCode).toBe(401);
    expect(problemOf(response)).toMatchObject({ code: 'webhook.signature_invalid', status: 401 });
    expect(rig.provisioner.started).toEqual([]);
    expect(await rig.requests()).toEqual({ 'hubspot forged': 1 });
  });

  test('a replayed delivery is refused as stale after five minutes', async () => {
    const rig = createRig();
    rig.setNow(NOW + 5 * MINUTE + 1);
    const response = await rig.app.inject(hubspotDelivery({ body: BODY }));
    expect(problemOf(response)).toMatchObject({ code: 'webhook.stale', status: 401 });
  });

  test('the address comes from the configuration, not from headers that a sender can set', async () => {
    const rig = createRig();
    const headers = { host: 'evil.example', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'http' };
    expect((await rig.app.inject(hubspotDelivery({ body: BODY, headers }))).statusCode).toBe(200);
    const signature = signV3({
      secret: HUBSPOT_SECRET,
      method: 'POST',
      uri: 'http://evil.example/webhooks/hubspot',
      body: BODY,
      timestamp: String(NOW),
    });
    const forged = await rig.app.inject(
      hubspotDelivery({ body: BODY, headers: { ...headers, 'x-hubspot-signature-v3': signature } }),
    );
    expect(forged.statusCode).toBe(401);
  });

  test('a public URL with a path prefix is signed with the prefix', async () => {
    const rig = createRig({ env: { WEBHOOK_PUBLIC_URL: `${PUBLIC_URL}/in/` } });
    const signature = signV3({
      secret: HUBSPOT_SECRET,
      method: 'POST',
      uri: `${PUBLIC_URL}/in/webhooks/hubspot`,
      body: BODY,
      timestamp: String(NOW),
    });
    const response = await rig.app.inject(
      hubspotDelivery({ body: BODY, headers: { 'x-hubspot-signature-v3': signature } }),
    );
    expect(response.statusCode).toBe(200);
  });

  test('after too many forged requests the sender hears 429, and genuine deliveries still get through', async () => {
    const rig = createRig({ limits: { forgedPerMinute: 3 } });
    const forged = hubspotDelivery({ body: BODY, secret: 'wrong' });
    const statuses: number[] = [];
    for (let count = 0; count < 5; count += 1) statuses.push((await rig.app.inject(forged)).statusCode);
    expect(statuses).toEqual([401, 401, 401, 429, 429]);
    const last = await rig.app.inject(forged);
    expect(problemOf(last)).toMatchObject({ code: 'webhook.rate_limited' });
    expect(Number(last.headers['retry-after'])).toBeGreaterThan(0);
    expect((await rig.app.inject(hubspotDelivery({ body: BODY }))).statusCode).toBe(200);
  });

  test('without HubSpot in the configuration there is no such address', async () => {
    const off = { HUBSPOT_ACCESS_TOKEN: '', HUBSPOT_PORTAL_ID: '', HUBSPOT_CLIENT_SECRET: '' };
    const rig = createRig({ env: off });
    const response = await rig.app.inject(hubspotDelivery({ body: BODY }));
    expect(problemOf(response)).toMatchObject({ code: 'webhook.not_found', status: 404 });
  });

  test('a server for HubSpot cannot be made without the public URL', () => {
    expect(() => createRig({ env: { WEBHOOK_PUBLIC_URL: '' } })).toThrow(/WEBHOOK_PUBLIC_URL/);
  });
});

describe('which events start a run', () => {
  const won = { accepted: 1, outcome: 'started' };
  test.each([
    ['a deal that enters a won stage', stageEvent(), won],
    [
      'the project-app form',
      stageEvent({ subscriptionType: 'object.propertyChange', objectTypeId: '0-3' }),
      won,
    ],
    [
      'the spelling eventType',
      stageEvent({ subscriptionType: undefined, eventType: 'deal.propertyChange' }),
      won,
    ],
    ['a won stage of another pipeline', stageEvent({ propertyValue: '1233582150' }), won],
    ['that stage as a number', stageEvent({ propertyValue: 1233582150 }), won],
    ['a change source nobody has seen', stageEvent({ changeSource: 'MOON', anything: { new: 1 } }), won],
    ['ids as text', stageEvent({ objectId: '9001', portalId: '62515' }), won],
    ['a deal created', stageEvent({ subscriptionType: 'deal.creation', propertyName: undefined }), won],
    ['a deal restored', stageEvent({ subscriptionType: 'deal.restore', propertyName: undefined }), won],
    [
      'a stage that is not won',
      stageEvent({ propertyValue: 'contractsent' }),
      { accepted: 0, outcome: 'not_won' },
    ],
    [
      'a stage change without a stage',
      stageEvent({ propertyValue: undefined }),
      { accepted: 0, outcome: 'not_won' },
    ],
    [
      'an action that people set on a deal',
      stageEvent({ propertyName: 'dealseat_action', propertyValue: 'Retry' }),
      won,
    ],
    [
      'the action field that Dealseat has emptied',
      stageEvent({ propertyName: 'dealseat_action', propertyValue: '' }),
      { accepted: 0, outcome: 'other_event' },
    ],
    ['another property', stageEvent({ propertyName: 'amount' }), { accepted: 0, outcome: 'other_event' }],
    [
      'a deletion',
      stageEvent({ subscriptionType: 'deal.deletion' }),
      { accepted: 0, outcome: 'other_event' },
    ],
    [
      'another object',
      stageEvent({ subscriptionType: 'contact.propertyChange' }),
      { accepted: 0, outcome: 'other_object' },
    ],
    [
      'another object type',
      stageEvent({ subscriptionType: 'object.propertyChange', objectTypeId: '0-1' }),
      { accepted: 0, outcome: 'other_object' },
    ],
    [
      'an object type that contradicts the prefix',
      stageEvent({ objectTypeId: '0-1' }),
      { accepted: 0, outcome: 'other_object' },
    ],
    [
      'an object event without its type',
      stageEvent({ subscriptionType: 'object.propertyChange' }),
      { accepted: 0, outcome: 'other_object' },
    ],
    ['another portal', stageEvent({ portalId: 62516 }), { accepted: 0, outcome: 'other_account' }],
    ['no type', stageEvent({ subscriptionType: undefined }), { accepted: 0, outcome: 'malformed' }],
    ['no deal', stageEvent({ objectId: undefined }), { accepted: 0, outcome: 'malformed' }],
    [
      'a deal id beyond exact numbers',
      stageEvent({ objectId: 2 ** 60 }),
      { accepted: 0, outcome: 'malformed' },
    ],
    ['a deal id that is no id', stageEvent({ objectId: '9001:x' }), { accepted: 0, outcome: 'malformed' }],
    ['no object at all', 7, { accepted: 0, outcome: 'malformed' }],
  ])('%s', async (_what, event, expected) => {
    const rig = createRig();
    const response = await sendHubSpot(rig, [event]);
    expect(response.json()).toEqual({ events: 1, accepted: expected.accepted });
    expect(rig.provisioner.started.map(({ ref }) => ref.dealId)).toEqual(
      expected.accepted === 1 ? ['9001'] : [],
    );
    expect(await rig.events()).toEqual({ [`hubspot ${expected.outcome}`]: 1 });
  });

  test('while the won stages are not known, every stage change starts a run and the run decides', async () => {
    const rig = createRig({ wonStages: () => null });
    await sendHubSpot(rig, [
      stageEvent({ propertyValue: 'contractsent' }),
      stageEvent({ objectId: 9002, propertyValue: undefined }),
    ]);
    expect(rig.provisioner.started.map(({ ref }) => ref.dealId)).toEqual(['9001', '9002']);
  });

  test.each([
    ['its new id', { newObjectId: 9100, primaryObjectId: 9002 }, ['9100', '9002', '9001']],
    ['its primary id where it keeps one', { primaryObjectId: 9002 }, ['9002', '9001']],
    ['its own id where nothing else is told', {}, ['9001']],
    [
      'its primary id where what is gone is not told',
      { primaryObjectId: 9002, mergedObjectIds: 'x' },
      ['9002'],
    ],
  ])(
    'a merged deal is looked at under %s, and what is gone under its own',
    async (_what, change, dealIds) => {
      const rig = createRig();
      await sendHubSpot(rig, [
        stageEvent({
          subscriptionType: 'deal.merge',
          mergedObjectIds: [9001],
          propertyName: undefined,
          ...change,
        }),
      ]);
      expect(rig.provisioner.started.map(({ ref }) => ref.dealId)).toEqual(dealIds);
      expect(await rig.events()).toEqual({ 'hubspot started': 1 });
    },
  );
});

describe('batches', () => {
  test('one bad event does not fail a batch: the others start and the batch is acknowledged', async () => {
    const rig = createRig();
    const events = [...Array(98).keys()].map((index) => stageEvent({ objectId: 10_000 + index }));
    const response = await sendHubSpot(rig, [...events, { nonsense: true }, null]);
    expect(response.json()).toEqual({ events: 100, accepted: 98 });
    expect(rig.provisioner.started).toHaveLength(98);
    expect(await rig.events()).toEqual({ 'hubspot started': 98, 'hubspot malformed': 2 });
  });

  test('a deal named twice in a batch is started once', async () => {
    const rig = createRig();
    await sendHubSpot(rig, [stageEvent({ eventId: 1 }), stageEvent({ eventId: 2 })]);
    expect(rig.provisioner.started).toHaveLength(1);
  });

  test('deals with the same event id are all started, because HubSpot repeats event ids', async () => {
    const rig = createRig();
    await sendHubSpot(rig, [stageEvent({ objectId: 1 }), stageEvent({ objectId: 2 })]);
    expect(rig.provisioner.started.map(({ ref }) => ref.dealId)).toEqual(['1', '2']);
  });

  test.each([
    ['no event', '[]'],
    ['101 events', JSON.stringify(Array(101).fill(stageEvent()))],
    ['an event outside a list', JSON.stringify(stageEvent())],
    ['null', 'null'],
    ['text that is not JSON', '[{'],
    ['nothing', ''],
    ['deep nesting', '['.repeat(100_000) + ']'.repeat(100_000)],
  ])('a signed body with %s is refused as malformed', async (_what, body) => {
    const rig = createRig();
    const response = await rig.app.inject(hubspotDelivery({ body }));
    expect(problemOf(response)).toMatchObject({ code: 'webhook.malformed', status: 400 });
    expect(rig.provisioner.started).toEqual([]);
  });

  test('a body that is not UTF-8 is refused even when its bytes are signed', async () => {
    const rig = createRig();
    const payload = Buffer.from([0x5b, 0x22, 0xff, 0x22, 0x5d]);
    const { createHmac } = await import('node:crypto');
    const signature = createHmac('sha256', HUBSPOT_SECRET)
      .update(`POST${PUBLIC_URL}/webhooks/hubspot`)
      .update(payload)
      .update(String(NOW))
      .digest('base64');
    const response = await rig.app.inject({
      ...hubspotDelivery({ body: '' }),
      payload,
      headers: { ...hubspotDelivery({ body: '' }).headers, 'x-hubspot-signature-v3': signature },
    });
    expect(problemOf(response)).toMatchObject({ code: 'webhook.malformed' });
  });

  test('a body above one mebibyte is refused as too large', async () => {
    const response = await createRig().app.inject(hubspotDelivery({ body: ' '.repeat(1024 * 1024 + 1) }));
    expect(problemOf(response)).toMatchObject({ code: 'webhook.too_large', status: 413 });
  });

  test('another content type is refused', async () => {
    const response = await createRig().app.inject(
      hubspotDelivery({ body: BODY, headers: { 'content-type': 'text/plain' } }),
    );
    expect(problemOf(response)).toMatchObject({ code: 'webhook.unsupported_media_type', status: 415 });
  });
});

describe('when Temporal does not accept', () => {
  test('the whole batch is answered 503 with Retry-After, so that HubSpot sends it again', async () => {
    const rig = createRig();
    rig.provisioner.beforeStart = async ({ dealId }) => {
      if (dealId === '9002') throw new TemporalUnavailableError('connection refused');
    };
    const response = await sendHubSpot(rig, [stageEvent(), stageEvent({ objectId: 9002 })]);
    expect(problemOf(response)).toMatchObject({ code: 'temporal.unavailable', status: 503 });
    expect(Number(response.headers['retry-after'])).toBeGreaterThan(0);
    expect(await rig.events()).toEqual({ 'hubspot failed': 2 });
    expect(await rig.requests()).toEqual({ 'hubspot unavailable': 1 });
  });

  test('the batch sent again is accepted once Temporal is back', async () => {
    const rig = createRig();
    rig.provisioner.beforeStart = async () => {
      throw new TemporalUnavailableError('down');
    };
    expect((await sendHubSpot(rig, [stageEvent()])).statusCode).toBe(503);
    rig.provisioner.beforeStart = async () => {};
    expect((await sendHubSpot(rig, [stageEvent({ attemptNumber: 1 })])).statusCode).toBe(200);
    expect(rig.provisioner.started).toHaveLength(1);
  });

  test('with Temporal down the rest of the batch is not tried', async () => {
    const rig = createRig();
    let calls = 0;
    rig.provisioner.beforeStart = async () => {
      calls += 1;
      throw new TemporalUnavailableError('down');
    };
    await sendHubSpot(
      rig,
      [...Array(100).keys()].map((index) => stageEvent({ objectId: index + 1 })),
    );
    expect(calls).toBeLessThan(100);
  });

  test('an answer is given before HubSpot hangs up, even when Temporal never answers', async () => {
    const rig = createRig({ limits: { budgetMs: { hubspot: 50 } } });
    rig.provisioner.beforeStart = () => new Promise(() => {});
    const response = await sendHubSpot(rig, [stageEvent()]);
    expect(problemOf(response)).toMatchObject({ code: 'temporal.unavailable', status: 503 });
  });

  test('a bug in a start is not acknowledged either, and its text is not shown to the sender', async () => {
    const rig = createRig();
    rig.provisioner.beforeStart = async ({ dealId }) => {
      if (dealId === '9001') throw new TypeError('canary is not a function');
    };
    const response = await sendHubSpot(rig, [stageEvent(), stageEvent({ objectId: 9002 })]);
    expect(problemOf(response)).toMatchObject({ code: 'webhook.internal', status: 500 });
    expect(response.body).not.toContain('canary');
    expect(rig.log()).toContain('canary is not a function');
    expect(rig.provisioner.started.map(({ ref }) => ref.dealId)).toEqual(['9002']);
  });
});

test('no signed body, whatever it holds, ends in a 5xx answer or in a crash', async () => {
  const rig = createRig();
  const event = fc.oneof(
    fc.jsonValue(),
    fc.record(
      Object.fromEntries(
        Object.entries(stageEvent()).map(([key, value]) => [
          key,
          fc.oneof(fc.constant(value), fc.jsonValue()),
        ]),
      ),
      { requiredKeys: [] },
    ),
  );
  const body = fc.oneof(
    fc.array(event, { maxLength: 5 }).map((events) => JSON.stringify(events)),
    fc.string({ unit: 'grapheme' }),
    fc.json(),
  );
  await fc.assert(
    fc.asyncProperty(body, async (text) => {
      const { statusCode } = await rig.app.inject(hubspotDelivery({ body: text }));
      expect([200, 400]).toContain(statusCode);
    }),
    { numRuns: 300 },
  );
});
