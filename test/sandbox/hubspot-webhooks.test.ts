import { Signature } from '@hubspot/api-client';
import { describe, expect, test } from '@jest/globals';
import { signV1, signV3 } from '../../sandbox/hubspot/webhook-signature.ts';
import { startPortal, TOKEN } from './hubspot-portal.ts';
import { startReceiver, startSilentReceiver } from './hubspot-receiver.ts';

const SECRET = 'sandbox-hubspot-secret';
const FAST = { gatherMs: 1, retryWindowMs: 20 };
const VECTOR_SECRET = 'yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy';

describe('signatures', () => {
  test('the published example of version 1 is reproduced', () => {
    const body =
      '[{"eventId":1,"subscriptionId":12345,"portalId":62515,"occurredAt":1564113600000,"subscriptionType":"contact.creation","attemptNumber":0,"objectId":123,"changeSource":"CRM","changeFlag":"NEW","appId":54321}]';
    expect(signV1({ clientSecret: VECTOR_SECRET, body })).toBe(
      '232db2615f3d666fe21a8ec971ac7b5402d33b9a925784df3ca654d05f4817de',
    );
  });

  test.each([
    [
      'a plain URL',
      'https://www.example.com/webhook_uri',
      '{"example_field":"example_value"}',
      'rQEKkaNUiu+1qGF//O/pw4BCzstSqO1PyUnGICmf+7o=',
    ],
    [
      'a URL with escapes that are decoded and escapes that are not',
      'https://www.example.com/hooks?src=a%2Fb%3Ac&x=%20y%26z',
      '[]',
      'iH6gv0bD+w0CxpVF5iGfXmh9axCrGYMQfdrhdm0jAxc=',
    ],
  ])('version 3 covers %s', (_name, url, body, expected) => {
    const parts = { clientSecret: VECTOR_SECRET, method: 'POST', url, body, timestamp: 1_700_000_000_000 };
    expect(signV3(parts)).toBe(expected);
  });

  test('HubSpot’s own library accepts a sent webhook, over the public URL rather than the one it was posted to', async () => {
    const portal = await startPortal({ now: Date.now });
    const receiver = await startReceiver();
    const url = 'https://hooks.vendor.example/webhooks/hubspot';
    const events = portal.events(['9001']);
    expect(await portal.sendWebhook({ targetUrl: url, postTo: receiver.url, events })).toEqual({
      status: 204,
      body: '',
    });
    const [request] = receiver.received;
    const valid = Signature.isValid({
      signature: String(request?.headers['x-hubspot-signature-v3']),
      clientSecret: SECRET,
      requestBody: request?.body ?? '',
      url,
      method: 'POST',
      timestamp: Number(request?.headers['x-hubspot-request-timestamp']),
      signatureVersion: 'v3',
    });
    expect(valid).toBe(true);
  });

  test.each(['bad_signature', 'changed_body'] as const)(
    'a webhook spoilt by %s does not verify',
    async (tamper) => {
      const portal = await startPortal();
      const { url, received } = await startReceiver();
      await portal.sendWebhook({ targetUrl: url, events: portal.events(['9001']), tamper });
      const [request] = received;
      const timestamp = Number(request?.headers['x-hubspot-request-timestamp']);
      const parts = { clientSecret: SECRET, method: 'POST', url, body: request?.body ?? '', timestamp };
      expect(request?.headers['x-hubspot-signature-v3']).not.toBe(signV3(parts));
    },
  );

  test.each([
    ['stale', -6],
    ['future', 6],
  ] as const)('a %s webhook is signed well, minutes off the clock', async (tamper, minutes) => {
    const portal = await startPortal();
    const { url, received } = await startReceiver();
    await portal.sendWebhook({ targetUrl: url, events: portal.events(['9001']), tamper });
    const [request] = received;
    const timestamp = Number(request?.headers['x-hubspot-request-timestamp']);
    expect(timestamp - portal.clock.now).toBe(minutes * 60_000);
    const parts = { clientSecret: SECRET, method: 'POST', url, body: request?.body ?? '', timestamp };
    expect(request?.headers['x-hubspot-signature-v3']).toBe(signV3(parts));
  });

  test('a webhook can be sent without its version 3 header', async () => {
    const portal = await startPortal();
    const { url, received } = await startReceiver();
    await portal.sendWebhook({ targetUrl: url, events: portal.events(['9001']), tamper: 'missing_header' });
    expect(received[0]?.headers).not.toHaveProperty('x-hubspot-signature-v3');
    expect(received[0]?.headers).toHaveProperty('x-hubspot-signature-version', 'v1');
  });
});

describe('events', () => {
  test('the classic form names the deal in its type', async () => {
    const portal = await startPortal();
    expect(portal.events(['9001'])).toEqual([
      expect.objectContaining({
        subscriptionType: 'deal.propertyChange',
        objectId: 9001,
        portalId: 62515,
        propertyName: 'dealstage',
        propertyValue: 'closedwon',
        attemptNumber: 0,
      }),
    ]);
  });

  test('the object form names it by type id', async () => {
    const portal = await startPortal();
    expect(portal.events(['9001'], { form: 'object' })).toEqual([
      expect.objectContaining({ subscriptionType: 'object.propertyChange', objectTypeId: '0-3' }),
    ]);
  });

  test('the documented spelling, foreign portals and apps, and shared ids can be had', async () => {
    const portal = await startPortal();
    const [event] = portal.events(['9001'], { typeField: 'eventType', portalId: 1, appId: 2, eventId: 3 });
    expect(event).toMatchObject({ eventType: 'deal.propertyChange', portalId: 1, appId: 2, eventId: 3 });
    expect(event).not.toHaveProperty('subscriptionType');
  });
});

describe('delivery', () => {
  test('moving a deal through the API brings one event a change to the target', async () => {
    const portal = await startPortal({ delivery: FAST });
    const { url, received } = await startReceiver();
    portal.setWebhookTarget(url);
    await portal.send('PATCH', '/crm/v3/objects/deals/9001', {
      properties: { dealstage: 'contractsent', amount: '5' },
    });
    await portal.send('PATCH', '/crm/v3/objects/deals/9001', { properties: { dealstage: 'contractsent' } });
    await portal.webhooks.settled();
    const events = received.flatMap((request) => request.events);
    expect(events).toMatchObject([
      { propertyValue: 'contractsent', changeSource: 'INTEGRATION', subscriptionId: 92894 },
    ]);
  });

  test('a won deal is told of even when it was won before', async () => {
    const portal = await startPortal({ delivery: FAST });
    const { url, received } = await startReceiver();
    portal.setWebhookTarget(url);
    await portal.fireDealWon('9001');
    portal.state.edit('deals', '9001', { dealstage: 'contractsent' });
    await portal.fireDealWon('9001');
    const stages = received.flatMap((request) => request.events.map(({ propertyValue }) => propertyValue));
    expect(stages.filter((stage) => stage === 'closedwon')).toHaveLength(2);
  });

  test.each([
    ['a client error', 400],
    ['a server error', 503],
    ['a redirect', 302],
    ['a lost connection', null],
  ])(
    'after %s the events come again with a higher attempt number and a fresh signature',
    async (_name, status) => {
      let clock = Date.parse('2026-11-25T12:00:00Z');
      const portal = await startPortal({ delivery: FAST, now: () => clock++ });
      const { url, received } = await startReceiver((nth) => (nth === 1 ? status : 204));
      portal.setWebhookTarget(url);
      await portal.fireDealWon('9001');
      expect(received.map(({ events }) => events[0]?.attemptNumber)).toEqual([0, 1]);
      const signatures = received.map(({ headers }) => headers['x-hubspot-signature-v3']);
      expect(new Set(signatures).size).toBe(2);
      expect(portal.webhooks.dropped).toEqual([]);
    },
  );

  test('after ten re-sends the events are gone', async () => {
    const portal = await startPortal({ delivery: FAST });
    const { url, received } = await startReceiver(() => 500);
    portal.setWebhookTarget(url);
    await portal.fireDealWon('9001');
    expect(received.map(({ events }) => events[0]?.attemptNumber)).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
    ]);
    expect(portal.webhooks.dropped).toMatchObject([{ objectId: 9001, attemptNumber: 10 }]);
  });

  test('a target that does not answer in time gets the events again', async () => {
    const portal = await startPortal({ delivery: { ...FAST, answerTimeoutMs: 1_000 } });
    const { url } = await startReceiver();
    const silent = await startSilentReceiver();
    portal.setWebhookTarget(silent.url);
    const fired = portal.fireDealWon('9001');
    await silent.firstRequest;
    portal.setWebhookTarget(url);
    await fired;
    const statuses = portal.webhooks.deliveries.map(({ status }) => status);
    expect([statuses[0], statuses.at(-1)]).toEqual([null, 204]);
    expect(portal.webhooks.dropped).toEqual([]);
  });

  test('events are sent in batches of at most 100', async () => {
    const portal = await startPortal({ delivery: FAST });
    const { url, received } = await startReceiver();
    portal.setWebhookTarget(url);
    portal.webhooks.deliver(portal.events(Array.from({ length: 230 }, () => '9001')));
    await portal.webhooks.settled();
    expect(received.map(({ events }) => events.length).sort((a, b) => b - a)).toEqual([100, 100, 30]);
  });

  test('events can come twice, in reverse order, or never', async () => {
    const portal = await startPortal({ delivery: FAST });
    const { url, received } = await startReceiver();
    portal.setWebhookTarget(url);
    const other = portal.state.createDeal();
    portal.webhooks.setModes({ duplicate: true, shuffle: true });
    portal.webhooks.deliver(portal.events(['9001', other]));
    await portal.webhooks.settled();
    const orders = received.map(({ events }) => events.map(({ objectId }) => objectId));
    expect(orders).toEqual([
      [Number(other), 9001],
      [Number(other), 9001],
    ]);
    portal.webhooks.setModes({ lose: true });
    await portal.fireDealWon('9001');
    expect(received).toHaveLength(2);
  });

  test('a merge is told under the surviving id', async () => {
    const portal = await startPortal({ delivery: FAST });
    const { url, received } = await startReceiver();
    portal.setWebhookTarget(url);
    portal.webhooks.subscribe({ type: 'deal.merge', active: true });
    const merged = portal.state.createDeal();
    portal.state.merge('deals', '9001', merged);
    await portal.webhooks.settled();
    expect(received.flatMap(({ events }) => events)).toMatchObject([
      { subscriptionType: 'deal.merge', primaryObjectId: 9001, mergedObjectIds: [Number(merged)] },
    ]);
  });
});

describe('subscriptions', () => {
  test.each([
    [
      'a property that cannot be subscribed to',
      { type: 'deal.propertyChange', propertyName: 'hs_lastmodifieddate' },
    ],
    ['a property change without its property', { type: 'deal.propertyChange' }],
    ['a creation with a property', { type: 'deal.creation', propertyName: 'dealstage' }],
    ['an unknown object', { type: 'unicorn.creation' }],
  ])('%s is refused', async (_name, subscription) => {
    const portal = await startPortal();
    expect(() => portal.webhooks.subscribe(subscription)).toThrow();
  });

  test('a paused subscription, and one whose object the app may not read, tell nothing', async () => {
    const paused = await startPortal({ delivery: FAST });
    const blind = await startPortal({
      delivery: FAST,
      tokens: [{ token: TOKEN, scopes: ['crm.objects.companies.read'] }],
    });
    const { url, received } = await startReceiver();
    paused.setWebhookTarget(url);
    blind.setWebhookTarget(url);
    paused.webhooks.subscribe({ type: 'deal.propertyChange', propertyName: 'amount' });
    paused.state.edit('deals', '9001', { amount: '7' });
    blind.state.edit('deals', '9001', { dealstage: 'contractsent' });
    await Promise.all([paused.webhooks.settled(), blind.webhooks.settled()]);
    expect(received).toEqual([]);
  });

  test('an app with a service key owns no subscriptions', async () => {
    const portal = await startPortal({ tokens: [{ token: TOKEN, kind: 'service-key' }] });
    expect(() => portal.webhooks.subscribe({ type: 'deal.creation' })).toThrow('service key');
  });

  test('the thousand-and-first subscription is refused', async () => {
    const portal = await startPortal();
    for (let n = 2; n < 1000; n += 1) portal.webhooks.subscribe({ type: 'deal.creation' });
    expect(() => portal.webhooks.subscribe({ type: 'deal.creation' })).toThrow('maximum number');
  });

  test('the target must be https, except on this machine, and five requests at once are too few', async () => {
    const portal = await startPortal();
    expect(() => portal.setWebhookTarget('http://hooks.vendor.example/')).toThrow('https');
    expect(() => portal.setWebhookTarget('https://hooks.vendor.example/')).not.toThrow();
    expect(() => portal.webhooks.setMaxConcurrentRequests(5)).toThrow('greater than 5');
  });
});
