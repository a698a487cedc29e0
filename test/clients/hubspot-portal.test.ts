import { describe, expect, test } from '@jest/globals';
import type { Notice } from '../../src/clients/crm.ts';
import type { HubSpotCrm } from '../../src/clients/hubspot/crm.ts';
import { formatHold } from '../../src/domain/deal/hold.ts';
import { accountsOfTests, failureOf, type HubSpotAccount } from './hubspot-account.ts';
import { FIRST, LIST, MESSAGE } from './hubspot-mail-tools.ts';

const open = accountsOfTests();

const ROSTER = { dealId: '9001', fileName: 'roster-acme-d0123456789abcde.csv' };
const METHODS: Readonly<Record<string, (crm: HubSpotCrm) => Promise<unknown>>> = {
  ping: (crm) => crm.ping(),
  readDeal: (crm) => crm.readDeal('9001'),
  readRecord: (crm) => crm.readRecord('9001'),
  findWonDeals: (crm) => crm.findWonDeals({ since: '2026-01-01', until: '2027-01-01', limit: 1 }),
  readContact: (crm) => crm.readContact('6001'),
  writeDealFields: (crm) => crm.writeDealFields('9001', { status: 'Planning' }),
  attachRoster: (crm) => crm.attachRoster({ ...ROSTER, csv: Buffer.from('x'), noteHtml: '' }),
  readRosters: (crm) => crm.readRosters('9001', 'd0123456789abcde'),
  findFileNames: (crm) => crm.findFileNames('codes-import-'),
  removeRoster: (crm) => crm.removeRoster(ROSTER),
  readRedeemLinks: (crm) => crm.readRedeemLinks(['6001']),
  writeRedeemLinks: (crm) => crm.writeRedeemLinks(new Map([['6001', null]])),
  deliver: (crm) => crm.mailTool(LIST).deliver(MESSAGE, FIRST),
  takeBack: (crm) => crm.mailTool(LIST).takeBack(MESSAGE),
  notify: (crm) =>
    crm.notify({ dealId: '9001', ownerId: null, key: 'k', subject: '', text: '', priority: 'low' }),
  closeNotices: (crm) => crm.closeNotices({ dealId: '9001', keys: ['k'] }),
  wonStageIds: (crm) => crm.wonStageIds(),
};

describe('a token of another portal', () => {
  test.each(Object.keys(METHODS))('gets nothing out of %s, and changes nothing', async (method) => {
    // Staging's configuration with production's token.
    const account = await open();
    const crm = account.connect({ portalId: '424242' });
    for (let attempt = 0; attempt < 2; attempt += 1) {
      expect(await failureOf(METHODS[method]?.(crm) ?? Promise.resolve())).toMatchObject({
        code: 'crm.account_mismatch',
        class: 'attention',
        message: 'HubSpot: the token belongs to portal 62515, but HUBSPOT_PORTAL_ID is 424242.',
      });
    }
    expect(account.requests).toEqual([]);
  });
});

describe('a portal in Europe', () => {
  test('has its pages on a host of its own, from the first deal on', async () => {
    const account = await open({ dataCenter: 'eu1' });
    const { url } = await account.crm.readDeal('9001');
    expect(url).toBe('https://app-eu1.hubspot.com/contacts/62515/record/0-3/9001');
    const roster = {
      dealId: '9001',
      fileName: 'roster-acme-d0123456789abcde.csv',
      csv: Buffer.from('x'),
      noteHtml: '',
    };
    expect((await account.connect().attachRoster(roster)).url).toMatch(/^https:\/\/app-eu1\.hubspot\.com\//);
  });
});

describe('the portal of a token', () => {
  test('is asked for once, however many calls begin at the same time', async () => {
    const account = await open();
    await Promise.all([account.crm.readContact('6001'), account.crm.readDeal('9001')]);
    await account.crm.readContact('6002');
    expect(account.tokenRequests).toEqual(['GET /account-info/v3/details']);
  });

  test('is known from a ping on, and asked for again by the next ping', async () => {
    const account = await open();
    await account.crm.ping();
    await account.crm.readContact('6001');
    expect(account.tokenRequests).toHaveLength(1);
    await account.crm.ping();
    expect(account.tokenRequests).toHaveLength(2);
  });

  test('is asked for again after HubSpot could not tell', async () => {
    const account = await open();
    account.fail({ path: /account-info/, kind: 'status', status: 503 });
    expect((await failureOf(account.crm.readContact('6001'))).code).toBe('crm.unavailable');
    expect(await account.crm.readContact('6001')).toMatchObject({ id: '6001' });
  });

  test('is still found out for one caller when another gives up', async () => {
    const account = await open();
    let goOn = () => {};
    const until = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    account.fail({ path: /account-info/, kind: 'delay', until });
    const cancel = new AbortController();
    const impatient = failureOf(account.crm.readContact('6001', cancel.signal));
    const patient = account.crm.readContact('6002');
    const reason = new Error('gave up');
    cancel.abort(reason);
    expect(await impatient).toBe(reason);
    goOn();
    expect(await patient).toMatchObject({ id: '6002' });
  });
});

const HELD = formatHold({
  deployment: 'default/1',
  run: 'run-1',
  at: '2026-11-21T09:00:00.000Z',
  isDone: false,
});

describe('the requests of a call', () => {
  const count = async (account: HubSpotAccount, run: (crm: HubSpotCrm) => Promise<unknown>) => {
    account.requests.length = 0;
    await run(account.crm);
    return account.requests.length;
  };
  const notice: Notice = {
    dealId: '9001',
    ownerId: '8001',
    key: 'ask-1',
    subject: 's',
    text: 't',
    priority: 'high',
  };

  test('are as few as this', async () => {
    const account = await open();
    const { crm } = account;
    const requests = {
      readDeal: await count(account, () => crm.readDeal('9001')),
      readDealAgain: await count(account, () => crm.readDeal('9001')),
      readPrint: await count(account, () => crm.readPrint('9001')),
      takeHold: await count(account, () =>
        crm.takeHold({ dealId: '9001', seen: null, hold: HELD, fields: {} }),
      ),
      readRecord: await count(account, () => crm.readRecord('9001')),
      newNotify: await count(account, () => crm.notify({ ...notice, key: 'ask-0', isNew: true })),
      firstNotify: await count(account, () => crm.notify(notice)),
      repeatedNotify: await count(account, () => crm.notify(notice)),
      closeNotices: await count(account, () => crm.closeNotices({ dealId: '9001', keys: ['ask-'] })),
      closeNoneOpen: await count(account, () => crm.closeNotices({ dealId: '9001', keys: ['ask-'] })),
    };
    expect(requests).toEqual({
      // Pipelines and the owner are read once a minute.
      readDeal: 7,
      readDealAgain: 5,
      readPrint: 1,
      takeHold: 2,
      readRecord: 1,
      newNotify: 1,
      firstNotify: 4,
      repeatedNotify: 2,
      closeNotices: 3,
      closeNoneOpen: 2,
    });
  });
});
