import { describe, expect, test } from '@jest/globals';
import { ALL_SCOPES } from '../../sandbox/hubspot/tokens.ts';
import { ACTIONS } from '../../src/domain/deal/action.ts';
import type { NamedInCrm } from '../../src/domain/deal/catalog-names.ts';
import { type MailTool, NO_MAIL } from '../../src/domain/deal/mail-tool.ts';
import { accountsOfTests, failureOf, type HubSpotAccount } from './hubspot-account.ts';

const open = accountsOfTests();

const OWN_PROPERTIES = [
  'deal property dealseat_status',
  'deal property dealseat_detail',
  'deal property dealseat_seats',
  'deal property dealseat_seats_used',
  'deal property dealseat_seats_free',
  'deal property dealseat_last_redemption',
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

  async function withPoorDropDowns() {
    const account = await open({ withDealseatProperties: false });
    const { properties } = account.state;
    properties.createGroup('deals', { name: 'own', label: 'Own', displayOrder: -1 });
    const text = { type: 'string', fieldType: 'text' };
    properties.create('deals', { name: 'dealseat_status', label: 'Status', groupName: 'own', ...text });
    const options = [
      { label: 'Try again', value: 'Retry', hidden: false, displayOrder: 3, description: 'of ours' },
      { label: 'Their own', value: 'own', hidden: true, displayOrder: 8 },
    ];
    const select = { type: 'enumeration', fieldType: 'select', options };
    properties.create('deals', { name: 'dealseat_action', label: 'Action', groupName: 'own', ...select });
    const check = async (fix: boolean, end: string) =>
      (await account.crm.checkSetup({ fix })).find(({ name }) => name.endsWith(end));
    return { account, properties, options, check };
  }

  test('tells how to make a drop-down of a status that was a text, and changes nothing of it', async () => {
    const { properties, check } = await withPoorDropDowns();
    const before = properties.get('deals', 'dealseat_status');
    expect((await check(true, 'dealseat_status'))?.advice).toMatch(
      /^It has the type string, not enumeration.*delete the property/,
    );
    expect(properties.get('deals', 'dealseat_status')).toEqual(before);
  });

  test('names the options that a drop-down lacks, and adds them with fix beside those that are there', async () => {
    const { account, properties, options, check } = await withPoorDropDowns();
    expect(await check(false, 'dealseat_action')).toMatchObject({
      state: 'failed',
      found: expect.stringMatching(/^it lacks the options Approve, Reject, .*Send again$/),
      advice: expect.stringContaining('doctor --fix'),
    });
    expect(account.requests.filter((request) => request.startsWith('PATCH'))).toEqual([]);
    expect(await check(true, 'dealseat_action')).toMatchObject({ state: 'fixed' });
    const now = properties.get('deals', 'dealseat_action').options;
    expect(now.slice(0, 2)).toEqual(options);
    expect(now.slice(2).map(({ value }) => value)).toEqual(ACTIONS.filter((action) => action !== 'Retry'));
    expect(now.slice(2).map(({ displayOrder }) => displayOrder)).toEqual([9, 10, 11, 12, 13, 14]);
    expect(properties.get('deals', 'dealseat_action').label).toBe('Action');
    expect(await check(false, 'dealseat_action')).toMatchObject({ state: 'ok' });
  });

  test('finds the options added when the answer to it was lost, and says so when HubSpot refuses them', async () => {
    const { account, check } = await withPoorDropDowns();
    const change = { method: 'PATCH', path: /dealseat_action$/, kind: 'status' } as const;
    account.fail({ ...change, status: 403, body: { category: 'MISSING_SCOPES', message: 'scopes' } });
    expect(await check(true, 'dealseat_action')).toMatchObject({
      state: 'failed',
      advice: expect.stringContaining('scope'),
    });
    account.fail({ ...change, status: 200, body: 'no JSON', commit: true });
    expect(await check(true, 'dealseat_action')).toMatchObject({ state: 'fixed' });
  });

  test('stops at a token of another portal, and names both portals', async () => {
    const account = await open({ portalId: 777 });
    const checks = await account.crm.checkSetup({ fix: true });
    expect(checks).toEqual([
      {
        name: 'HubSpot portal 62515',
        state: 'failed',
        found: expect.stringMatching(/portal 777, but HUBSPOT_PORTAL_ID is 62515/),
        advice: expect.stringMatching(/^Set HUBSPOT_PORTAL_ID/),
        tookMs: expect.any(Number),
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
        found: expect.stringContaining('crm.objects.owners.read'),
      }),
      expect.objectContaining({
        name: 'HubSpot access to files',
        found: expect.stringContaining('files'),
      }),
    ]);
  });

  test('a ping of the right portal succeeds', async () => {
    await expect((await open()).crm.ping()).resolves.toBeUndefined();
  });
});

describe('what the catalog names of a portal', () => {
  const toolOf = (via: string, settings: Readonly<Record<string, string | number>>): MailTool => ({
    ...NO_MAIL,
    via,
    settings,
  });
  const nothing: NamedInCrm = {
    tool: NO_MAIL,
    roles: [],
    approvers: {},
    products: [],
    companies: [],
    skus: [],
  };
  const named = (tool: MailTool, ...roles: string[]): NamedInCrm => ({
    ...nothing,
    tool,
    roles: roles.map((name) => ({ key: 'buyer', name })),
  });

  async function ofCatalog(account: HubSpotAccount, names: NamedInCrm) {
    const checks = await account.crm.checkSetup({ fix: false, named: names });
    return checks.filter(({ isOfCatalog }) => isOfCatalog);
  }

  test('is found by the reads of each kind', async () => {
    const account = await open();
    const { listId } = account.state.lists.create({ name: 'Buyers', object: 'contacts', kind: 'MANUAL' });
    for (const tool of [
      toolOf('singleSend', { emailId: 1234567 }),
      toolOf('sequence', { sequenceId: '3001', userId: '4711', senderEmail: 'a@b.example' }),
      toolOf('list', { listId }),
    ]) {
      const checks = await ofCatalog(account, named(tool, 'buyer'));
      expect(checks.map(({ state }) => state)).toEqual(['ok', 'ok']);
    }
  });

  test.each([
    ['an e-mail that does not exist', 'singleSend', { emailId: 42 }, 'no e-mail of this id'],
    [
      'a sequence that does not exist',
      'sequence',
      { sequenceId: '1', userId: '4711' },
      'no sequence of this id',
    ],
    ['a list that does not exist', 'list', { listId: '1' }, 'no list of this id'],
  ])('is missed: %s', async (_, via, settings, found) => {
    expect(await ofCatalog(await open(), named(toolOf(via, settings)))).toMatchObject([
      {
        state: 'failed',
        found: expect.stringContaining(found),
        advice: expect.stringMatching(/^Correct `handOver/),
      },
    ]);
  });

  test('cannot be used: an e-mail that is not published, a list that fills itself, a label that no one can give', async () => {
    const account = await open();
    const { state } = account;
    state.singleSends.addTemplate({
      emailId: 77,
      name: 'Draft',
      subject: 's',
      html: 'h',
      isPublished: false,
    });
    const { listId } = state.lists.create({ name: 'Active', object: 'contacts', kind: 'DYNAMIC' });
    expect(await ofCatalog(account, named(toolOf('singleSend', { emailId: 77 }), 'Byer'))).toMatchObject([
      { state: 'failed', found: expect.stringContaining('Buyer'), advice: expect.stringContaining('"Byer"') },
      { state: 'failed', found: '"Draft" is not published' },
    ]);
    expect(await ofCatalog(account, named(toolOf('list', { listId })))).toMatchObject([{ state: 'failed' }]);
  });

  test('is not known where the token may not read it, and the check says so', async () => {
    const scopes = ALL_SCOPES.filter((scope) => !scope.startsWith('automation.sequences'));
    const account = await open({ tokens: [{ token: 'sandbox-hubspot-token', scopes }] });
    const names = named(toolOf('sequence', { sequenceId: '3001', userId: '4711' }));
    const checks = await account.crm.checkSetup({ fix: false, named: names });
    expect(checks.filter(({ state }) => state !== 'ok')).toMatchObject([
      {
        name: 'HubSpot scopes that write and send',
        state: 'failed',
        found: expect.stringContaining('automation.sequences.enrollments.write'),
      },
      { state: 'skipped', found: expect.stringContaining('not checked') },
    ]);
  });

  test('tells which approvers HubSpot does not know, each with the nearest', async () => {
    const account = await open();
    const { owners } = account.state;
    const common = { firstName: 'A', lastName: 'B', archived: false, createdAt: 0 };
    const teams = [{ id: '1', name: 'Finance', primary: true }];
    owners.add({ ...common, id: '8101', userId: 1, email: 'fin@a.example', teams });
    owners.add({ ...common, id: '8102', userId: 2, email: 'left@a.example', archived: true });
    const approvers = {
      hubspotUsers: ['FIN@a.example', 'fim@a.example', 'left@a.example'],
      hubspotTeams: ['finance', 'Fnance'],
      salesforceUsers: ['nobody@a.example'],
    };
    expect(await ofCatalog(account, { ...nothing, approvers })).toMatchObject([
      {
        name: 'HubSpot approvers (hubspotUsers)',
        state: 'failed',
        found:
          'no active user has the e-mail address "fim@a.example" (the nearest is "fin@a.example"), "left@a.example"',
        advice: expect.stringContaining('`approval.by.hubspotUsers`'),
      },
      { state: 'failed', found: expect.stringMatching(/team called "Fnance" \(the nearest is "Finance"\)$/) },
    ]);
    const right = { hubspotUsers: ['fin@a.example'], hubspotTeams: ['Finance'] };
    expect(await ofCatalog(account, { ...nothing, approvers: right })).toMatchObject([
      { state: 'ok' },
      { state: 'ok' },
    ]);
    const scopes = ALL_SCOPES.filter((scope) => !scope.includes('owners'));
    const blind = await open({ tokens: [{ token: 'sandbox-hubspot-token', scopes }] });
    expect(await ofCatalog(blind, { ...nothing, approvers: { hubspotTeams: ['Finance'] } })).toMatchObject([
      { state: 'skipped', advice: expect.stringContaining('Users & Teams') },
    ]);
  });

  test('tells which ids lead to no record, follows a merged company, and notes SKUs of no product', async () => {
    const account = await open();
    const { state, requests } = account;
    const id = (of: string, by: string) => ({ id: of, by: [by] });
    const many = Array.from({ length: 120 }, (_, index) => id(String(70_000 + index), 'Many'));
    for (const { id: product } of many) state.create('products', { name: product }, product);
    const names = {
      ...nothing,
      products: [id('7001', 'Leadership'), id('7999', 'Gone'), ...many],
      companies: [id('5001', 'acme')],
      skus: ['lead-101', 'LEAD-102'],
    };
    expect(await ofCatalog(account, names)).toMatchObject([
      { state: 'failed', found: 'the portal has no product 7999 (Gone)' },
      {
        state: 'ok',
        found: expect.stringMatching(/^no product has "LEAD-102" \(the nearest is "LEAD-101"\)/),
        advice: null,
      },
      { state: 'ok' },
    ]);
    expect(requests.filter((request) => request.endsWith('products/batch/read'))).toHaveLength(2);

    state.create('companies', { name: 'New' }, '5002');
    state.merge('companies', '5002', '5001');
    const companies = [id('5001', 'acme')];
    expect(await ofCatalog(account, { ...nothing, companies })).toMatchObject([
      { state: 'ok', found: expect.stringContaining('merged into') },
    ]);
    expect(await ofCatalog(account, { ...nothing, companies: [id('1', 'none')] })).toMatchObject([
      { state: 'failed', advice: expect.stringContaining('`hubspotCompanyId`') },
    ]);
  });
});
