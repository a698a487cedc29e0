import { afterEach, describe, expect, test } from '@jest/globals';
import { wonAtOf } from '../../src/domain/deal/won-at.ts';
import { noticeOf, type SandboxOrg, startSandboxOrg } from './salesforce-sandbox.ts';
import { DEAL_ID, failureOf, ORG_ID } from './salesforce-stub.ts';

const INSTANT = /^\d{4}-.*Z$/;

describe('reading from Salesforce', () => {
  let org: SandboxOrg;

  afterEach(async () => {
    await org.close();
  });

  test('a deal comes with its line items, contacts, account and owner', async () => {
    org = await startSandboxOrg();
    org.state.updateOpportunity(DEAL_ID, { CloseDate: '2026-11-21' });

    const deal = await org.crm.readDeal(DEAL_ID);

    expect(deal).toEqual({
      crm: 'salesforce',
      account: ORG_ID,
      dealId: DEAL_ID,
      name: 'Globex manager academy',
      url: `${org.url}/lightning/r/Opportunity/${DEAL_ID}/view`,
      isWon: true,
      stage: 'Closed Won',
      closeDate: '2026-11-21',
      owner: { id: expect.stringMatching(/^005/), email: 'kim.ops@vendor.example' },
      company: {
        id: expect.stringMatching(/^001/),
        name: 'Globex Inc',
        domain: 'globex.example',
      },
      lineItems: [
        {
          id: expect.stringMatching(/^00k/),
          name: 'Leadership Essentials',
          quantity: 12,
          sku: 'LEAD-101',
          productId: expect.stringMatching(/^01t/),
          writtenAt: expect.stringMatching(INSTANT),
        },
        {
          id: expect.stringMatching(/^00k/),
          name: 'Manager Track',
          quantity: 8,
          sku: 'TRACK-MGR',
          productId: expect.stringMatching(/^01t/),
          writtenAt: expect.stringMatching(INSTANT),
        },
      ],
      contacts: [
        {
          id: org.contactId('Robin'),
          email: 'robin.vale@globex.example',
          firstName: 'Robin',
          lastName: 'Vale',
          roles: ['Economic Buyer'],
          isPrimary: true,
          formerIds: [],
          writtenAt: expect.stringMatching(INSTANT),
        },
        {
          id: org.contactId('Jo'),
          email: 'jo.lind@globex.example',
          firstName: 'Jo',
          lastName: 'Lind',
          roles: ['Learner'],
          isPrimary: false,
          formerIds: [],
          writtenAt: expect.stringMatching(INSTANT),
        },
      ],
      unseenCompany: null,
      unseenContacts: [],
      mergedDealIds: [],
      stageHistory: expect.arrayContaining([{ isWon: true, since: expect.stringMatching(/^\d{4}-.*Z$/) }]),
      written: { status: null, seats: null, groupLabels: [], groupIds: [], ledger: null, hold: null },
      action: null,
      changedAt: expect.stringMatching(/^\d{4}-.*Z$/),
      print: expect.any(String),
    });
  });

  test('an owner who is not active any more is none, because Salesforce takes no task for them', async () => {
    org = await startSandboxOrg();
    const ownerId = String(org.state.opportunity(DEAL_ID).OwnerId);
    org.state.deactivateOwner(DEAL_ID);
    const { owner } = await org.crm.readDeal(DEAL_ID);
    expect(owner).toBeNull();
    expect((await failureOf(org.crm.notify(noticeOf(DEAL_ID, { ownerId })))).message).toContain(
      'INACTIVE_OWNER',
    );
    await org.crm.notify(noticeOf(DEAL_ID, { ownerId: owner?.id ?? null }));
    expect(org.state.rows('Task')).toHaveLength(1);
  });

  test('a deal costs one call, whether or not the stages have to be read with it', async () => {
    org = await startSandboxOrg();
    const first = await org.crm.readDeal(DEAL_ID);
    expect(org.state.apiCalls).toBe(1);
    expect(await org.crm.readDeal(DEAL_ID)).toEqual(first);
    expect(org.state.apiCalls).toBe(2);
  });

  test('a deal is not read without the stages, because they decide since when it is won', async () => {
    org = await startSandboxOrg({ hiddenFields: ['OpportunityStage.IsWon'] });
    const failure = await failureOf(org.crm.readDeal(DEAL_ID));
    expect(failure.code).toBe('crm.field_missing');
    expect(failure.message).toContain('Field IsWon of OpportunityStage');
  });

  test('a 15-character id reads the same deal', async () => {
    org = await startSandboxOrg();
    expect((await org.crm.readDeal(DEAL_ID.slice(0, 15))).dealId).toBe(DEAL_ID);
  });

  test('a deal without line items, contacts or account has none of them', async () => {
    org = await startSandboxOrg();
    const id = org.state.createOpportunity({
      name: 'Bare',
      stageName: 'Prospecting',
      closeDate: '2026-12-01',
    });

    const deal = await org.crm.readDeal(id);

    expect(deal).toMatchObject({
      isWon: false,
      stage: 'Prospecting',
      lineItems: [],
      contacts: [],
      company: null,
    });
  });

  test('a long deal is read whole, page by page', async () => {
    org = await startSandboxOrg({ pageSize: 200 });
    const id = org.state.createOpportunity({
      name: 'Long',
      stageName: 'Closed Won',
      closeDate: '2026-12-01',
      lineItems: Array.from({ length: 450 }, (_, i) => ({
        productCode: `SKU-${i}`,
        name: `Course ${i}`,
        quantity: 1,
      })),
      contacts: Array.from({ length: 250 }, (_, i) => ({
        lastName: `Learner ${i}`,
        email: `learner${i}@long.example`,
        role: 'Learner',
      })),
    });

    const deal = await org.crm.readDeal(id);

    expect(new Set(deal.lineItems.map((line) => line.sku)).size).toBe(450);
    expect(new Set(deal.contacts.map((contact) => contact.email)).size).toBe(250);
  });

  test('a quantity stays as the CRM tells it, fractions included', async () => {
    org = await startSandboxOrg();
    const lineItems = [{ productCode: null, name: 'Odd', quantity: 1.5 }];
    const id = org.state.createOpportunity({
      name: 'Odd',
      stageName: 'Closed Won',
      closeDate: '2026-12-01',
      lineItems,
    });
    expect((await org.crm.readDeal(id)).lineItems).toMatchObject([{ quantity: 1.5, sku: null, name: 'Odd' }]);
  });

  test('what was written on a deal comes back as it stands there', async () => {
    org = await startSandboxOrg();
    await org.crm.writeDealFields(DEAL_ID, {
      status: 'Delivered',
      seats: 20,
      groupId: 'g-1, g-2, …',
      groupLabel: 'globex-lead, globex-track',
      ledger: '{"edited by":"a person"}',
      claim: 'working',
    });

    expect((await org.crm.readDeal(DEAL_ID)).written).toEqual({
      status: 'Delivered',
      seats: 20,
      groupIds: ['g-1', 'g-2', '…'],
      groupLabels: ['globex-lead', 'globex-track'],
      ledger: '{"edited by":"a person"}',
      hold: 'working',
    });
  });

  test('status, ledger and hold alone are read in one call', async () => {
    org = await startSandboxOrg();
    await org.crm.writeDealFields(DEAL_ID, { status: 'Delivered', ledger: '{}', claim: 'working' });
    const before = org.state.apiCalls;
    expect(await org.crm.readRecord(DEAL_ID.slice(0, 15))).toEqual({
      status: 'Delivered',
      ledger: '{}',
      hold: 'working',
      action: null,
      detail: null,
    });
    expect(org.state.apiCalls).toBe(before + 1);
    expect((await failureOf(org.crm.readRecord('0065Y00001ZZZZZ'))).code).toBe('crm.deal_not_found');
  });

  test('a deal says when it was last changed as the sweep does', async () => {
    const now = Date.parse('2026-11-20T08:00:00.250Z');
    org = await startSandboxOrg({ now: () => now });
    const window = { since: '2026-11-20T08:00:00.000Z', until: '2026-11-20T08:00:01.000Z', limit: 10 };
    const { deals } = await org.crm.findWonDeals(window);
    expect(deals).toEqual([{ dealId: DEAL_ID, changedAt: (await org.crm.readDeal(DEAL_ID)).changedAt }]);
  });

  test('says since when an opportunity is in its won stage, whatever else was edited on it', async () => {
    org = await startSandboxOrg();
    const wonAt = async () => wonAtOf(await org.crm.readDeal(DEAL_ID));
    const first = await wonAt();
    expect(Date.parse(first ?? '')).toBeGreaterThan(0);
    org.state.updateOpportunity(DEAL_ID, { CloseDate: '2026-12-24' });
    expect(await wonAt()).toBe(first);
    org.state.setStage(DEAL_ID, 'Prospecting');
    expect(await wonAt()).toBeNull();
  });

  describe('of an opportunity that was moved between won stages', () => {
    const WON = '2024-03-01T09:00:00.000Z';
    const MOVED = '2026-11-20T09:00:00.000Z';
    let now: number;

    /** Won in 2024, and moved to another won stage this week. */
    async function moveWonDeal(): Promise<void> {
      now = Date.parse('2024-02-01T09:00:00Z');
      org = await startSandboxOrg({ now: () => now, seed: false });
      const contacts = [{ lastName: 'Vale', email: 'robin.vale@globex.example', role: 'Economic Buyer' }];
      const lineItems = [{ productCode: 'LEAD-101', name: 'Leadership Essentials', quantity: 5 }];
      const closeDate = '2024-03-01';
      const more = { closeDate, contacts, lineItems };
      org.state.createOpportunity({ id: DEAL_ID, name: 'Old', stageName: 'Negotiation/Review', ...more });
      now = Date.parse(WON);
      org.state.setStage(DEAL_ID, 'Closed Won');
      now = Date.parse(MOVED);
      org.state.setStage(DEAL_ID, 'Closed Won - Renewal');
    }

    test('says since when it is won at all, so that the sweep leaves an old deal alone', async () => {
      await moveWonDeal();
      const deal = await org.crm.readDeal(DEAL_ID);
      expect(deal).toMatchObject({ isWon: true, stage: 'Closed Won - Renewal' });
      expect(deal.stageHistory).toEqual(
        expect.arrayContaining([
          { isWon: false, since: '2024-02-01T09:00:00.000Z' },
          { isWon: true, since: WON },
          { isWon: true, since: MOVED },
        ]),
      );
      expect(wonAtOf(deal)).toBe(WON);
    });

    test('counts its own stage as a won one, even where the stages that are known are older', async () => {
      await moveWonDeal();
      for (const stage of ['Closed Won', 'Closed Won - Renewal'])
        org.state.updateStage(stage, { IsWon: false });
      expect(wonAtOf(await org.crm.readDeal(DEAL_ID))).toBe(MOVED);
    });

    test('counts a stage that is not in use any more', async () => {
      await moveWonDeal();
      org.state.updateStage('Closed Won', { IsActive: false });
      expect(wonAtOf(await org.crm.readDeal(DEAL_ID))).toBe(WON);
    });

    test('knows a stage by its API name, whatever people call it now', async () => {
      await moveWonDeal();
      org.state.updateStage('Closed Won', { MasterLabel: 'Sold' });
      org.state.updateStage('Closed Lost', { MasterLabel: 'Closed Won' });
      expect(wonAtOf(await org.crm.readDeal(DEAL_ID))).toBe(WON);
    });

    test('begins anew when it was open or lost in between', async () => {
      await moveWonDeal();
      for (const stage of ['Closed Lost', 'Closed Won', 'Closed Won - Renewal']) {
        now += 60_000;
        org.state.setStage(DEAL_ID, stage);
      }
      expect(wonAtOf(await org.crm.readDeal(DEAL_ID))).toBe('2026-11-20T09:02:00.000Z');
    });
  });

  test.each([
    ['0065Y00001ZZZZZ', 'no opportunity has this id'],
    ['0035Y00001Suvw6', 'starts with 006'],
    ["x' OR Name != '", 'starts with 006'],
  ])('a deal %s is not found', async (dealId, words) => {
    org = await startSandboxOrg();
    const failure = await failureOf(org.crm.readDeal(dealId));
    expect(failure.code).toBe('crm.deal_not_found');
    expect(failure.message).toContain(words);
  });

  test('a field that the integration user may not see is named with its cure', async () => {
    org = await startSandboxOrg({ hiddenFields: ['Opportunity.Dealseat_Group_Id__c'] });
    const failure = await failureOf(org.crm.readDeal(DEAL_ID));
    expect(failure.code).toBe('crm.field_missing');
    expect(failure.message).toContain(
      'Field Dealseat_Group_Id__c of Opportunity does not exist or is hidden',
    );
  });

  test('a contact is read by its id, and one that is not there is not found', async () => {
    org = await startSandboxOrg();
    expect(await org.crm.readContact(org.contactId('Jo'))).toEqual({
      id: org.contactId('Jo'),
      email: 'jo.lind@globex.example',
      firstName: 'Jo',
      lastName: 'Lind',
    });
    expect((await failureOf(org.crm.readContact('0035Y00001ZZZZZ'))).code).toBe('crm.not_found');
  });

  test('a token that ends in the middle of a deal is renewed, and nothing fails', async () => {
    org = await startSandboxOrg();
    await org.crm.ping();
    org.state.expireTokens();

    await expect(org.crm.readDeal(DEAL_ID)).resolves.toMatchObject({ dealId: DEAL_ID });
  });
});
