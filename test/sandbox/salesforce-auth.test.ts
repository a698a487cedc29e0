import { afterEach, describe, expect, test } from '@jest/globals';
import { credentials, errorCodes, openOrg, send, textOf, token } from './salesforce-org.ts';

let org: Awaited<ReturnType<typeof openOrg>>;
afterEach(() => org.close());

const grant = { grant_type: 'client_credentials', ...credentials };

describe('the token endpoint', () => {
  test('answers good client credentials with a session of this org and no expiry', async () => {
    org = await openOrg();
    const { status, json } = await token(org.url, grant);
    expect(status).toBe(200);
    expect(json).toEqual({
      access_token: expect.stringMatching(/^00D5Y000001MPM7!/),
      signature: expect.any(String),
      scope: 'api',
      instance_url: org.url,
      id: `${org.url}/id/00D5Y000001MPM7UAO/${org.state.userId}`,
      token_type: 'Bearer',
      issued_at: expect.stringMatching(/^\d{13}$/),
    });
  });

  test('takes the credentials from a Basic header too', async () => {
    org = await openOrg();
    const basic = Buffer.from(`${credentials.client_id}:${credentials.client_secret}`).toString('base64');
    const answer = await token(
      org.url,
      { grant_type: 'client_credentials' },
      { authorization: `Basic ${basic}` },
    );
    expect(answer.status).toBe(200);
  });

  test.each([
    ['an unknown client', { ...grant, client_id: 'other' }, 'invalid_client_id', 'client identifier invalid'],
    ['a wrong secret', { ...grant, client_secret: 'other' }, 'invalid_client', 'invalid client credentials'],
    [
      'a password grant',
      { ...grant, grant_type: 'password' },
      'unsupported_grant_type',
      'grant type not supported',
    ],
  ])('refuses %s', async (_name, form, error, description) => {
    org = await openOrg();
    const answer = await token(org.url, form);
    expect(answer.status).toBe(400);
    expect(answer.json).toEqual({ error, error_description: description });
  });

  test('refuses a JSON body', async () => {
    org = await openOrg();
    const answer = await token(org.url, grant, { 'content-type': 'application/json' });
    expect(answer.status).toBe(400);
  });

  test('names the missing run-as user', async () => {
    org = await openOrg();
    org.state.settings.runAsUser = false;
    const answer = await token(org.url, grant);
    expect(answer.json).toEqual({
      error: 'invalid_grant',
      error_description: 'no client credentials user enabled',
    });
  });

  test('gives tokens out only on the My Domain host when that rule is on', async () => {
    org = await openOrg();
    org.state.settings.myDomainHost = 'vendor.my.salesforce.com';
    const elsewhere = await token(org.url, grant);
    expect(elsewhere.json).toEqual({
      error: 'invalid_grant',
      error_description: 'request not supported on this domain',
    });
    org.state.settings.myDomainHost = new URL(org.url).host;
    expect((await token(org.url, grant)).status).toBe(200);
  });
});

describe('a session', () => {
  const expired = [{ message: 'Session expired or invalid', errorCode: 'INVALID_SESSION_ID' }];

  test('must be one that the org gave out', async () => {
    org = await openOrg();
    const answer = await org.call('GET', '/limits', { token: 'forged' });
    expect(answer.status).toBe(401);
    expect(answer.json).toEqual(expired);
  });

  test('must be sent as a Bearer token', async () => {
    org = await openOrg();
    const answer = await org.call('GET', '/limits', {
      headers: { authorization: `OAuth ${org.currentToken()}` },
    });
    expect(answer.status).toBe(401);
  });

  test('ends after its time', async () => {
    let nowMs = Date.UTC(2026, 10, 22);
    org = await openOrg({ now: () => nowMs, tokenTtlMs: 60_000 });
    nowMs += 59_999;
    expect((await org.call('GET', '/limits')).status).toBe(200);
    nowMs += 1;
    expect((await org.call('GET', '/limits')).json).toEqual(expired);
  });

  test('ends after its number of calls', async () => {
    org = await openOrg({ tokenTtlCalls: 2 });
    const statuses: number[] = [];
    for (let i = 0; i < 3; i += 1) statuses.push((await org.call('GET', '/limits')).status);
    expect(statuses).toEqual([200, 200, 401]);
    await org.renewToken();
    expect((await org.call('GET', '/limits')).status).toBe(200);
  });

  test('ends when it is revoked', async () => {
    org = await openOrg();
    const revoked = await send('POST', `${org.url}/services/oauth2/revoke`, {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ token: org.currentToken() }).toString(),
    });
    expect(revoked.status).toBe(200);
    expect((await org.call('GET', '/limits')).status).toBe(401);
  });
});

describe('every REST call', () => {
  test('is refused for a retired and for an unknown API version', async () => {
    org = await openOrg();
    const headers = { authorization: `Bearer ${org.currentToken()}` };
    const retired = await send('GET', `${org.url}/services/data/v30.0/limits`, { headers });
    expect([retired.status, errorCodes(retired)]).toEqual([410, ['GONE']]);
    const unknown = await send('GET', `${org.url}/services/data/v99.0/limits`, { headers });
    expect([unknown.status, errorCodes(unknown)]).toEqual([404, ['NOT_FOUND']]);
  });

  test('is counted and tells the count, the list of versions is not', async () => {
    org = await openOrg();
    const versions = await send('GET', `${org.url}/services/data/`);
    expect(versions.json).toContainEqual({
      label: "Spring '26",
      url: '/services/data/v66.0',
      version: '66.0',
    });
    expect(versions.headers['sforce-limit-info']).toBeUndefined();
    await org.call('GET', '/limits');
    const second = await org.call('GET', '/limits');
    expect(second.headers['sforce-limit-info']).toBe('api-usage=2/100000');
    expect(second.headers['content-type']).toBe('application/json;charset=UTF-8');
    expect(second.json).toMatchObject({ DailyApiRequests: { Max: 100_000, Remaining: 99_998 } });
  });

  test('is refused above the daily limit', async () => {
    org = await openOrg({ dailyCalls: 1 });
    await org.call('GET', '/limits');
    const answer = await org.call('GET', '/limits');
    expect(answer.status).toBe(403);
    expect(answer.json).toEqual([
      { message: 'TotalRequests Limit exceeded.', errorCode: 'REQUEST_LIMIT_EXCEEDED' },
    ]);
  });

  test('is refused when its URL is too long', async () => {
    org = await openOrg();
    const ids = Array.from({ length: 700 }, () => "'0065Y00001Suvw6QAB'").join(',');
    const answer = await org.query(`SELECT Id FROM Opportunity WHERE Id IN (${ids})`);
    expect([414, 431]).toContain(answer.status);
  });

  test('is refused for a resource or a method that does not exist', async () => {
    org = await openOrg();
    expect((await org.call('GET', '/nothing')).status).toBe(404);
    expect((await org.call('GET', '/sobjects/Nothing/describe')).status).toBe(404);
    const wrongMethod = await org.call('PUT', '/limits');
    expect([wrongMethod.status, errorCodes(wrongMethod)]).toEqual([405, ['METHOD_NOT_ALLOWED']]);
    expect(textOf((wrongMethod.json as unknown[])[0], 'message')).toContain('Allowed are GET');
  });
});
