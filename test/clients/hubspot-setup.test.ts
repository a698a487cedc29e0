import { describe, expect, test } from '@jest/globals';
import { ALL_SCOPES } from '../../sandbox/hubspot/tokens.ts';
import { accountsOfTests, failureOf, type HubSpotAccount } from './hubspot-account.ts';

const open = accountsOfTests();

const OWN_PROPERTIES = [
  'deal property dealseat_status',
  'deal property dealseat_detail',
  'deal property dealseat_seats',
  'deal property dealseat_group_label',
  'deal property dealseat_group_id',
  'deal property dealseat_roster_file',
  'deal property dealseat_run',
  'deal property dealseat_ledger',
  'deal property dealseat_claim',
  'deal property dealseat_action',
  'contact property dealseat_redeem_link',
].map((name) => `HubSpot ${name}`);

async function statesOf(account: HubSpotAccount, fix: boolean): Promise<Record<string, string>> {
  const checks = await account.crm.checkSetup({ fix });
  return Object.fromEntries(checks.map(({ name, state }) => [name, state]));
}

describe('checking a HubSpot portal', () => {
  test('finds nothing wrong with a portal that is set up', async () => {
    const checks = await (await open()).crm.checkSetup({ fix: false });
    expect(checks.filter(({ state }) => state !== 'ok')).toEqual([]);
    expect(checks.map(({ name }) => name)).toEqual(expect.arrayContaining(OWN_PROPERTIES));
  });

  test('reports every missing property, and without fix changes nothing', async () => {
    const account = await open({ withDealseatProperties: false });
    const states = await statesOf(account, false);
    expect(OWN_PROPERTIES.map((name) => states[name])).toEqual(OWN_PROPERTIES.map(() => 'missing'));
    expect(account.requests.filter((request) => request.startsWith('POST'))).toEqual([]);
  });

  test('creates the missing properties with fix, so that a second look finds them', async () => {
    const account = await open({ withDealseatProperties: false });
    const first = await statesOf(account, true);
    expect(OWN_PROPERTIES.map((name) => first[name])).toEqual(OWN_PROPERTIES.map(() => 'fixed'));
    const second = await statesOf(account, false);
    expect(OWN_PROPERTIES.map((name) => second[name])).toEqual(OWN_PROPERTIES.map(() => 'ok'));
    await account.crm.writeDealFields('9001', { status: 'Planning', seats: 25 });
  });

  test('creates them also when HubSpot answers 200 where it documents 201', async () => {
    const account = await open({ withDealseatProperties: false });
    account.state.okInsteadOfCreated = /./;
    const states = await statesOf(account, true);
    expect(OWN_PROPERTIES.map((name) => states[name])).toEqual(OWN_PROPERTIES.map(() => 'fixed'));
  });

  test('is content when somebody else creates a property at the same moment', async () => {
    const account = await open({ withDealseatProperties: false });
    const exists = { status: 'error', category: 'OBJECT_ALREADY_EXISTS', message: 'exists' };
    account.fail({
      method: 'POST',
      path: /properties\/deals$/,
      kind: 'status',
      status: 409,
      body: exists,
      commit: true,
    });
    const states = await statesOf(account, true);
    expect(OWN_PROPERTIES.map((name) => states[name])).toEqual(OWN_PROPERTIES.map(() => 'fixed'));
  });

  test('does not take a lock of HubSpot for a property that is there', async () => {
    for (const path of [/properties\/deals$/, /properties\/deals\/groups$/]) {
      const account = await open({ withDealseatProperties: false });
      account.fail({ method: 'POST', path, kind: 'status', status: 423, body: { status: 'error' } });
      const first = await statesOf(account, true);
      expect(Object.values(first)).toContain('failed');
      await statesOf(account, true);
      const after = await statesOf(account, false);
      expect(OWN_PROPERTIES.map((name) => after[name])).toEqual(OWN_PROPERTIES.map(() => 'ok'));
    }
  });

  test('tells what to do about a property of another type', async () => {
    const account = await open({ withDealseatProperties: false });
    account.state.properties.createGroup('deals', { name: 'own', label: 'Own', displayOrder: -1 });
    account.state.properties.create('deals', {
      name: 'dealseat_seats',
      label: 'Seats',
      groupName: 'own',
      type: 'string',
      fieldType: 'text',
    });
    const checks = await account.crm.checkSetup({ fix: true });
    expect(checks.find(({ name }) => name.endsWith('dealseat_seats'))).toMatchObject({
      state: 'failed',
      advice: expect.stringContaining('type string, not number'),
    });
  });

  test('tells how to make a drop-down of a status that was a text, and which options one lacks', async () => {
    const account = await open({ withDealseatProperties: false });
    const { properties } = account.state;
    properties.createGroup('deals', { name: 'own', label: 'Own', displayOrder: -1 });
    const text = { type: 'string', fieldType: 'text' };
    properties.create('deals', { name: 'dealseat_status', label: 'Status', groupName: 'own', ...text });
    const options = [{ label: 'Retry', value: 'Retry', hidden: false }];
    const select = { type: 'enumeration', fieldType: 'select', options };
    properties.create('deals', { name: 'dealseat_action', label: 'Action', groupName: 'own', ...select });
    const checks = await account.crm.checkSetup({ fix: true });
    const adviceOn = (end: string) => checks.find(({ name }) => name.endsWith(end))?.advice;
    expect(adviceOn('dealseat_status')).toMatch(
      /^It has the type string, not enumeration.*delete the property/,
    );
    expect(adviceOn('dealseat_action')).toMatch(/^It lacks Approve, Reject, .*Send again: add each/);
  });

  test('stops at a token of another portal, and names both portals', async () => {
    const account = await open({ portalId: 777 });
    const checks = await account.crm.checkSetup({ fix: true });
    expect(checks).toEqual([
      {
        name: 'HubSpot portal 62515',
        state: 'failed',
        advice: expect.stringMatching(/portal 777, but HUBSPOT_PORTAL_ID is 62515/),
      },
    ]);
    expect((await failureOf(account.crm.ping())).code).toBe('crm.account_mismatch');
  });

  test('stops at a token that HubSpot does not know', async () => {
    const crm = (await open()).connect({ accessToken: 'revoked' });
    expect(await crm.checkSetup({ fix: false })).toHaveLength(1);
    expect((await failureOf(crm.ping())).code).toBe('crm.unauthorized');
  });

  test('names the scope that a token lacks', async () => {
    const scopes = ALL_SCOPES.filter((scope) => scope !== 'files' && !scope.includes('owners'));
    const account = await open({ tokens: [{ token: 'sandbox-hubspot-token', scopes }] });
    const failed = (await account.crm.checkSetup({ fix: false })).filter(({ state }) => state === 'failed');
    expect(failed).toEqual([
      expect.objectContaining({
        name: 'HubSpot access to owners',
        advice: expect.stringContaining('crm.objects.owners.read'),
      }),
      expect.objectContaining({
        name: 'HubSpot access to files',
        advice: expect.stringContaining('files'),
      }),
    ]);
  });

  test('a ping of the right portal succeeds', async () => {
    await expect((await open()).crm.ping()).resolves.toBeUndefined();
  });
});
