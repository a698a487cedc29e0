import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Connection } from 'jsforce';
import { openOrg } from './salesforce-org.ts';

const DEAL = '0065Y00001Suvw6QAB';
let org: Awaited<ReturnType<typeof openOrg>>;
let connection: Connection;
beforeEach(async () => {
  org = await openOrg();
  connection = new Connection({ instanceUrl: org.url, accessToken: org.currentToken(), version: '66.0' });
});
afterEach(() => org.close());

describe('the real jsforce', () => {
  test('queries a deal with its lists', async () => {
    const result = await connection.query(
      `SELECT Id, Account.Name, (SELECT ProductCode FROM OpportunityLineItems) FROM Opportunity WHERE Id = '${DEAL}'`,
    );
    expect(result).toMatchObject({
      totalSize: 1,
      done: true,
      records: [
        {
          Id: DEAL,
          Account: { Name: 'Globex Inc' },
          OpportunityLineItems: { records: [{ ProductCode: 'LEAD-101' }, { ProductCode: 'TRACK-MGR' }] },
        },
      ],
    });
    expect(connection.limitInfo.apiUsage).toEqual({ used: 1, limit: 100_000 });
  });

  test('fetches the further pages of a result', async () => {
    org.state.settings.pageSize = 1;
    const first = await connection.query('SELECT Email FROM Contact ORDER BY Email');
    const second = await connection.queryMore(String(first.nextRecordsUrl));
    expect([...first.records, ...second.records]).toMatchObject([
      { Email: 'jo.lind@globex.example' },
      { Email: 'robin.vale@globex.example' },
    ]);
    expect(second.done).toBe(true);
  });

  test('changes a record, and many at once', async () => {
    const one = await connection
      .sobject('Opportunity')
      .update({ Id: DEAL, Dealseat_Status__c: 'Planning' } as { Id: string });
    expect(one.success).toBe(true);
    expect(org.state.opportunity(DEAL).Dealseat_Status__c).toBe('Planning');
    const ids = org.state.rows('Contact').map((contact) => String(contact.Id));
    const many = await connection
      .sobject('Contact')
      .update(ids.map((Id) => ({ Id, Dealseat_Redeem_Link__c: 'https://x.example' }) as { Id: string }));
    expect(many.map((result) => result.success)).toEqual([true, true]);
  });

  test('uploads, finds and deletes a file', async () => {
    const created = await connection.sobject('ContentVersion').create({
      Title: 'roster',
      PathOnClient: 'roster.csv',
      VersionData: 'YSxiCg==',
      FirstPublishLocationId: DEAL,
    });
    expect(created.success).toBe(true);
    const [file] = org.state.files(DEAL);
    expect(file?.versionId).toBe(created.id);
    await connection.sobject('ContentDocument').destroy(String(file?.documentId));
    expect(org.state.files(DEAL)).toEqual([]);
  });

  test('meets the error codes it knows', async () => {
    await expect(connection.query('SELECT Nope__c FROM Opportunity')).rejects.toMatchObject({
      errorCode: 'INVALID_FIELD',
    });
    await expect(connection.sobject('Opportunity').retrieve('0065Y00000zzzzzQAA')).rejects.toMatchObject({
      errorCode: 'NOT_FOUND',
    });
    org.state.expireTokens();
    await expect(connection.query('SELECT Id FROM Opportunity')).rejects.toMatchObject({
      errorCode: 'INVALID_SESSION_ID',
    });
  });

  test('describes objects and the mail action', async () => {
    const described = await connection.describe('Opportunity');
    expect(described.fields.map((field) => field.name)).toContain('Dealseat_Run__c');
    expect(await connection.requestGet('/actions/standard/emailSimple')).toMatchObject({
      name: 'emailSimple',
    });
  });
});
