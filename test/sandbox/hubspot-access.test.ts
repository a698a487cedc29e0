import { describe, expect, test } from '@jest/globals';
import { DEAL, startPortal, TOKEN } from './hubspot-portal.ts';

describe('tokens', () => {
  test.each([
    ['no token', {}],
    ['an unknown token', { authorization: 'Bearer somebody-else' }],
    ['another scheme', { authorization: `Basic ${TOKEN}` }],
  ])('%s is refused as missing credentials', async (_name, headers: Record<string, string>) => {
    const portal = await startPortal();
    const answer = await portal.get(DEAL, { authorization: '', ...headers });
    expect(answer.status).toBe(401);
    expect(answer.body).toMatchObject({
      status: 'error',
      category: 'INVALID_AUTHENTICATION',
      correlationId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  test('an api key in the query is refused even beside a good token', async () => {
    const portal = await startPortal();
    expect((await portal.get(`${DEAL}?hapikey=abc`)).status).toBe(401);
  });

  test('a token dies when it is revoked and when it expires', async () => {
    const portal = await startPortal({
      tokens: [{ token: TOKEN, expiresAt: Date.parse('2026-11-25T12:30:00Z') }],
    });
    expect((await portal.get(DEAL)).status).toBe(200);
    portal.clock.now += 31 * 60_000;
    expect((await portal.get(DEAL)).status).toBe(401);
    portal.clock.now -= 31 * 60_000;
    portal.tokens.revoke(TOKEN);
    expect((await portal.get(DEAL)).status).toBe(401);
  });

  test('a token of another portal learns its own portal id and finds nothing of this one', async () => {
    const portal = await startPortal({ tokens: [{ token: TOKEN, portalId: 999 }] });
    expect((await portal.get('/account-info/v3/details')).body).toMatchObject({ portalId: 999 });
    expect((await portal.get(DEAL)).status).toBe(404);
  });
});

describe('scopes', () => {
  test.each([
    ['GET', DEAL, 'crm.objects.deals.read'],
    ['PATCH', DEAL, 'crm.objects.deals.write'],
    ['GET', '/crm/v3/owners/', 'crm.objects.owners.read'],
    ['POST', '/crm/v3/properties/deals', 'crm.schemas.deals.write'],
    ['POST', '/crm/v3/objects/tasks', 'crm.objects.contacts.write'],
    ['PUT', '/crm/v3/lists/2001/memberships/add', 'crm.lists.write'],
    ['GET', '/files/v3/files/search', 'files'],
    ['POST', '/marketing/v3/transactional/single-email/send', 'transactional-email'],
    ['POST', '/automation/v4/sequences/enrollments', 'automation.sequences.enrollments.write'],
  ])('%s %s names the scope %s that the token lacks', async (method, path, scope) => {
    const granted = ['crm.lists.read', 'crm.objects.companies.read'];
    const portal = await startPortal({ tokens: [{ token: TOKEN, scopes: granted }] });
    const answer = await portal.send(method, path, method === 'GET' ? undefined : {});
    expect(answer.status).toBe(403);
    expect(answer.body).toMatchObject({
      category: 'MISSING_SCOPES',
      errors: [{ context: { requiredGranularScopes: expect.arrayContaining([scope]) } }],
    });
  });

  test('the right to write deals is no right to make deal properties', async () => {
    const portal = await startPortal({ tokens: [{ token: TOKEN, scopes: ['crm.objects.deals.write'] }] });
    expect((await portal.send('POST', '/crm/v3/properties/deals', {})).status).toBe(403);
  });

  test('no scope makes properties on notes', async () => {
    const portal = await startPortal();
    expect((await portal.send('POST', '/crm/v3/properties/notes', {})).status).toBe(403);
  });

  test('an association needs the scopes of both sides', async () => {
    const portal = await startPortal({ tokens: [{ token: TOKEN, scopes: ['crm.objects.deals.read'] }] });
    expect((await portal.get('/crm/v4/objects/deals/9001/associations/contacts')).status).toBe(403);
  });
});

describe('tiers', () => {
  test.each([
    ['starter', 'POST', '/marketing/v3/transactional/single-email/send'],
    ['free', 'POST', '/automation/v4/sequences/enrollments?userId=4711'],
    ['professional', 'POST', '/marketing/v4/email/single-send'],
  ] as const)('the %s tier does not have %s %s', async (tier, method, path) => {
    const portal = await startPortal({ tier });
    expect((await portal.send(method, path, {})).status).toBe(403);
  });
});

describe('paths', () => {
  test.each(['deals', 'deal', '0-3'])('a deal is found under the type name %s', async (name) => {
    const portal = await startPortal();
    expect((await portal.get(`/crm/v3/objects/${name}/9001`)).body).toMatchObject({ id: '9001' });
  });

  test.each([
    ['a double slash', `//crm/v3/objects/deals/9001`, 404],
    ['a slash at the end', '/crm/v3/objects/deals/', 404],
    ['an unknown path', '/crm/v3/nothing', 404],
    ['an unknown object type', '/crm/v3/objects/unicorns/1', 400],
    ['an id that is no number', '/crm/v3/objects/deals/abc', 400],
  ])('%s is refused', async (_name, path, status) => {
    const portal = await startPortal();
    expect((await portal.get(path)).status).toBe(status);
  });

  test('a method that the path does not have is refused', async () => {
    const portal = await startPortal();
    expect((await portal.send('PUT', DEAL, {})).status).toBe(405);
  });
});

describe('limits', () => {
  test('the burst limit counts down in the headers, refuses, and lets in again after ten seconds', async () => {
    const portal = await startPortal({ rateLimit: { burst: 2 } });
    const first = await portal.get(DEAL);
    expect(first.headers.get('x-hubspot-ratelimit-max')).toBe('2');
    expect(first.headers.get('x-hubspot-ratelimit-remaining')).toBe('1');
    expect(first.headers.get('x-hubspot-ratelimit-interval-milliseconds')).toBe('10000');
    await portal.get(DEAL);
    const refused = await portal.get(DEAL);
    expect(refused.status).toBe(429);
    expect(refused.body).toMatchObject({ errorType: 'RATE_LIMIT', policyName: 'TEN_SECONDLY_ROLLING' });
    expect(refused.body).not.toHaveProperty('category');
    portal.clock.now += 10_001;
    expect((await portal.get(DEAL)).status).toBe(200);
  });

  test('the daily limit says DAILY', async () => {
    const portal = await startPortal({ rateLimit: { daily: 1 } });
    await portal.get(DEAL);
    expect((await portal.get(DEAL)).body).toMatchObject({ policyName: 'DAILY' });
  });

  test('search has its own limit, and neither uses nor shows the burst limit', async () => {
    const portal = await startPortal({ rateLimit: { burst: 1, searchPerSecond: 2 } });
    const search = () => portal.send('POST', '/crm/v3/objects/deals/search', {});
    const first = await search();
    expect(first.status).toBe(200);
    expect([...first.headers.keys()].filter((name) => name.includes('ratelimit'))).toEqual([]);
    await search();
    expect((await search()).body).toMatchObject({ message: 'You have reached your secondly limit.' });
    expect((await portal.get(DEAL)).status).toBe(200);
  });

  test('batch reads of associations are outside the burst limit', async () => {
    const portal = await startPortal({ rateLimit: { burst: 1 } });
    const read = () =>
      portal.send('POST', '/crm/v4/associations/deals/contacts/batch/read', { inputs: [{ id: '9001' }] });
    expect([(await read()).status, (await read()).status, (await portal.get(DEAL)).status]).toEqual([
      200, 200, 200,
    ]);
  });
});
