import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { NUMERIC_PIPELINE, NUMERIC_WON_STAGE } from '../../sandbox/hubspot/pipelines.ts';
import { UNWRITTEN } from '../../src/domain/deal/unwritten.ts';
import { wonAtOf } from '../../src/domain/deal/won-at.ts';
import { failureOf, type HubSpotAccount, openHubSpotAccount } from './hubspot-account.ts';

let account: HubSpotAccount;

beforeEach(async () => {
  account = await openHubSpotAccount();
});

afterEach(() => account.close());

describe('reading a HubSpot deal', () => {
  test('brings everything a plan needs in one value', async () => {
    account.state.edit('deals', '9001', { closedate: '2026-11-20' });
    expect(await account.crm.readDeal('9001')).toEqual({
      crm: 'hubspot',
      account: '62515',
      dealId: '9001',
      name: 'Acme leadership rollout',
      url: 'https://app.hubspot.com/contacts/62515/record/0-3/9001',
      isWon: true,
      stageHistory: [{ isWon: true, since: expect.stringMatching(/^\d{4}-.*Z$/) }],
      stage: 'Closed Won',
      closeDate: '2026-11-20T00:00:00.000Z',
      owner: { id: '8001', email: 'sam.ops@vendor.example' },
      company: { id: '5001', name: 'Acme Corp', domain: 'acme.example', formerIds: [] },
      lineItems: [
        expect.objectContaining({
          name: 'Leadership Essentials',
          quantity: 25,
          sku: 'LEAD-101',
          productId: '7001',
        }),
        expect.objectContaining({
          name: 'Gold Support',
          quantity: 1,
          sku: 'SUPPORT-GOLD',
          productId: '7004',
        }),
      ],
      contacts: [
        {
          id: '6001',
          email: 'dana.reyes@acme.example',
          firstName: 'Dana',
          lastName: 'Reyes',
          roles: ['Buyer'],
          isPrimary: false,
          language: null,
          formerIds: [],
          writtenAt: account.state.valuesOf('contacts', '6001').createdate,
        },
        {
          id: '6002',
          email: 'lee.park@acme.example',
          firstName: 'Lee',
          lastName: 'Park',
          roles: ['Learner'],
          isPrimary: false,
          language: null,
          formerIds: [],
          writtenAt: account.state.valuesOf('contacts', '6002').createdate,
        },
      ],
      unseenCompany: null,
      unseenContacts: [],
      mergedDealIds: [],
      written: UNWRITTEN,
      action: null,
      writtenAt: expect.any(String),
      changedAt: account.state.valuesOf('deals', '9001').hs_lastmodifieddate,
      print: expect.any(String),
    });
  });

  test('calls a deal won by the metadata of its stage, in any pipeline', async () => {
    const dealId = account.state.createDeal({ pipeline: NUMERIC_PIPELINE, stage: NUMERIC_WON_STAGE });
    expect(await account.crm.readDeal(dealId)).toMatchObject({ isWon: true, stage: 'Signed' });
  });

  test('is not fooled by a stage that is only labelled "Closed Won"', async () => {
    const dealId = account.state.createDeal({ pipeline: NUMERIC_PIPELINE, stage: '1233582149' });
    expect(await account.crm.readDeal(dealId)).toMatchObject({ isWon: false });
  });

  test('does not call a lost deal won', async () => {
    const dealId = account.state.createDeal({ stage: 'closedlost' });
    expect(await account.crm.readDeal(dealId)).toMatchObject({ isWon: false, stage: 'Closed Lost' });
  });

  test('names every won stage of the portal, and no other', async () => {
    expect(await account.crm.wonStageIds()).toEqual(new Set(['closedwon', NUMERIC_WON_STAGE]));
  });

  test('takes the SKU from the product when the line item has lost it', async () => {
    const dealId = account.state.createDeal({
      lineItems: [{ name: 'Negotiation', quantity: 3, productId: '7002' }],
    });
    const { lineItems } = await account.crm.readDeal(dealId);
    expect(lineItems).toEqual([expect.objectContaining({ sku: 'NEGO-201', productId: '7002', quantity: 3 })]);
  });

  test('keeps a line item of a deleted product, with its product id', async () => {
    const dealId = account.state.createDeal({ lineItems: [{ name: 'Old', quantity: 1, productId: '7999' }] });
    const { lineItems } = await account.crm.readDeal(dealId);
    expect(lineItems).toEqual([expect.objectContaining({ sku: null, productId: '7999' })]);
  });

  test('passes a fractional or absent quantity on as it is', async () => {
    const dealId = account.state.createDeal({
      lineItems: [
        { sku: 'LEAD-101', quantity: '2.5' },
        { sku: 'NEGO-201', quantity: null },
      ],
    });
    const { lineItems } = await account.crm.readDeal(dealId);
    expect(lineItems.map(({ quantity }) => quantity)).toEqual([2.5, null]);
  });

  test('reads more line items and contacts than fit into one batch', async () => {
    const dealId = account.state.createDeal({
      lineItems: Array.from({ length: 120 }, (_, index) => ({ sku: `SKU-${index}`, quantity: 1 })),
      contacts: Array.from({ length: 130 }, (_, index) => ({ email: `learner${index}@acme.example` })),
    });
    const deal = await account.crm.readDeal(dealId);
    expect(new Set(deal.lineItems.map(({ sku }) => sku)).size).toBe(120);
    expect(new Set(deal.contacts.map(({ email }) => email)).size).toBe(130);
  });

  test('reads more contacts than fit onto one page of associations', async () => {
    const dealId = account.state.createDeal({
      contacts: Array.from({ length: 510 }, (_, index) => ({ email: `learner${index}@acme.example` })),
    });
    expect((await account.crm.readDeal(dealId)).contacts).toHaveLength(510);
  });

  test('never leaves out a line item that HubSpot does not return', async () => {
    account.fail({
      path: /line_items\/batch\/read$/,
      kind: 'status',
      status: 207,
      body: { status: 'COMPLETE', results: [], numErrors: 2, errors: [], startedAt: '', completedAt: '' },
      headers: { 'content-type': 'application/json' },
    });
    const failure = await failureOf(account.crm.readDeal('9001'));
    expect(failure).toMatchObject({ code: 'crm.bad_response', class: 'retry' });
  });

  test('prefers the primary company of several', async () => {
    const { associations } = account.state;
    const other = account.state.create('companies', { name: 'Reseller', domain: 'reseller.example' });
    const dealId = account.state.createDeal();
    const deal = { object: 'deals', id: dealId } as const;
    associations.link(deal, { object: 'companies', id: other }, associations.plainType('deals', 'companies'));
    expect(await account.crm.readDeal(dealId)).toMatchObject({ company: { name: 'Reseller' } });
    const primary = associations.typesOf('deals', 'companies').find(({ label }) => label === 'Primary');
    if (!primary) throw new Error('the sandbox has no primary kind');
    associations.link(deal, { object: 'companies', id: '5001' }, primary);
    expect(await account.crm.readDeal(dealId)).toMatchObject({ company: { name: 'Acme Corp' } });
  });

  test('passes the close date on as the instant that HubSpot keeps', async () => {
    const dealId = account.state.createDeal({ closeDate: '2026-11-20T23:30:00.000Z' });
    expect(await account.crm.readDeal(dealId)).toMatchObject({ closeDate: '2026-11-20T23:30:00.000Z' });
  });

  test('has nulls for what a bare deal lacks', async () => {
    const dealId = account.state.createDeal({ closeDate: null });
    expect(await account.crm.readDeal(dealId)).toMatchObject({
      closeDate: null,
      owner: null,
      company: null,
      lineItems: [],
      contacts: [],
      written: UNWRITTEN,
    });
  });

  test('knows the domain of the company however people typed it', async () => {
    const companyId = account.state.create('companies', {
      name: 'Globex',
      domain: 'WWW.Globex.example/about',
    });
    const dealId = account.state.createDeal({ companyId });
    expect(await account.crm.readDeal(dealId)).toMatchObject({
      company: { domain: 'globex.example' },
    });
  });

  test('returns the surviving id of a deal that was merged into another', async () => {
    const surviving = account.state.createDeal({ name: 'Survivor' });
    const merged = account.state.createDeal({ name: 'Merged' });
    account.state.merge('deals', surviving, merged);
    expect(await account.crm.readDeal(merged)).toMatchObject({ dealId: surviving, mergedDealIds: [merged] });
  });

  test('reads what an earlier run wrote, as it stands there', async () => {
    await account.crm.writeDealFields('9001', {
      status: 'Delivered',
      groupId: 'g-1, g-2',
      groupLabel: 'acme-lead-1, acme-lead-2',
      seats: 25,
      ledger: '{"groups": 3}',
      claim: 'edited by somebody',
    });
    expect((await account.crm.readDeal('9001')).written).toEqual({
      status: 'Delivered',
      seats: 25,
      groupLabels: ['acme-lead-1', 'acme-lead-2'],
      groupIds: ['g-1', 'g-2'],
      ledger: '{"groups": 3}',
      hold: 'edited by somebody',
    });
  });

  test('tells every stage the deal has been in, and which of them count as won', async () => {
    const dealId = account.state.createDeal({ stage: 'qualifiedtobuy' });
    const read = () => account.crm.readDeal(dealId);
    expect(wonAtOf(await read())).toBeNull();
    account.state.edit('deals', dealId, { dealstage: 'closedwon' });
    const first = wonAtOf(await read());
    expect(Date.parse(first ?? '')).toBeGreaterThan(0);
    account.state.edit('deals', dealId, { dealname: 'Renamed' });
    expect(wonAtOf(await read())).toBe(first);
    account.state.edit('deals', dealId, { dealstage: 'closedlost' });
    const deal = await read();
    expect(wonAtOf(deal)).toBeNull();
    expect(deal.stageHistory.map(({ isWon }) => isWon)).toEqual([false, true, false]);
  });

  test('tells the same last change as the search for won deals', async () => {
    const { changedAt } = await account.crm.readDeal('9001');
    const { deals } = await account.crm.findWonDeals({
      since: new Date(Date.parse(changedAt) - 1_000).toISOString(),
      until: new Date(Date.parse(changedAt) + 1_000).toISOString(),
      limit: 10,
    });
    expect(deals).toEqual([{ dealId: '9001', changedAt }]);
  });

  test.each(['9999999', 'not-a-number', '../contacts/6001'])(
    'says that there is no deal %s',
    async (dealId) => {
      const failure = await failureOf(account.crm.readDeal(dealId));
      expect(failure.code).toBe('crm.deal_not_found');
    },
  );

  test('says that there is no contact of an unknown id', async () => {
    const failure = await failureOf(account.crm.readContact('123'));
    expect(failure).toMatchObject({
      code: 'crm.not_found',
      message: expect.stringContaining('read contact 123'),
    });
  });
});

describe('the fields of a HubSpot deal', () => {
  test('are overwritten, emptied by null and kept when absent', async () => {
    await account.crm.writeDealFields('9001', { status: 'Planning', detail: 'first', seats: 25 });
    await account.crm.writeDealFields('9001', { status: 'Delivered', detail: null });
    const values = account.state.valuesOf('deals', '9001');
    expect(values.dealseat_status).toBe('Delivered');
    expect(values.dealseat_detail ?? '').toBe('');
    expect(Number(values.dealseat_seats)).toBe(25);
  });

  test('show the numbers of the seats, and when the last one was redeemed', async () => {
    const lastRedemption = '2026-11-25T11:00:00.000Z';
    await account.crm.writeDealFields('9001', { seatsUsed: 3, seatsFree: 22, lastRedemption });
    expect(account.state.valuesOf('deals', '9001')).toMatchObject({
      dealseat_seats_used: '3',
      dealseat_seats_free: '22',
      dealseat_last_redemption: lastRedemption,
    });
    await account.crm.writeDealFields('9001', { seatsUsed: 0, lastRedemption: null });
    const values = account.state.valuesOf('deals', '9001');
    expect(values).toMatchObject({ dealseat_seats_used: '0', dealseat_seats_free: '22' });
    expect(values.dealseat_last_redemption ?? '').toBe('');
  });

  test('name the missing property and the command that creates it', async () => {
    const bare = await openHubSpotAccount({ withDealseatProperties: false });
    try {
      const failure = await failureOf(bare.crm.writeDealFields('9001', { status: 'Planning' }));
      expect(failure.code).toBe('crm.field_missing');
      expect(failure.message).toContain('"dealseat_status"');
      expect(failure.message).toContain('dealseat doctor --fix');
    } finally {
      await bare.close();
    }
  });

  test('of a deal that is gone are reported as such', async () => {
    const failure = await failureOf(account.crm.writeDealFields('404404', { status: 'Planning' }));
    expect(failure.code).toBe('crm.deal_not_found');
  });
});

describe('the record of a HubSpot deal', () => {
  test('is what the fields say now, in one call', async () => {
    await account.crm.writeDealFields('9001', { status: 'Planning', claim: 'working …' });
    account.requests.length = 0;
    expect(await account.crm.readRecord('9001')).toEqual({
      status: 'Planning',
      ledger: null,
      hold: 'working …',
      detail: null,
      action: null,
    });
    expect(account.requests).toHaveLength(1);
  });

  test('of a deal that lives on in another one is refused, and the other one named', async () => {
    const surviving = account.state.createDeal();
    const merged = account.state.createDeal();
    account.state.merge('deals', surviving, merged);
    expect(await failureOf(account.crm.readRecord(merged))).toMatchObject({
      code: 'deal.merged',
      message: `Deal ${merged} was merged into deal ${surviving}.`,
    });
  });

  test('of a deal that is gone is reported as such', async () => {
    expect((await failureOf(account.crm.readRecord('404404'))).code).toBe('crm.deal_not_found');
  });

  test('is cut where only people read it, and never in its ledger', async () => {
    const groupId = Array.from({ length: 8_000 }, (_, n) => `group-${n}`).join(', ');
    await account.crm.writeDealFields('9001', { detail: 'x'.repeat(70_000), groupId });
    const values = account.state.valuesOf('deals', '9001');
    expect(values.dealseat_detail).toMatch(/^x{65535}…$/);
    expect((await account.crm.readDeal('9001')).written.groupIds.slice(-2)).toEqual([
      expect.stringMatching(/^group-\d{4}$/),
      '…',
    ]);
    const failure = await failureOf(account.crm.writeDealFields('9001', { ledger: 'x'.repeat(70_000) }));
    expect(failure).toMatchObject({
      code: 'crm.invalid_request',
      message: expect.stringContaining('dealseat_ledger'),
    });
  });
});

describe('redeem links on HubSpot contacts', () => {
  test('come back as they were written, and null takes one away', async () => {
    const links = new Map([
      ['6001', 'https://learn.example/redeem/AAAA'],
      ['6002', 'https://learn.example/redeem/BBBB\nhttps://learn.example/redeem/CCCC'],
    ]);
    await account.crm.writeRedeemLinks(links);
    expect((await account.crm.readRedeemLinks(['6001', '6002'])).links).toEqual(links);
    await account.crm.writeRedeemLinks(new Map([['6001', null]]));
    expect([...(await account.crm.readRedeemLinks(['6001', '6002'])).links.keys()]).toEqual(['6002']);
  });

  test('reach more contacts than fit into one batch', async () => {
    const ids = Array.from({ length: 150 }, () => account.state.createContact({}));
    const links = new Map(ids.map((id) => [id, `https://learn.example/redeem/${id}`]));
    await account.crm.writeRedeemLinks(links);
    expect((await account.crm.readRedeemLinks(ids)).links).toEqual(links);
  });

  test('are taken back from everyone, also when a contact is gone', async () => {
    const ids = Array.from({ length: 150 }, () => account.state.createContact({}));
    await account.crm.writeRedeemLinks(new Map(ids.map((id) => [id, `https://learn.example/redeem/${id}`])));
    account.state.records.archive(account.state.records.getLive('contacts', ids[0] ?? ''), 'CRM_UI');
    await account.crm.writeRedeemLinks(new Map(ids.map((id) => [id, null])));
    expect((await account.crm.readRedeemLinks(ids)).links).toEqual(new Map());
  });

  test('of a contact that is gone keep nobody else from theirs, beyond one batch either', async () => {
    const ids = Array.from({ length: 150 }, () => account.state.createContact({}));
    account.state.records.archive(account.state.records.getLive('contacts', ids[0] ?? ''), 'CRM_UI');
    const links = new Map(ids.map((id) => [id, `https://learn.example/redeem/${id}`]));
    expect((await failureOf(account.crm.writeRedeemLinks(links))).code).toBe('crm.not_found');
    expect((await account.crm.readRedeemLinks(ids)).links.size).toBe(149);
  });

  test('name the contact that is gone, and no link', async () => {
    const links = new Map([
      ['6001', 'https://learn.example/redeem/AAAA'],
      ['31337', 'https://learn.example/redeem/SECRETCODE'],
    ]);
    const failure = await failureOf(account.crm.writeRedeemLinks(links));
    expect(failure).toMatchObject({ code: 'crm.not_found', message: expect.stringContaining('31337') });
    expect(failure.message).not.toContain('SECRETCODE');
  });

  const batchOf = (...categories: readonly string[]) => ({
    status: 'COMPLETE',
    results: [],
    numErrors: categories.length,
    errors: categories.map((category) => ({
      status: 'error',
      category,
      message: 'https://learn.example/redeem/SECRETCODE',
      context: { ids: ['6001'] },
    })),
    startedAt: '2026-11-20T09:00:00.000Z',
    completedAt: '2026-11-20T09:00:00.000Z',
  });

  test.each([
    [['CONFLICT'], 'crm.conflict', true],
    [['RATE_LIMITS'], 'crm.rate_limited', false],
    [['EXPIRED_AUTHENTICATION'], 'crm.unauthorized', true],
    [['MISSING_SCOPES'], 'crm.forbidden', false],
    [['INTERNAL_ERROR'], 'crm.unavailable', false],
    [['VALIDATION_ERROR'], 'crm.invalid_request', false],
    [['SOMETHING_NEW'], 'crm.invalid_request', true],
    [['CONFLICT', 'OBJECT_NOT_FOUND', 'MISSING_SCOPES'], 'crm.forbidden', false],
  ])(
    'of which HubSpot refuses some in a success are refused for what it says: %j',
    async (categories, code, mayPass) => {
      const body = batchOf(...categories);
      account.fail({ path: /contacts\/batch\/update$/, kind: 'status', status: 207, body });
      const links = new Map([['6001', 'https://learn.example/redeem/SECRETCODE']]);
      const failure = await failureOf(account.crm.writeRedeemLinks(links));
      expect(failure).toMatchObject({ code, mayPass, message: expect.stringContaining('6001') });
      expect(failure.message).not.toContain('SECRETCODE');
    },
  );

  test.each(['CONFLICT', 'INTERNAL_ERROR', 'RATE_LIMITS', 'SOMETHING_NEW'])(
    'that HubSpot fails to show in a success are not taken for none: %s',
    async (category) => {
      const body = batchOf(category);
      account.fail({ path: /contacts\/batch\/read$/, kind: 'status', status: 207, body });
      await failureOf(account.crm.readRedeemLinks(['6001']));
    },
  );

  test.each([[[]], [['OBJECT_NOT_FOUND']], [['FORBIDDEN']]])(
    'of a contact that a batch leaves out are those which it shows by itself: %j',
    async (categories) => {
      const links = new Map([['6001', 'https://learn.example/redeem/AAAA']]);
      await account.crm.writeRedeemLinks(links);
      const body = batchOf(...categories);
      account.fail({ path: /contacts\/batch\/read$/, kind: 'status', status: 207, body });
      expect(await account.crm.readRedeemLinks(['6001'])).toMatchObject({ links, unseen: new Map() });
    },
  );

  test('of contacts that are hidden, gone or merged away are not known', async () => {
    const [gone, old, survivor] = Array.from({ length: 3 }, () => account.state.createContact({}));
    await account.crm.writeRedeemLinks(new Map([[survivor ?? '', 'https://learn.example/redeem/AAAA']]));
    account.state.records.archive(account.state.records.getLive('contacts', gone ?? ''), 'CRM_UI');
    account.state.merge('contacts', survivor ?? '', old ?? '');
    account.fail({ path: /contacts\/batch\/read$/, kind: 'status', status: 207, body: batchOf() });
    account.fail({ path: /contacts\/6001$/, kind: 'status', status: 403 });
    expect(await account.crm.readRedeemLinks(['6001', gone ?? '', old ?? ''])).toMatchObject({
      links: new Map(),
      unseen: new Map([
        ['6001', 'hidden'],
        [gone, 'gone'],
        [old, 'gone'],
      ]),
    });
  });
});
