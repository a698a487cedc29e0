import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { SandboxResponse } from '../../sandbox/exchange.ts';
import { createSalesforceCrm } from '../../src/clients/salesforce/crm.ts';
import type { FailureCode } from '../../src/domain/failure.ts';
import { DEAL_ID, failureOf, type StubOrg, startStubOrg } from './salesforce-stub.ts';

const EXPIRED: SandboxResponse = {
  status: 401,
  body: [{ message: 'Session expired or invalid', errorCode: 'INVALID_SESSION_ID' }],
};

const REFUSALS: readonly [string, SandboxResponse, FailureCode, RegExp][] = [
  oauth('invalid_grant', 'no client credentials user enabled', 'crm.unauthorized', /Run-As user/),
  oauth('invalid_grant', 'request not supported on this domain', 'crm.unauthorized', /My Domain host/),
  oauth('invalid_client', 'invalid client credentials', 'crm.unauthorized', /SALESFORCE_CLIENT_SECRET/),
  oauth('invalid_client_id', 'client identifier invalid', 'crm.unauthorized', /SALESFORCE_CLIENT_ID/),
  oauth('unsupported_grant_type', 'grant type not supported', 'crm.unauthorized', /Enable the client cred/),
  oauth('invalid_grant', 'login rate exceeded', 'crm.rate_limited', /later/),
  oauth('access_denied', 'something new', 'crm.unauthorized', /something new/),
  ['HTML 404', { status: 404, body: '<html></html>' }, 'crm.unauthorized', /SALESFORCE_LOGIN_URL/],
  ['302', { status: 302, headers: { location: '/x' } }, 'crm.bad_response', /SALESFORCE_LOGIN_URL/],
  ['503', { status: 503, body: 'busy' }, 'crm.unavailable', /503/],
  ['200 HTML', { status: 200, body: '<html></html>' }, 'crm.bad_response', /without access_token/],
];

function oauth(
  error: string,
  description: string,
  code: FailureCode,
  message: RegExp,
): [string, SandboxResponse, FailureCode, RegExp] {
  const answer = { status: 400, body: { error, error_description: description } };
  return [`${error}, ${description}`, answer, code, message];
}

describe('the access token', () => {
  let org: StubOrg;

  beforeEach(async () => {
    org = await startStubOrg();
  });

  afterEach(async () => {
    await org.close();
  });

  test('is fetched once for calls that run side by side, and kept for later ones', async () => {
    await Promise.all(Array.from({ length: 10 }, () => org.crm.ping()));
    await org.crm.ping();
    expect(org.tokensGiven).toHaveLength(1);
  });

  test.each(REFUSALS)('refused with %s: the failure says what to do', async (_, answer, code, message) => {
    org.answers.set(/oauth2\/token/, answer);

    const failure = await failureOf(org.crm.ping());

    expect(failure.code).toBe(code);
    expect(failure.message).toMatch(message);
    expect(failure.message).not.toContain('sandbox-sf-secret');
  });

  test('of another org is never used', async () => {
    org.answers.set(/oauth2\/token/, {
      status: 200,
      body: {
        access_token: 't',
        instance_url: org.url,
        id: `${org.url}/id/00D5Y000001AAAAUA4/0055Y00000AbCdEQAV`,
      },
    });

    const failure = await failureOf(org.crm.readDeal(DEAL_ID));

    expect(failure.code).toBe('crm.account_mismatch');
    expect(failure.message).toContain('SALESFORCE_ORG_ID');
    expect(org.calls).toEqual(['POST /services/oauth2/token']);
  });

  test('that Salesforce ends early costs one new token, and no call fails', async () => {
    await org.crm.ping();
    org.faults.add({ system: 'salesforce', method: 'GET', kind: 'status', ...statusOf(EXPIRED) });

    await org.crm.ping();
    expect(org.tokensGiven).toHaveLength(2);
    expect(org.faults.hits).toHaveLength(1);
  });

  test('refused twice in a row is a matter for a person, until one is taken again', async () => {
    await org.crm.ping();
    org.faults.add({ system: 'salesforce', method: 'GET', kind: 'status', times: 3, ...statusOf(EXPIRED) });

    expect((await failureOf(org.crm.ping())).code).toBe('crm.unauthorized');
    expect((await failureOf(org.crm.ping())).code).toBe('crm.unauthorized');
    await org.crm.ping();
    org.faults.add({ system: 'salesforce', method: 'GET', kind: 'status', ...statusOf(EXPIRED) });
    await expect(org.crm.ping()).resolves.toBeUndefined();
  });

  test('that ended under many calls at once is fetched once for all of them', async () => {
    await org.crm.ping();
    org.answers.set(/limits/, ({ headers }) =>
      headers.authorization === 'Bearer token-1' ? EXPIRED : { status: 200, body: {} },
    );

    await Promise.all(Array.from({ length: 5 }, () => org.crm.ping()));

    expect(org.tokensGiven).toHaveLength(2);
  });

  test('is still fetched for the others when the caller who asked first is cancelled', async () => {
    org.faults.add({ system: 'salesforce', path: /oauth2/, kind: 'delay', delayMs: 50 });
    const cancellation = new AbortController();
    const first = org.crm.ping(cancellation.signal);
    const second = org.crm.ping();
    cancellation.abort(new Error('cancelled'));

    await expect(first).rejects.toThrow('cancelled');
    await expect(second).resolves.toBeUndefined();
    expect(org.tokensGiven).toHaveLength(1);
  });

  test('is asked for again after a failed fetch', async () => {
    org.faults.add({ system: 'salesforce', path: /oauth2/, kind: 'dropBefore' });
    expect((await failureOf(org.crm.ping())).code).toBe('crm.unavailable');
    await expect(org.crm.ping()).resolves.toBeUndefined();
  });

  test('goes to the org as a bearer header, and never into an address', async () => {
    const seen: string[] = [];
    org.answers.set(/limits/, (request) => {
      seen.push(`${request.headers.authorization} ${request.url.search}`);
      return { status: 200, body: {} };
    });
    await org.crm.ping();
    expect(seen).toEqual(['Bearer token-1 ']);
  });

  test('cannot be had from a host that nobody answers on', async () => {
    const crm = createSalesforceCrm({
      loginUrl: 'http://127.0.0.1:1',
      clientId: 'c',
      clientSecret: 's',
      orgId: '00D5Y000001MPM7',
      apiVersion: '66.0',
    });
    expect((await failureOf(crm.ping())).code).toBe('crm.unavailable');
  });
});

function statusOf(answer: SandboxResponse): { status: number; body: object } {
  return { status: answer.status, body: answer.body as object };
}
