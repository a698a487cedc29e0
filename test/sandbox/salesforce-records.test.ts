import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { errorCodes, openOrg, recordsOf, textOf } from './salesforce-org.ts';

const DEAL = '0065Y00001Suvw6QAB';
const NOWHERE = '0065Y00000zzzzzQAA';
let org: Awaited<ReturnType<typeof openOrg>>;
beforeEach(async () => {
  org = await openOrg();
});
afterEach(() => org.close());

const newTask = { WhatId: DEAL, Subject: 'Check the roster' };

describe('a record', () => {
  test('is created, read, changed and deleted by its id of 15 or 18 characters', async () => {
    const created = await org.call('POST', '/sobjects/Task', { body: newTask });
    expect([created.status, created.json]).toEqual([
      201,
      { id: expect.stringMatching(/^00T\w{15}$/), success: true, errors: [] },
    ]);
    const id = textOf(created.json, 'id');
    const changed = await org.call('PATCH', `/sobjects/Task/${id.slice(0, 15)}`, {
      body: { Status: 'Completed' },
    });
    expect([changed.status, changed.bytes.length]).toEqual([204, 0]);
    const read = await org.call('GET', `/sobjects/Task/${id}?fields=Subject,Status,IsClosed,OwnerId`);
    expect(read.json).toEqual({
      attributes: { type: 'Task', url: `/services/data/v66.0/sobjects/Task/${id}` },
      Subject: 'Check the roster',
      Status: 'Completed',
      IsClosed: true,
      OwnerId: org.state.userId,
    });
    expect((await org.call('DELETE', `/sobjects/Task/${id}`)).status).toBe(204);
    const again = await org.call('DELETE', `/sobjects/Task/${id}`);
    expect([again.status, errorCodes(again)]).toEqual([404, ['ENTITY_IS_DELETED']]);
  });

  test('tells ids in their 18-character form and dates without Z', async () => {
    org.state.updateOpportunity(DEAL, { CloseDate: '2026-11-21' });
    const { json } = await org.call('GET', `/sobjects/Opportunity/${DEAL.slice(0, 15)}`);
    expect(json).toMatchObject({ Id: DEAL, CloseDate: '2026-11-21', Dealseat_Status__c: null });
    expect(textOf(json, 'SystemModstamp')).toMatch(/\.\d{3}\+0000$/);
  });

  test('that does not exist is not found', async () => {
    const answer = await org.call('GET', `/sobjects/Opportunity/${NOWHERE}`);
    expect([answer.status, answer.json]).toEqual([
      404,
      [{ message: 'The requested resource does not exist', errorCode: 'NOT_FOUND' }],
    ]);
  });

  test.each([
    ['too short', '0065Y0000'],
    ['of another object', '0035Y0000000001QAA'],
    ['with a wrong suffix', `${DEAL.slice(0, 15)}AAA`],
  ])('with an id %s is malformed', async (_name, id) => {
    const answer = await org.call('GET', `/sobjects/Opportunity/${id}`);
    expect([answer.status, errorCodes(answer)]).toEqual([400, ['MALFORMED_ID']]);
    expect(answer.bytes.toString()).toContain('id value of incorrect type');
  });

  test('cannot be upserted by a field that is no external id', async () => {
    const answer = await org.call('PATCH', '/sobjects/Opportunity/Name/x', { body: {} });
    expect([answer.status, errorCodes(answer)]).toEqual([404, ['NOT_FOUND']]);
  });
});

describe('a write is refused', () => {
  const patch = (body: object) => org.call('PATCH', `/sobjects/Opportunity/${DEAL}`, { body });

  test('for a field that does not exist', async () => {
    const answer = await patch({ Nope__c: 1 });
    expect([answer.status, answer.json]).toEqual([
      400,
      [{ message: "No such column 'Nope__c' on sobject of type Opportunity", errorCode: 'INVALID_FIELD' }],
    ]);
  });

  test('for a field that the admin has not added or has hidden', async () => {
    org.state.settings.withDealseatFields = false;
    expect(errorCodes(await patch({ Dealseat_Status__c: 'Planning' }))).toEqual(['INVALID_FIELD']);
    org.state.settings.withDealseatFields = true;
    expect((await patch({ Dealseat_Status__c: 'Planning' })).status).toBe(204);
    org.state.settings.hiddenFields.add('Opportunity.Dealseat_Status__c');
    expect(errorCodes(await patch({ Dealseat_Status__c: 'Delivered' }))).toEqual(['INVALID_FIELD']);
    expect(org.state.opportunity(DEAL).Dealseat_Status__c).toBe('Planning');
  });

  test.each([
    ['a read-only field', { IsWon: true }, 'INVALID_FIELD_FOR_INSERT_UPDATE'],
    ['the id in the body', { Id: DEAL }, 'INVALID_FIELD'],
    ['an emptied required field', { Name: null }, 'REQUIRED_FIELD_MISSING'],
    ['a text for a number', { Dealseat_Seats__c: '20' }, 'JSON_PARSER_ERROR'],
    ['a number for a text', { Dealseat_Run__c: 20 }, 'JSON_PARSER_ERROR'],
    ['a day that does not exist', { CloseDate: '2026-02-30' }, 'JSON_PARSER_ERROR'],
    ['a text above the length', { Dealseat_Run__c: 'x'.repeat(256) }, 'STRING_TOO_LONG'],
    ['an unknown stage', { StageName: 'Won, really' }, 'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST'],
    ['a lookup to another object', { AccountId: DEAL }, 'MALFORMED_ID'],
    ['a lookup to nothing', { AccountId: '0015Y00000zzzzzQAA' }, 'INVALID_CROSS_REFERENCE_KEY'],
  ])('for %s, and changes nothing', async (_name, body, code) => {
    const before = org.state.opportunity(DEAL);
    const answer = await patch({ Dealseat_Detail__c: 'must not stay', ...body });
    expect([answer.status, errorCodes(answer)]).toEqual([400, [code]]);
    expect(org.state.opportunity(DEAL)).toEqual(before);
  });

  test('for missing fields, all of them named', async () => {
    const answer = await org.call('POST', '/sobjects/Opportunity', { body: { Name: 'New' } });
    expect(answer.json).toEqual([
      {
        message: 'Required fields are missing: [StageName, CloseDate]',
        errorCode: 'REQUIRED_FIELD_MISSING',
        fields: ['StageName', 'CloseDate'],
      },
    ]);
  });

  test('for an id in a create', async () => {
    const answer = await org.call('POST', '/sobjects/Task', { body: { ...newTask, Id: DEAL } });
    expect(errorCodes(answer)).toEqual(['INVALID_FIELD_FOR_INSERT_UPDATE']);
  });

  test('for an address that is none', async () => {
    const answer = await org.call('POST', '/sobjects/Contact', {
      body: { LastName: 'Vale', Email: 'robin at globex' },
    });
    expect(errorCodes(answer)).toEqual(['INVALID_EMAIL_ADDRESS']);
  });

  test.each(['OpportunityHistory', 'OpportunityStage', 'User', 'Organization', 'ContentDocument'])(
    'for a new %s, which no API call can make',
    async (name) => {
      const answer = await org.call('POST', `/sobjects/${name}`, { body: {} });
      expect([answer.status, errorCodes(answer)]).toEqual([400, ['INVALID_TYPE_FOR_OPERATION']]);
    },
  );

  test('for a body that is no JSON, and for one that does not say that it is', async () => {
    const json = { 'content-type': 'application/json' };
    const broken = await org.call('POST', '/sobjects/Task', { body: '{"Subject":', headers: json });
    expect([broken.status, errorCodes(broken)]).toEqual([400, ['JSON_PARSER_ERROR']]);
    const list = await org.call('POST', '/sobjects/Task', { body: '[]', headers: json });
    expect(list.status).toBe(400);
    const untyped = await org.call('POST', '/sobjects/Task', { body: '{}' });
    expect([untyped.status, errorCodes(untyped)]).toEqual([415, ['UNSUPPORTED_MEDIA_TYPE']]);
  });
});

describe('an opportunity', () => {
  test('is won when its stage is a won one, whatever the stage is called', async () => {
    for (const [stage, isWon, isClosed] of [
      ['Prospecting', false, false],
      ['Closed Lost', false, true],
      ['Closed Won - Renewal', true, true],
    ] as const) {
      await org.call('PATCH', `/sobjects/Opportunity/${DEAL}`, { body: { StageName: stage } });
      expect(org.state.opportunity(DEAL)).toMatchObject({ IsWon: isWon, IsClosed: isClosed });
    }
  });

  test('records its stages in its history', async () => {
    await org.call('PATCH', `/sobjects/Opportunity/${DEAL}`, { body: { StageName: 'Prospecting' } });
    const history = await org.query(
      `SELECT StageName FROM OpportunityHistory WHERE OpportunityId = '${DEAL}' ORDER BY Id`,
    );
    expect(recordsOf(history).at(-1)).toMatchObject({ StageName: 'Prospecting' });
    const count = recordsOf(history).length;
    await org.call('PATCH', `/sobjects/Opportunity/${DEAL}`, { body: { Dealseat_Status__c: 'Planning' } });
    expect(org.state.rows('OpportunityHistory')).toHaveLength(count);
  });

  const CHANGES = `SELECT Field, OldValue, NewValue, CreatedDate FROM OpportunityFieldHistory WHERE OpportunityId = '${DEAL}' ORDER BY Id`;
  const edit = (body: object) => org.call('PATCH', `/sobjects/Opportunity/${DEAL}`, { body });

  test('keeps the changes of the fields that are tracked, to the second, and of no others', async () => {
    await edit({ Dealseat_Claim__c: 'one', Dealseat_Status__c: 'Planning' });
    await edit({ Dealseat_Claim__c: 'one' });
    await edit({ Dealseat_Claim__c: null });
    expect(recordsOf(await org.query(CHANGES))).toMatchObject([
      { Field: 'Dealseat_Claim__c', OldValue: null, NewValue: 'one' },
      { Field: 'Dealseat_Claim__c', OldValue: 'one', NewValue: null },
    ]);
    for (const { CreatedDate } of org.state.rows('OpportunityFieldHistory')) {
      expect(CreatedDate).toMatch(/:\d\d\.000\+0000$/);
    }
    const byValue = CHANGES.replace('ORDER', "AND NewValue = 'one' ORDER");
    expect((await org.query(byValue)).status).toBe(400);
    const row = org.state.rows('OpportunityFieldHistory')[0]?.Id;
    const change = { body: { NewValue: 'two' } };
    expect((await org.call('PATCH', `/sobjects/OpportunityFieldHistory/${row}`, change)).status).toBe(400);
  });

  test('keeps of a long text that it changed, not what it said', async () => {
    org.state.settings.trackedFields.add('Opportunity.Dealseat_Detail__c');
    await edit({ Dealseat_Detail__c: 'one' });
    expect(recordsOf(await org.query(CHANGES))).toMatchObject([
      { Field: 'Dealseat_Detail__c', OldValue: null, NewValue: null },
    ]);
  });

  test('has no history of its fields where none is tracked', async () => {
    org.state.settings.trackedFields.clear();
    await edit({ Dealseat_Claim__c: 'one' });
    const answer = await org.query(CHANGES);
    expect(answer.status).toBe(400);
    expect(answer.json).toMatchObject([{ errorCode: 'INVALID_TYPE' }]);
  });

  test('is worth the sum of its line items', async () => {
    const { Product2Id = null } = org.state.rows('OpportunityLineItem')[0] ?? {};
    const line = await org.call('POST', '/sobjects/OpportunityLineItem', {
      body: { OpportunityId: DEAL, Product2Id, Quantity: 1, UnitPrice: 50 },
    });
    expect(org.state.opportunity(DEAL).Amount).toBe(3050);
    await org.call('DELETE', `/sobjects/OpportunityLineItem/${textOf(line.json, 'id')}`);
    expect(org.state.opportunity(DEAL).Amount).toBe(3000);
  });

  test('has one primary contact at most', async () => {
    const { ContactId = null } = org.state.rows('OpportunityContactRole')[1] ?? {};
    await org.call('POST', '/sobjects/OpportunityContactRole', {
      body: { OpportunityId: DEAL, ContactId, Role: 'Economic Buyer', IsPrimary: true },
    });
    const roles = org.state.rows('OpportunityContactRole');
    expect(roles.map((role) => role.IsPrimary)).toEqual([false, false, true]);
  });

  test('moves its stamp with every write', async () => {
    await org.close();
    let nowMs = Date.UTC(2026, 10, 22);
    org = await openOrg({ now: () => nowMs });
    nowMs += 1000;
    await org.call('PATCH', `/sobjects/Opportunity/${DEAL}`, { body: { Dealseat_Run__c: 'r' } });
    expect(org.state.opportunity(DEAL)).toMatchObject({
      CreatedDate: '2026-11-22T00:00:00.000+0000',
      SystemModstamp: '2026-11-22T00:00:01.000+0000',
      LastModifiedDate: '2026-11-22T00:00:01.000+0000',
    });
  });

  test('takes its line items and links along when it is deleted', async () => {
    await org.call('DELETE', `/sobjects/Opportunity/${DEAL}`);
    expect(org.state.rows('OpportunityLineItem')).toEqual([]);
    expect(org.state.rows('OpportunityContactRole')).toEqual([]);
  });
});

describe('a describe call', () => {
  test('lists the fields with what may be done to them', async () => {
    const { json } = await org.call('GET', '/sobjects/Opportunity/describe');
    expect(json).toMatchObject({ name: 'Opportunity', keyPrefix: '006', createable: true });
    const { fields, childRelationships } = json as { fields: unknown[]; childRelationships: unknown[] };
    expect(fields).toContainEqual(
      expect.objectContaining({ name: 'Dealseat_Seats__c', type: 'double', updateable: true }),
    );
    expect(fields).toContainEqual(expect.objectContaining({ name: 'IsWon', updateable: false }));
    expect(childRelationships).toContainEqual(
      expect.objectContaining({
        childSObject: 'OpportunityLineItem',
        field: 'OpportunityId',
        relationshipName: 'OpportunityLineItems',
      }),
    );
  });

  test('leaves out what field-level security hides', async () => {
    org.state.settings.hiddenFields.add('Contact.Dealseat_Redeem_Link__c');
    const answer = await org.call('GET', '/sobjects/Contact/describe');
    expect(answer.bytes.toString()).not.toContain('Dealseat_Redeem_Link__c');
    expect(answer.bytes.toString()).toContain('"Email"');
  });
});
