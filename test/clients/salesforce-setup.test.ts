import { afterEach, describe, expect, test } from '@jest/globals';
import { NO_MAIL } from '../../src/domain/deal/mail-tool.ts';
import { toSalesforceId18 } from '../../src/domain/deal/salesforce-id.ts';
import { type SandboxOrg, startSandboxOrg } from './salesforce-sandbox.ts';

const NOTHING = { tool: NO_MAIL, roles: [], approvers: {}, products: [], companies: [], skus: [] };

describe('the check of a Salesforce org', () => {
  let org: SandboxOrg;

  afterEach(async () => {
    await org.close();
  });

  test('finds nothing wrong with an org that is set up', async () => {
    org = await startSandboxOrg();
    const checks = await org.crm.checkSetup({ fix: false });

    expect(checks.filter((check) => check.state !== 'ok')).toEqual([]);
    expect(checks.map((check) => check.name)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^Salesforce credentials and org, running as user 005/),
        'Salesforce field Opportunity.Dealseat_Status__c',
        'Salesforce field Opportunity.Dealseat_Run__c',
        'Salesforce field Contact.Dealseat_Redeem_Link__c',
        'Salesforce right to create ContentVersion',
        'Salesforce right to create Task',
        'Salesforce right to change Task',
        'Salesforce e-mail action emailSimple',
      ]),
    );
  });

  test('tells the admin exactly which field to add, for every field that is not there', async () => {
    org = await startSandboxOrg({ withDealseatFields: false });
    const missing = (await org.crm.checkSetup({ fix: true })).filter((check) => check.state === 'missing');

    expect(missing).toHaveLength(14);
    expect(missing.find((check) => check.name.endsWith('Dealseat_Status__c'))?.advice).toContain(
      'Object Manager > Opportunity > Fields & Relationships: add "Dealseat Status", API name Dealseat_Status__c, data type Picklist (restricted) with the values Planning, Provisioning,',
    );
    const offered = missing.filter(({ advice }) => advice?.includes('Optional: tick it under'));
    expect(offered.map(({ name, advice }) => [name, advice])).toEqual([
      [expect.stringContaining('Dealseat_Claim__c'), expect.stringContaining('> Set History Tracking')],
    ]);
  });

  test('names the one field that field-level security hides', async () => {
    org = await startSandboxOrg({ hiddenFields: ['Contact.Dealseat_Redeem_Link__c'] });
    const wrong = (await org.crm.checkSetup({ fix: false })).filter((check) => check.state !== 'ok');
    expect(wrong).toMatchObject([
      { name: 'Salesforce field Contact.Dealseat_Redeem_Link__c', state: 'missing' },
    ]);
  });

  test('names every field that is shorter than what it must hold', async () => {
    const lengths = {
      'Opportunity.Dealseat_Detail__c': 1000,
      'Opportunity.Dealseat_Group_Id__c': 255,
      'Opportunity.Dealseat_Ledger__c': 4096,
      'Contact.Dealseat_Redeem_Link__c': 255,
    };
    org = await startSandboxOrg({ fieldLengths: lengths });
    const wrong = (await org.crm.checkSetup({ fix: false })).filter((check) => check.state !== 'ok');
    expect(wrong).toMatchObject(
      Object.entries(lengths).map(([field, length]) => ({
        name: `Salesforce field ${field}`,
        state: 'failed',
        advice: expect.stringMatching(`length is ${length}; make it .*length (4096|32768)`),
      })),
    );
  });

  test('says that an old API version cannot attach the roster', async () => {
    org = await startSandboxOrg({ apiVersion: '60.0' });
    const wrong = (await org.crm.checkSetup({ fix: false })).filter((check) => check.state !== 'ok');
    expect(wrong).toMatchObject([
      { name: 'Salesforce e-mail action emailSimple', advice: expect.stringContaining('66.0') },
    ]);
  });

  test('stops at credentials that do not work, with the cure', async () => {
    org = await startSandboxOrg({ runAsUser: false });
    expect(await org.crm.checkSetup({ fix: false })).toEqual([
      {
        name: 'Salesforce credentials and org',
        state: 'failed',
        found: expect.stringContaining('Set a Run-As user'),
        advice: expect.stringContaining('SALESFORCE_CLIENT_ID'),
        tookMs: expect.any(Number),
      },
    ]);
  });

  test('does not call a bug or a cancellation a finding', async () => {
    org = await startSandboxOrg();
    const stopped = org.crm.checkSetup({ fix: false, signal: AbortSignal.abort(new Error('stop')) });
    await expect(stopped).rejects.toThrow('stop');
  });

  test('names a contact role that the org does not have, and what no API shows of mails', async () => {
    org = await startSandboxOrg();
    const tool = { ...NO_MAIL, via: 'emailSimple' };
    const roles = [
      { key: 'buyer', name: 'economic buyer' },
      { key: 'handOver.learners', name: 'Pupil' },
    ];
    const checks = await org.crm.checkSetup({ fix: false, named: { ...NOTHING, tool, roles } });
    expect(checks.filter(({ isOfCatalog }) => isOfCatalog)).toMatchObject([
      { state: 'ok' },
      {
        state: 'failed',
        found: expect.stringContaining('Economic Buyer'),
        advice: expect.stringContaining('"Pupil"'),
      },
      { state: 'skipped', found: expect.stringContaining('not checked') },
    ]);
  });

  test('tries the queries of a delivery, and says which object the user may not read', async () => {
    org = await startSandboxOrg({ hiddenFields: ['OpportunityHistory.StageName'] });
    const wrong = (await org.crm.checkSetup({ fix: false })).filter(({ state }) => state === 'failed');
    expect(wrong.map(({ name }) => name)).toEqual(['Salesforce right to read OpportunityHistory']);
  });

  test('tells which approvers the org does not have, each with the nearest', async () => {
    org = await startSandboxOrg();
    const { records } = org.state;
    org.state.act('0065Y00001Suvw6QAB', null, { email: 'fin@a.example', role: 'Finance Manager' });
    records.insert('Profile', { Name: "Sales 'Ops'" });
    const left = org.state.createUser({ email: 'left@a.example' });
    records.update('User', left, { IsActive: false });
    const ofCatalog = async (approvers: Readonly<Record<string, readonly string[]>>) => {
      const checks = await org.crm.checkSetup({ fix: false, named: { ...NOTHING, approvers } });
      return checks.filter(({ isOfCatalog }) => isOfCatalog);
    };
    expect(
      await ofCatalog({
        salesforceUsers: ['FIN@a.example', 'left@a.example'],
        salesforceProfiles: ["sales 'ops'", 'Sales Osp'],
        salesforceRoles: ['Finance Manger'],
        hubspotUsers: ['nobody@a.example'],
      }),
    ).toMatchObject([
      {
        name: 'Salesforce approvers (salesforceUsers)',
        state: 'failed',
        found: expect.stringMatching(/^no active user .* "left@a.example"/),
        advice: expect.stringContaining('`approval.by.salesforceUsers`'),
      },
      { state: 'failed', found: expect.stringContaining('"Sales Osp"') },
      { state: 'failed', found: 'no role is called "Finance Manger" (the nearest is "Finance Manager")' },
      { name: 'Salesforce history of Opportunity.Dealseat_Action__c', state: 'ok' },
    ]);
    org.state.settings.trackedFields.clear();
    expect(
      await ofCatalog({ salesforceProfiles: ["Sales 'Ops'"], salesforceRoles: ['finance manager'] }),
    ).toMatchObject([
      { state: 'ok' },
      { state: 'ok' },
      { state: 'failed', advice: expect.stringContaining('Set History Tracking') },
    ]);
  });

  test('tells which ids lead to no record, and notes SKUs of no product', async () => {
    org = await startSandboxOrg();
    const [product] = org.state.rows('Product2');
    const id = (of: unknown, by: string) => ({ id: String(of), by: [by] });
    const gone = toSalesforceId18('01t5Y00001ZZZZZ');
    const named = {
      ...NOTHING,
      products: [id(product?.Id, 'There'), id(gone, 'Gone')],
      companies: [id(org.state.rows('Account')[0]?.Id, 'globex')],
      skus: [String(product?.ProductCode).toLowerCase(), `${product?.ProductCode}X`],
    };
    const checks = await org.crm.checkSetup({ fix: false, named });
    expect(checks.filter(({ isOfCatalog }) => isOfCatalog)).toMatchObject([
      {
        state: 'failed',
        found: `the org shows no product ${gone} (Gone)`,
        advice: expect.stringContaining('`salesforceProductId`'),
      },
      {
        state: 'ok',
        found: expect.stringContaining(`(the nearest is "${product?.ProductCode}")`),
        advice: null,
      },
      { state: 'ok' },
    ]);
  });
});
