import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { errorCodes, openOrg } from './salesforce-org.ts';

let org: Awaited<ReturnType<typeof openOrg>>;
let robin: string;
let jo: string;
beforeEach(async () => {
  org = await openOrg();
  [robin = '', jo = ''] = org.state.rows('Contact').map((contact) => String(contact.Id));
});
afterEach(() => org.close());

const link = (id: string, value: unknown) => ({
  attributes: { type: 'Contact' },
  id,
  Dealseat_Redeem_Link__c: value,
});
const links = () => org.state.rows('Contact').map((contact) => contact.Dealseat_Redeem_Link__c ?? null);
const update = (body: object) => org.call('PATCH', '/composite/sobjects', { body });

describe('a collection', () => {
  test('updates records by their lower-case id', async () => {
    const answer = await update({ records: [link(robin, 'a'), link(jo.slice(0, 15), 'b')] });
    expect([answer.status, answer.json]).toEqual([
      200,
      [
        { id: robin, success: true, errors: [] },
        { id: jo, success: true, errors: [] },
      ],
    ]);
    expect(links()).toEqual(['a', 'b']);
  });

  test('carries on past a record that fails, and answers 200 with the failure', async () => {
    const answer = await update({ records: [link(robin, 5), link(jo, 'b')] });
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual([
      {
        success: false,
        errors: [{ statusCode: 'JSON_PARSER_ERROR', message: expect.any(String), fields: [] }],
      },
      { id: jo, success: true, errors: [] },
    ]);
    expect(links()).toEqual([null, 'b']);
  });

  test('changes nothing with allOrNone when one record fails', async () => {
    const answer = await update({ allOrNone: true, records: [link(robin, 'a'), link(jo, 5)] });
    expect(answer.status).toBe(200);
    expect(answer.json).toMatchObject([
      { success: false, errors: [{ statusCode: 'ALL_OR_NONE_OPERATION_ROLLED_BACK' }] },
      { success: false, errors: [{ statusCode: 'JSON_PARSER_ERROR' }] },
    ]);
    expect(links()).toEqual([null, null]);
  });

  test('takes 200 records and refuses 201', async () => {
    const records = (count: number) => Array.from({ length: count }, () => link(robin, 'a'));
    expect((await update({ records: records(200) })).status).toBe(200);
    const answer = await update({ records: records(201) });
    expect([answer.status, errorCodes(answer)]).toEqual([400, ['EXCEEDED_ID_LIMIT']]);
  });

  test('wants an id, and the type of each record', async () => {
    const { id: _id, ...withoutId } = link(robin, 'a');
    const upperCase = await update({ records: [{ ...withoutId, Id: robin }] });
    expect(upperCase.json).toMatchObject([{ success: false, errors: [{ statusCode: 'MISSING_ARGUMENT' }] }]);
    const { attributes: _attributes, ...withoutType } = link(robin, 'a');
    expect((await update({ records: [withoutType] })).status).toBe(400);
  });

  test('creates and deletes too', async () => {
    const task = { attributes: { type: 'Task' }, Subject: 'Call' };
    const created = await org.call('POST', '/composite/sobjects', { body: { records: [task, task] } });
    expect(created.json).toMatchObject([{ success: true }, { success: true }]);
    const ids = org.state.rows('Task').map((row) => String(row.Id));
    const deleted = await org.call('DELETE', `/composite/sobjects?ids=${ids.join(',')}`);
    expect(deleted.json).toMatchObject([{ success: true }, { success: true }]);
    expect(org.state.rows('Task')).toEqual([]);
  });

  test('brings a deleted record back when a later one of the call cannot be deleted', async () => {
    const answer = await org.call(
      'DELETE',
      `/composite/sobjects?ids=${robin},${org.state.orgId}&allOrNone=true`,
    );
    expect(answer.json).toMatchObject([
      { success: false, errors: [{ statusCode: 'ALL_OR_NONE_OPERATION_ROLLED_BACK' }] },
      { success: false, errors: [{ statusCode: 'INVALID_TYPE_FOR_OPERATION' }] },
    ]);
    expect((await org.call('GET', `/sobjects/Contact/${robin}`)).status).toBe(200);
  });

  test('reads by ids, with null for what is not there', async () => {
    const answer = await org.call('POST', '/composite/sobjects/Contact', {
      body: { ids: [jo, '0035Y00000zzzzzQAA'], fields: ['Id', 'Email'] },
    });
    expect(answer.json).toEqual([
      {
        attributes: { type: 'Contact', url: `/services/data/v66.0/sobjects/Contact/${jo}` },
        Id: jo,
        Email: 'jo.lind@globex.example',
      },
      null,
    ]);
  });
});
