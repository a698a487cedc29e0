import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { errorCodes, openOrg, recordsOf, textOf } from './salesforce-org.ts';

const DEAL = '0065Y00001Suvw6QAB';
let org: Awaited<ReturnType<typeof openOrg>>;
beforeAll(async () => {
  let nowMs = Date.UTC(2026, 10, 22, 7, 0, 0);
  org = await openOrg({
    now: () => {
      nowMs += 1000;
      return nowMs;
    },
    tokenTtlMs: Number.POSITIVE_INFINITY,
  });
  org.state.createOpportunity({
    name: "Dana's 100% \\ plan_1",
    stageName: 'Prospecting',
    closeDate: '2026-12-31',
    lineItems: [{ productCode: null, name: 'Workshop', quantity: 2.5, unitPrice: 10 }],
  });
  org.state.createOpportunity({
    name: 'Renewal',
    stageName: 'Closed Won - Renewal',
    closeDate: '2026-10-01',
  });
});
afterAll(() => org.close());

const names = async (where: string) =>
  recordsOf(await org.query(`SELECT Name FROM Opportunity ${where}`)).map((record) => record.Name);

describe('a query', () => {
  test('reads the stages, of which two are won ones', async () => {
    const won = await org.query(
      'SELECT ApiName, MasterLabel, IsActive FROM OpportunityStage WHERE IsWon = true',
    );
    expect(recordsOf(won)).toMatchObject([
      { ApiName: 'Closed Won', MasterLabel: 'Closed Won', IsActive: true },
      { ApiName: 'Closed Won - Renewal', MasterLabel: 'Closed Won - Renewal', IsActive: true },
    ]);
  });

  test('reads a deal with parents, line items and contact roles in one call', async () => {
    const answer = await org.query(`
      SELECT Id, IsWon, CloseDate, Account.Website, Owner.Email,
        (SELECT Quantity, ProductCode, Product2.Name FROM OpportunityLineItems ORDER BY Quantity DESC),
        (SELECT Role, IsPrimary, Contact.Email FROM OpportunityContactRoles WHERE IsPrimary = true),
        (SELECT Id FROM Tasks)
      FROM Opportunity WHERE Id = '${DEAL}'`);
    const url = `/services/data/v66.0/sobjects`;
    expect(answer.json).toEqual({
      totalSize: 1,
      done: true,
      records: [
        {
          attributes: { type: 'Opportunity', url: `${url}/Opportunity/${DEAL}` },
          Id: DEAL,
          IsWon: true,
          CloseDate: '2026-11-22',
          Account: {
            attributes: { type: 'Account', url: expect.stringContaining(`${url}/Account/001`) },
            Website: 'https://www.globex.example',
          },
          Owner: {
            attributes: { type: 'User', url: expect.stringContaining(`${url}/User/005`) },
            Email: 'kim.ops@vendor.example',
          },
          OpportunityLineItems: {
            totalSize: 2,
            done: true,
            records: [
              expect.objectContaining({ Quantity: 12, ProductCode: 'LEAD-101' }),
              expect.objectContaining({
                Quantity: 8,
                ProductCode: 'TRACK-MGR',
                Product2: expect.objectContaining({ Name: 'Manager Track' }),
              }),
            ],
          },
          OpportunityContactRoles: {
            totalSize: 1,
            done: true,
            records: [
              expect.objectContaining({
                Role: 'Economic Buyer',
                Contact: expect.objectContaining({ Email: 'robin.vale@globex.example' }),
              }),
            ],
          },
          Tasks: null,
        },
      ],
    });
  });

  test('has null for a parent that is not there', async () => {
    const answer = await org.query("SELECT Account.Name FROM Opportunity WHERE Name = 'Renewal'");
    expect(recordsOf(answer)[0]).toMatchObject({ Account: null });
  });

  test.each([
    ["WHERE Name = 'RENEWAL'", ['Renewal']],
    ["WHERE Name LIKE 'glob%'", ['Globex manager academy']],
    ["WHERE Name LIKE '%\\\\ plan\\_1'", ["Dana's 100% \\ plan_1"]],
    ["WHERE Name LIKE '%plan\\_%'", ["Dana's 100% \\ plan_1"]],
    ["WHERE Name LIKE '%plan-_'", []],
    ["WHERE Name = 'Dana\\'s 100% \\\\ plan_1'", ["Dana's 100% \\ plan_1"]],
    ["WHERE Name LIKE '%100\\%%'", ["Dana's 100% \\ plan_1"]],
    ["WHERE Name LIKE 'Renewa_'", ['Renewal']],
    ['WHERE IsWon = true AND CloseDate < 2026-11-01', ['Renewal']],
    ['WHERE Amount >= 3000', ['Globex manager academy']],
    ["WHERE Account.Website = '' AND IsWon = true", ['Renewal']],
    ['WHERE AccountId = null AND IsWon = TRUE', ['Renewal']],
    [
      "WHERE Account.Name != null AND (StageName IN ('Closed Won') OR IsWon = false)",
      ['Globex manager academy'],
    ],
    ["WHERE NOT (StageName NOT IN ('Prospecting'))", ["Dana's 100% \\ plan_1"]],
    [
      'WHERE SystemModstamp > 2020-01-01T00:00:00Z ORDER BY CloseDate DESC LIMIT 1',
      ["Dana's 100% \\ plan_1"],
    ],
    ['WHERE SystemModstamp > 2030-01-01T00:00:00.000+00:00', []],
    ['ORDER BY CloseDate LIMIT 1 OFFSET 1', ['Globex manager academy']],
    ['ORDER BY AccountId NULLS LAST, Name LIMIT 1', ['Globex manager academy']],
  ])('understands %s', async (where, expected) => {
    expect(await names(where)).toEqual(expected);
  });

  test('matches ids of 15 and of 18 characters', async () => {
    expect(await names(`WHERE Id IN ('${DEAL.slice(0, 15)}')`)).toEqual(await names(`WHERE Id = '${DEAL}'`));
  });

  test('counts without listing', async () => {
    const answer = await org.query('SELECT COUNT() FROM Opportunity WHERE IsWon = true');
    expect(answer.json).toEqual({ totalSize: 2, done: true, records: [] });
  });

  test('tells date-times in the form without Z', async () => {
    const answer = await org.query('SELECT CreatedDate FROM Opportunity LIMIT 1');
    expect(textOf(recordsOf(answer)[0], 'CreatedDate')).toMatch(/^2026-11-22T07:00:\d\d\.000\+0000$/);
  });
});

describe('a query is refused', () => {
  test('for an unknown field, with the place and the hint of the real text', async () => {
    const answer = await org.query('SELECT Id, Nope__c FROM Opportunity');
    expect(answer.status).toBe(400);
    expect(answer.json).toEqual([
      {
        message:
          "\nSELECT Id, Nope__c FROM Opportunity\n           ^\nERROR at Row:1:Column:12\nNo such column 'Nope__c' on entity 'Opportunity'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.",
        errorCode: 'INVALID_FIELD',
      },
    ]);
  });

  test.each([
    ['an unknown object', 'SELECT Id FROM Nope', 'INVALID_TYPE'],
    ['an unknown child list', 'SELECT (SELECT Id FROM Nopes) FROM Opportunity', 'INVALID_TYPE'],
    ['an unknown parent', 'SELECT Nope.Name FROM Opportunity', 'INVALID_FIELD'],
    ['a parent of a lookup with several targets', 'SELECT What.Name FROM Task', 'INVALID_FIELD'],
    [
      'a list in a list',
      'SELECT (SELECT (SELECT Id FROM Tasks) FROM Tasks) FROM Opportunity',
      'MALFORMED_QUERY',
    ],
    ['a field named twice', 'SELECT Id, id FROM Opportunity', 'MALFORMED_QUERY'],
    ['an end too soon', 'SELECT Id FROM Opportunity WHERE', 'MALFORMED_QUERY'],
    ['a missing comma', 'SELECT Id Name FROM Opportunity', 'MALFORMED_QUERY'],
    ['AND beside OR', 'SELECT Id FROM Task WHERE Id = null AND Id = null OR Id = null', 'MALFORMED_QUERY'],
    ['an unknown escape', "SELECT Id FROM Task WHERE Subject = 'a\\x'", 'MALFORMED_QUERY'],
    ['an open string', "SELECT Id FROM Task WHERE Subject = 'a", 'MALFORMED_QUERY'],
    ['an empty list', 'SELECT Id FROM Task WHERE Subject IN ()', 'MALFORMED_QUERY'],
    ['a quoted date', "SELECT Id FROM Opportunity WHERE CloseDate = '2026-11-21'", 'INVALID_FIELD'],
    ['an unquoted text', 'SELECT Id FROM Opportunity WHERE Name = 5', 'INVALID_FIELD'],
    ['a quoted number', "SELECT Id FROM Opportunity WHERE Amount = '5'", 'INVALID_FIELD'],
    [
      'a date for a date-time',
      'SELECT Id FROM Opportunity WHERE SystemModstamp > 2026-11-21',
      'INVALID_FIELD',
    ],
    ['a comparison of a long text', "SELECT Id FROM Task WHERE Description = 'a'", 'INVALID_FIELD'],
    ['an order by a long text', 'SELECT Id FROM Task ORDER BY Description', 'INVALID_FIELD'],
    ['an id that is none', "SELECT Id FROM Task WHERE WhatId = 'abc'", 'INVALID_QUERY_FILTER_OPERATOR'],
    [
      'an id with a wrong suffix',
      "SELECT Id FROM Task WHERE WhatId = '0065Y00001Suvw6AAA'",
      'INVALID_QUERY_FILTER_OPERATOR',
    ],
    ['LIKE on an id', "SELECT Id FROM Task WHERE WhatId LIKE '006%'", 'INVALID_QUERY_FILTER_OPERATOR'],
    ['all file links at once', 'SELECT Id FROM ContentDocumentLink', 'MALFORMED_QUERY'],
    [
      'file links by another field',
      "SELECT Id FROM ContentDocumentLink WHERE ShareType = 'V'",
      'MALFORMED_QUERY',
    ],
    [
      'file links by one of two ends',
      `SELECT Id FROM ContentDocumentLink WHERE LinkedEntityId = '${DEAL}' OR ShareType = 'V'`,
      'MALFORMED_QUERY',
    ],
  ])('for %s', async (_name, soql, code) => {
    const answer = await org.query(soql);
    expect([answer.status, errorCodes(answer)]).toEqual([400, [code]]);
  });

  test('for a query parameter that the resource does not have', async () => {
    const answer = await org.call('GET', '/query?q=SELECT+Id+FROM+Opportunity&limit=5');
    expect(answer.status).toBe(400);
  });

  test('for field-level security as if the field did not exist', async () => {
    org.state.settings.hiddenFields.add('Opportunity.Dealseat_Status__c');
    const answer = await org.query('SELECT Dealseat_Status__c FROM Opportunity');
    org.state.settings.hiddenFields.clear();
    expect(errorCodes(answer)).toEqual(['INVALID_FIELD']);
    expect((await org.query('SELECT Dealseat_Status__c FROM Opportunity')).status).toBe(200);
  });
});

describe('a result longer than a page', () => {
  test('is read page by page until done, each row once', async () => {
    org.state.settings.pageSize = 2;
    const first = await org.query('SELECT Id FROM Opportunity ORDER BY Id');
    expect(first.json).toMatchObject({ totalSize: 3, done: false });
    const next = textOf(first.json, 'nextRecordsUrl').replace('/services/data/v66.0', '');
    expect(next).toMatch(/^\/query\/01g\w{15}-2$/);
    const second = await org.call('GET', next);
    org.state.settings.pageSize = 2000;
    expect(second.json).toMatchObject({ totalSize: 3, done: true });
    const ids = [...recordsOf(first), ...recordsOf(second)].map((record) => record.Id);
    expect(new Set(ids).size).toBe(3);
  });

  test('pages its child lists on their own', async () => {
    org.state.settings.pageSize = 1;
    const answer = await org.query(
      `SELECT Id, (SELECT ProductCode FROM OpportunityLineItems) FROM Opportunity WHERE Id = '${DEAL}'`,
    );
    const children = recordsOf(answer)[0]?.OpportunityLineItems;
    expect(children).toMatchObject({ totalSize: 2, done: false });
    const rest = await org.call(
      'GET',
      textOf(children, 'nextRecordsUrl').replace('/services/data/v66.0', ''),
    );
    org.state.settings.pageSize = 2000;
    expect(recordsOf(rest).map((record) => record.ProductCode)).toEqual(['TRACK-MGR']);
  });

  test('refuses a locator that it never gave out', async () => {
    const answer = await org.call('GET', '/query/01g5Y0000000099QAA-2000');
    expect([answer.status, errorCodes(answer)]).toEqual([400, ['INVALID_QUERY_LOCATOR']]);
  });

  test('takes a batch size of 200 to 2,000 only', async () => {
    const soql = 'SELECT Id FROM Opportunity';
    expect((await org.query(soql, { 'sforce-query-options': 'batchSize=200' })).status).toBe(200);
    expect((await org.query(soql, { 'sforce-query-options': 'batchSize=199' })).status).toBe(400);
  });
});
