import { describe, expect, test } from '@jest/globals';
import { request } from 'undici';
import { TiTenant } from './ti-tenant.ts';

describe('the key', () => {
  test('opens the API as a Bearer token', async () => {
    await using tenant = await TiTenant.start();
    const { status, json } = await tenant.call('/ping');
    expect({ status, json }).toEqual({ status: 200, json: { valid: true } });
  });

  test.each([
    ['no key', {}],
    ['a wrong key', { authorization: 'Bearer wrong' }],
    ['the bare key', { authorization: 'sandbox-ti-key' }],
    ['another scheme', { authorization: 'Basic sandbox-ti-key' }],
    ['a key in X-API-Key', { 'x-api-key': 'sandbox-ti-key' }],
  ])('%s is answered with 401 and an empty body that claims no type', async (_what, headers) => {
    await using tenant = await TiTenant.start();
    const answer = await tenant.call('/ping?apiKey=sandbox-ti-key', { headers });
    expect(answer.status).toBe(401);
    expect(answer.text).toBe('');
    expect(answer.headers['content-type']).toBeUndefined();
  });

  test('is asked for before anything is told about a path', async () => {
    await using tenant = await TiTenant.start();
    expect((await tenant.call('/nowhere', { headers: {} })).status).toBe(401);
  });
});

describe('paths and methods', () => {
  test.each(['/nowhere', '/redemptionCodes/codes/x/y/z', '/ping/'])('%s is not found', async (path) => {
    await using tenant = await TiTenant.start();
    expect((await tenant.call(path)).status).toBe(404);
  });

  test.each(['PUT', 'PATCH', 'DELETE'])(
    'nothing under /redemptionCodes can be changed by %s',
    async (method) => {
      await using tenant = await TiTenant.start();
      const { json } = await tenant.create();
      for (const path of [
        '/redemptionCodes',
        `/redemptionCodes/${json.id}`,
        `/redemptionCodes/${json.id}/codes`,
      ]) {
        expect((await tenant.call(path, { method })).status).toBe(405);
      }
      expect(tenant.state.groups).toHaveLength(1);
    },
  );

  test('a GET with a body is refused', async () => {
    await using tenant = await TiTenant.start();
    expect((await tenant.call('/ping', { body: '{}' })).status).toBe(400);
  });

  test('the request log tells method, path and status, and no code', async () => {
    await using tenant = await TiTenant.start();
    const { json } = await tenant.create();
    const code = tenant.state.codes[0]?.code;
    await tenant.call(`/redemptionCodes/codes/${code}`);
    await tenant.call('/redemptionCodes?query=acme');
    expect(tenant.state.requests.map(({ method, path, status }) => `${method} ${path} ${status}`)).toEqual([
      'POST /incoming/v2/redemptionCodes 201',
      'GET /incoming/v2/redemptionCodes/codes/(code) 200',
      'GET /incoming/v2/redemptionCodes 200',
    ]);
    expect(JSON.stringify(tenant.state.requests)).not.toContain(json.label);
  });
});

describe('the rate limit', () => {
  const rateLimit = { limit: 2, windowMs: 60_000, sendRetryAfter: true };

  test('is told in the headers of every answer', async () => {
    await using tenant = await TiTenant.start({ rateLimit });
    const answers = [await tenant.call('/ping'), await tenant.call('/nowhere')];
    const reset = String((tenant.clock.now + 60_000) / 1000);
    expect(answers.map(({ headers }) => headers)).toMatchObject([
      { 'x-ratelimit-limit': '2', 'x-ratelimit-remaining': '1', 'x-ratelimit-reset': reset },
      { 'x-ratelimit-limit': '2', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset },
    ]);
  });

  test('answers 429 with the delay in header and body, and changes nothing', async () => {
    await using tenant = await TiTenant.start({ rateLimit });
    await tenant.call('/ping');
    await tenant.call('/ping');
    tenant.clock.now += 28_000;
    const { status, headers, json } = await tenant.create();
    expect(status).toBe(429);
    expect(headers['retry-after']).toBe('32');
    expect(json).toEqual({
      error: 'rate_limit_exceeded',
      message: 'Rate limit exceeded. Please retry after 32 seconds.',
      retryAfter: 32,
    });
    expect(tenant.state.groups).toEqual([]);
  });

  test('may leave Retry-After out', async () => {
    await using tenant = await TiTenant.start({
      rateLimit: { ...rateLimit, limit: 0, sendRetryAfter: false },
    });
    const { status, headers } = await tenant.call('/ping');
    expect(status).toBe(429);
    expect(headers['retry-after']).toBeUndefined();
  });

  test('opens again with the next window', async () => {
    await using tenant = await TiTenant.start({ rateLimit: { ...rateLimit, limit: 1 } });
    await tenant.call('/ping');
    expect((await tenant.call('/ping')).status).toBe(429);
    tenant.clock.now += 60_000;
    expect((await tenant.call('/ping')).status).toBe(200);
  });
});

describe('the learner page', () => {
  test.each(['/redeem/', '/acme/', '/acme/redeem/'])('%s<code> redeems a code once', async (prefix) => {
    await using tenant = await TiTenant.start();
    await tenant.create();
    const code = tenant.state.codes[0]?.code ?? '';
    const page = `${tenant.url}${prefix}${code}`;
    expect(await (await request(page)).body.text()).toContain(`value="${code}"`);
    expect(tenant.state.codes[0]?.redeemedAtMs).toBeNull();
    const post = async () => (await request(page, { method: 'POST' })).body.text();
    expect(await post()).toContain('Done');
    expect(await post()).toContain('already been redeemed');
  });

  test('shows a hostile code as text', async () => {
    await using tenant = await TiTenant.start();
    const { body } = await request(`${tenant.url}/redeem/${encodeURIComponent('"><script>')}`);
    const html = await body.text();
    expect(html).toContain('&quot;&gt;&lt;script&gt;');
    expect(html).not.toContain('<script>');
  });

  test('of an unknown Panorama does not exist', async () => {
    await using tenant = await TiTenant.start();
    expect((await request(`${tenant.url}/globex/abcd`)).statusCode).toBe(404);
  });
});
