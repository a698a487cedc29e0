import { afterEach, describe, expect, test } from '@jest/globals';
import { type SandboxOrg, startSandboxOrg } from './salesforce-sandbox.ts';

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

    expect(missing).toHaveLength(11);
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
        advice: expect.stringContaining('Set a Run-As user'),
      },
    ]);
  });

  test('does not call a bug or a cancellation a finding', async () => {
    org = await startSandboxOrg();
    const stopped = org.crm.checkSetup({ fix: false, signal: AbortSignal.abort(new Error('stop')) });
    await expect(stopped).rejects.toThrow('stop');
  });
});
