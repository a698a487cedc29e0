import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  historyOf,
  messageOf,
  rosterOf,
  type SandboxOrg,
  senderOf,
  startSandboxOrg,
} from './salesforce-sandbox.ts';
import { DEAL_ID, failureOf } from './salesforce-stub.ts';

const KIM = 'kim.ops@vendor.example';
const TITLE = rosterOf(DEAL_ID).fileName;

describe('writing to Salesforce', () => {
  let org: SandboxOrg;

  beforeEach(async () => {
    org = await startSandboxOrg();
  });

  afterEach(async () => {
    await org.close();
  });

  describe('the fields of the deal', () => {
    test('only the named fields change, and null empties one', async () => {
      await org.crm.writeDealFields(DEAL_ID, { status: 'Provisioning', detail: 'Making codes', seats: 20 });
      await org.crm.writeDealFields(DEAL_ID, { status: 'Delivered', detail: null });

      expect(org.state.opportunity(DEAL_ID)).toMatchObject({
        Dealseat_Status__c: 'Delivered',
        Dealseat_Detail__c: null,
        Dealseat_Seats__c: 20,
        Name: 'Globex manager academy',
      });
    });

    test('the numbers of its seats are numbers, and the last redemption is an instant', async () => {
      const lastRedemption = '2026-11-25T11:00:00.000Z';
      await org.crm.writeDealFields(DEAL_ID, { seatsUsed: 3, seatsFree: 17, lastRedemption });
      expect(org.state.opportunity(DEAL_ID)).toMatchObject({
        Dealseat_Seats_Used__c: 3,
        Dealseat_Seats_Free__c: 17,
        Dealseat_Last_Redemption__c: expect.stringMatching(/^2026-11-25T11:00:00/),
      });
      await org.crm.writeDealFields(DEAL_ID, { seatsUsed: 0, lastRedemption: null });
      expect(org.state.opportunity(DEAL_ID)).toMatchObject({
        Dealseat_Seats_Used__c: 0,
        Dealseat_Seats_Free__c: 17,
        Dealseat_Last_Redemption__c: null,
      });
    });

    test('that only people read are cut to their length, so that the mark is written whatever it says', async () => {
      const ids = Array.from(
        { length: 200 },
        (_, n) => `5f0c2b7e-0000-4000-8000-${String(n).padStart(12, '0')}`,
      );
      const ledger = JSON.stringify({ wonAt: null, roster: null, groups: [] });
      await org.crm.writeDealFields(DEAL_ID, {
        status: 'Delivered',
        detail: '\u{1F393}'.repeat(20_000),
        groupId: ids.join(', '),
        groupLabel: ids.map((id) => `acme-${id}`).join(', '),
        run: `https://temporal.example/${'x'.repeat(300)}`,
        ledger,
      });
      const { written } = await org.crm.readDeal(DEAL_ID);
      expect(written).toMatchObject({ status: 'Delivered', ledger });
      expect(written.groupIds).toEqual([...ids.slice(0, 107), '…']);
      expect(org.state.opportunity(DEAL_ID).Dealseat_Detail__c).toMatch(/^(\u{1F393})+…$/u);
    });

    test('nothing to write is no call', async () => {
      await org.crm.writeDealFields(DEAL_ID, {});
      expect(org.state.apiCalls).toBe(0);
    });

    test('of a deal that is gone: the deal is not found', async () => {
      const failure = await failureOf(org.crm.writeDealFields('0065Y00001ZZZZZ', { status: 'Failed' }));
      expect(failure.code).toBe('crm.deal_not_found');
    });
  });

  describe('the roster', () => {
    test('becomes a private file on the deal, with a page to open', async () => {
      const attached = await org.crm.attachRoster(rosterOf(DEAL_ID));

      const [file, ...others] = org.state.files(DEAL_ID);
      expect(others).toEqual([]);
      expect(file).toMatchObject({ title: 'roster-globex-d1.csv', versionId: attached.fileId });
      expect(file?.bytes.toString()).toBe(Buffer.from(rosterOf(DEAL_ID).csv).toString());
      expect(attached.url).toBe(`${org.url}/lightning/r/ContentDocument/${file?.documentId}/view`);
    });

    test('attached twice is one file, and both calls name it', async () => {
      const first = await org.crm.attachRoster(rosterOf(DEAL_ID));
      const second = await org.crm.attachRoster(rosterOf(DEAL_ID));
      expect(second).toEqual(first);
      expect(org.state.rows('ContentVersion')).toHaveLength(1);
    });

    test('whose upload happened but was not heard of is found, not uploaded again', async () => {
      org.faults.add({
        system: 'salesforce',
        method: 'POST',
        path: /ContentVersion/,
        kind: 'dropAfterCommit',
      });

      expect((await failureOf(org.crm.attachRoster(rosterOf(DEAL_ID)))).code).toBe('crm.outcome_unknown');
      const attached = await org.crm.attachRoster(rosterOf(DEAL_ID));

      expect(org.state.rows('ContentVersion').map((row) => row.Id)).toEqual([attached.fileId]);
    });

    test('with other bytes under the same name is a new version of the same file', async () => {
      const first = await org.crm.attachRoster(rosterOf(DEAL_ID));
      const second = await org.crm.attachRoster(rosterOf(DEAL_ID, 'code\r\nCD34\r\n'));

      expect(second.url).toBe(first.url);
      expect(second.fileId).not.toBe(first.fileId);
      expect(org.state.files(DEAL_ID).map((file) => file.bytes.toString())).toEqual(['code\r\nCD34\r\n']);
      expect(await org.crm.attachRoster(rosterOf(DEAL_ID, 'code\r\nCD34\r\n'))).toEqual(second);
    });

    test('of ten thousand seats goes in one call', async () => {
      const line = `${'A'.repeat(12)},https://learn.globex.example/redeem/${'A'.repeat(12)},${'x'.repeat(80)}\r\n`;
      await org.crm.attachRoster(rosterOf(DEAL_ID, line.repeat(10_000)));
      expect(org.state.files(DEAL_ID)[0]?.bytes).toHaveLength(line.length * 10_000);
    });

    test('is removed by name, and removing it again is no failure', async () => {
      await org.crm.attachRoster(rosterOf(DEAL_ID));
      await org.crm.attachRoster({ ...rosterOf(DEAL_ID), fileName: 'other.csv' });

      await org.crm.removeRoster(rosterOf(DEAL_ID));
      await org.crm.removeRoster(rosterOf(DEAL_ID));

      expect(org.state.files(DEAL_ID).map((file) => file.title)).toEqual(['other.csv']);
    });

    test('is removed beside a file of the same name that a person added, which stays', async () => {
      const theirs = org.state.addFile(DEAL_ID, { by: KIM, title: TITLE, content: 'contract' });
      await org.crm.attachRoster(rosterOf(DEAL_ID));

      await org.crm.removeRoster(rosterOf(DEAL_ID));

      expect(org.state.files(DEAL_ID)).toMatchObject([{ versionId: theirs, title: TITLE }]);
    });

    test('is attached beside a file of the same name and bytes that a person added, which stays as it is', async () => {
      const content = Buffer.from(rosterOf(DEAL_ID).csv).toString();
      const theirs = org.state.addFile(DEAL_ID, { by: KIM, title: TITLE, content });
      const { fileId } = await org.crm.attachRoster(rosterOf(DEAL_ID));
      expect(org.state.files(DEAL_ID).map(({ versionId }) => versionId)).toEqual([theirs, fileId]);
    });

    test('of another deal is neither removed nor changed by this one, even where a person linked it here', async () => {
      const other = org.state.createOpportunity({
        name: 'Other',
        stageName: 'Closed Won',
        closeDate: '2026-12-01',
      });
      await org.crm.attachRoster(rosterOf(other, 'code\r\nEF56\r\n'));
      const [theirs] = org.state.files(other);
      org.state.linkFile(theirs?.documentId ?? '', DEAL_ID);

      expect(await org.crm.readRosters(DEAL_ID, 'd1')).toEqual([]);
      await org.crm.attachRoster(rosterOf(DEAL_ID));
      await org.crm.removeRoster(rosterOf(DEAL_ID));

      expect(org.state.files(other)).toEqual([theirs]);
    });

    test('is read back with its latest bytes, and no other file is', async () => {
      await org.crm.attachRoster(rosterOf(DEAL_ID));
      const { csv } = rosterOf(DEAL_ID, 'code\r\nCD34\r\n');
      await org.crm.attachRoster({ ...rosterOf(DEAL_ID), csv });
      await org.crm.attachRoster({ ...rosterOf(DEAL_ID), fileName: 'roster-globex-d12.csv' });
      org.state.addFile(DEAL_ID, { by: KIM, title: 'copy-of-roster-globex-d1.csv', content: 'code' });

      expect(await org.crm.readRosters(DEAL_ID, 'd1')).toEqual([
        { fileName: TITLE, csv: Buffer.from(csv), isShown: true },
      ]);
    });

    test('that someone deletes while we do is removed all the same', async () => {
      await org.crm.attachRoster(rosterOf(DEAL_ID));
      org.faults.add({
        system: 'salesforce',
        method: 'DELETE',
        kind: 'status',
        status: 404,
        body: [{ errorCode: 'ENTITY_IS_DELETED', message: 'entity is deleted' }],
      });
      await expect(org.crm.removeRoster(rosterOf(DEAL_ID))).resolves.toBeUndefined();
    });
  });

  describe('redeem links', () => {
    test('are read back as written, and emptied with null', async () => {
      const [robin, jo] = [org.contactId('Robin'), org.contactId('Jo')];
      await org.crm.writeRedeemLinks(
        new Map([
          [robin, 'https://x.example/1\nhttps://x.example/2'],
          [jo, 'https://x.example/3'],
        ]),
      );
      await org.crm.writeRedeemLinks(new Map([[jo, null]]));

      expect((await org.crm.readRedeemLinks([robin, jo])).links).toEqual(
        new Map([[robin, 'https://x.example/1\nhttps://x.example/2']]),
      );
    });

    test('of more contacts than one call takes are all written and read', async () => {
      const ids = Array.from({ length: 450 }, (_, i) =>
        org.state.addContact(DEAL_ID, { lastName: `L${i}`, email: `l${i}@x.example` }),
      );
      const links = new Map(ids.map((id, i) => [id, `https://x.example/${i}`]));

      await org.crm.writeRedeemLinks(links);

      expect((await org.crm.readRedeemLinks(ids)).links).toEqual(links);
    });

    test('are taken back from everyone, also when a contact is gone', async () => {
      const ids = Array.from({ length: 250 }, (_, i) =>
        org.state.addContact(DEAL_ID, { lastName: `L${i}`, email: `l${i}@x.example` }),
      );
      await org.crm.writeRedeemLinks(new Map(ids.map((id) => [id, 'https://x.example/1'])));
      org.state.records.remove('Contact', ids[0] ?? '');

      await org.crm.writeRedeemLinks(new Map(ids.map((id) => [id, null])));

      expect((await org.crm.readRedeemLinks(ids)).links).toEqual(new Map());
    });

    test('of contacts that are hidden or gone are not known', async () => {
      const [hidden, gone] = ['Hidden', 'Gone'].map((lastName) =>
        org.state.addContact(DEAL_ID, { lastName, email: null }),
      );
      org.state.hide(hidden ?? '');
      org.state.records.remove('Contact', gone ?? '');

      expect(await org.crm.readRedeemLinks([hidden ?? '', gone ?? ''])).toMatchObject({
        links: new Map(),
        unseen: new Map([
          [hidden, 'hidden'],
          [gone, 'gone'],
        ]),
      });
    });

    test('of a contact that is gone keep nobody else from theirs, beyond one call either', async () => {
      const ids = Array.from({ length: 250 }, (_, i) =>
        org.state.addContact(DEAL_ID, { lastName: `L${i}`, email: `l${i}@x.example` }),
      );
      org.state.records.remove('Contact', ids[0] ?? '');
      const links = new Map(ids.map((id) => [id, 'https://x.example/1']));

      expect((await failureOf(org.crm.writeRedeemLinks(links))).code).toBe('crm.not_found');

      expect((await org.crm.readRedeemLinks(ids)).links.size).toBe(249);
    });

    test('of a contact that is gone: the failure names it, and the others are written', async () => {
      const jo = org.contactId('Jo');
      const gone = '0035Y00001ZZZZZUAA';
      const links = new Map([
        ['0035Y00001ZZZZZ', 'https://x.example/CANARY1'],
        [jo, 'https://x.example/CANARY2'],
      ]);

      const failure = await failureOf(org.crm.writeRedeemLinks(links));

      expect(failure.message).toContain(gone.slice(0, 15));
      expect(failure.message).toContain('1 of 2 contacts');
      expect(failure.message).not.toContain('CANARY');
      expect((await org.crm.readRedeemLinks([jo])).links).toEqual(
        new Map([[jo, 'https://x.example/CANARY2']]),
      );
    });
  });

  test('every write goes on with a new token after its own ended in between', async () => {
    await org.crm.ping();
    org.state.expireTokens();
    await org.crm.attachRoster(rosterOf(DEAL_ID));
    await senderOf(org.crm).deliver(messageOf(DEAL_ID, org.contactId('Robin')), historyOf());

    expect(org.state.files(DEAL_ID)).toHaveLength(1);
    expect(org.outbox.mails).toHaveLength(1);
  });
});
