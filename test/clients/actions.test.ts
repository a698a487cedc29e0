import { describe, expect, test } from '@jest/globals';
import { accountsOfTests } from './hubspot-account.ts';
import { startSandboxOrg } from './salesforce-sandbox.ts';

const open = accountsOfTests();

const WINDOW = { since: '2020-01-01T00:00:00.000Z', until: '2100-01-01T00:00:00.000Z', limit: 200 };

describe('an action on a HubSpot deal', () => {
  test('is read with its author from the history of the property, in one more call once a minute', async () => {
    const { state, crm, requests } = await openWithUser();
    state.edit('deals', '9001', { dealseat_action: 'Approve' }, { by: 4801 });
    for (let reading = 0; reading < 2; reading += 1) {
      expect((await crm.readDeal('9001')).action).toEqual({
        text: 'Approve',
        setAt: expect.stringMatching(/^\d{4}-.*Z$/),
        by: {
          name: 'Ana Ruiz',
          isPerson: true,
          isProven: true,
          knownAs: { hubspotUsers: ['ana@vendor.example'], hubspotTeams: ['Finance'] },
        },
      });
    }
    expect(requests.filter((request) => request.endsWith('/owners/4801'))).toHaveLength(1);
    expect((await crm.readRecord('9001')).action).toBe('Approve');
    expect((await crm.readPrint('9001')).hasAction).toBe(true);
  });

  test('of a workflow is no person’s, and a user whom HubSpot does not know is named by the id', async () => {
    const { state, crm } = await openWithUser();
    state.edit('deals', '9001', { dealseat_action: 'Retry' }, { by: 'workflow' });
    expect((await crm.readDeal('9001')).action?.by).toMatchObject({
      name: 'a HubSpot workflow',
      isPerson: false,
    });
    state.edit('deals', '9001', { dealseat_action: 'Keep' }, { by: 99 });
    expect((await crm.readDeal('9001')).action?.by).toMatchObject({
      name: 'HubSpot user 99',
      isPerson: true,
    });
  });

  test('costs nothing while none is set, and does not change the print', async () => {
    const { state, crm, requests } = await openWithUser();
    const before = await crm.readDeal('9001');
    expect(before.action).toBeNull();
    expect(requests.filter((request) => request.endsWith('/owners/4801'))).toEqual([]);
    state.edit('deals', '9001', { dealseat_action: 'Retry' }, { by: 4801 });
    expect((await crm.readDeal('9001')).print).toBe(before.print);
    await crm.writeDealFields('9001', { action: null });
    expect((await crm.readDeal('9001')).action).toBeNull();
  });

  test('is found by the sweep in whatever stage the deal is', async () => {
    const { state, crm } = await openWithUser();
    const dealId = state.createDeal({ stage: 'closedlost' });
    const ids = async () => (await crm.findWonDeals(WINDOW)).deals.map((deal) => deal.dealId);
    expect(await ids()).not.toContain(dealId);
    state.edit('deals', dealId, { dealseat_action: 'Retry' });
    expect(await ids()).toContain(dealId);
  });

  test('outside the list is refused by HubSpot', async () => {
    const { state } = await openWithUser();
    expect(() => state.edit('deals', '9001', { dealseat_action: 'Explode' })).toThrow('not valid');
    expect(() => state.edit('deals', '9001', { dealseat_status: 'Exploded' })).toThrow('not valid');
  });
});

async function openWithUser() {
  const account = await open({ searchIndexDelayMs: 0 });
  const { state, crm } = account;
  state.owners.add({
    id: '8801',
    userId: 4801,
    email: 'ana@vendor.example',
    firstName: 'Ana',
    lastName: 'Ruiz',
    archived: false,
    teams: [{ id: '1', name: 'Finance', primary: true }],
    createdAt: state.now(),
  });
  return { state, crm, requests: account.requests };
}

const ANA = { email: 'ana@vendor.example', firstName: 'Ana', lastName: 'Ruiz', role: 'Finance' };

describe('an action on a Salesforce opportunity', () => {
  const dealOf = (org: Awaited<ReturnType<typeof startSandboxOrg>>) =>
    org.state.createOpportunity({ name: 'Globex', stageName: 'Closed Lost', closeDate: '2026-11-20' });

  test('is read with its author from the history of the field', async () => {
    const org = await startSandboxOrg({ seed: false });
    const dealId = dealOf(org);
    org.state.act(dealId, 'Approve', ANA);
    // Who edits the opportunity after that is not the author.
    org.state.setStage(dealId, 'Closed Won', { by: 'max@vendor.example' });
    expect((await org.crm.readDeal(dealId)).action).toMatchObject({
      text: 'Approve',
      by: {
        name: 'Ana Ruiz',
        isPerson: true,
        isProven: true,
        knownAs: {
          salesforceUsers: ['ana@vendor.example', 'ana@vendor.example'],
          salesforceRoles: ['Finance'],
        },
      },
    });
    expect((await org.crm.readRecord(dealId)).action).toBe('Approve');
    await org.close();
  });

  test('of a field that is not tracked is the last editor’s, unproven, and nobody’s after a write of ours', async () => {
    const org = await startSandboxOrg({ seed: false, trackedFields: [] });
    const dealId = dealOf(org);
    org.state.act(dealId, 'Retry', ANA);
    expect((await org.crm.readDeal(dealId)).action?.by).toMatchObject({ name: 'Ana Ruiz', isProven: false });
    await org.crm.writeDealFields(dealId, { status: 'Planning' });
    expect((await org.crm.readDeal(dealId)).action).toEqual({ text: 'Retry', setAt: null, by: null });
    await org.close();
  });

  test('is named although roles are not the integration user’s to see', async () => {
    const org = await startSandboxOrg({ seed: false, hiddenFields: ['User.UserRoleId'] });
    const dealId = dealOf(org);
    org.state.act(dealId, 'Approve', ANA);
    expect((await org.crm.readDeal(dealId)).action?.by?.name).toBe('Ana Ruiz');
    await org.close();
  });

  test('changes no print, is found by the sweep, and is emptied', async () => {
    const org = await startSandboxOrg({ seed: false });
    const dealId = dealOf(org);
    const before = await org.crm.readPrint(dealId);
    expect(before.hasAction).toBe(false);
    org.state.act(dealId, 'Retry', ANA);
    expect(await org.crm.readPrint(dealId)).toMatchObject({ print: before.print, hasAction: true });
    expect((await org.crm.findWonDeals(WINDOW)).deals.map((deal) => deal.dealId)).toEqual([dealId]);
    await org.crm.writeDealFields(dealId, { action: null });
    expect((await org.crm.findWonDeals(WINDOW)).deals).toEqual([]);
    await org.close();
  });
});
