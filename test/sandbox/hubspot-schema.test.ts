import { describe, expect, test } from '@jest/globals';
import { NUMERIC_PIPELINE } from '../../sandbox/hubspot/pipelines.ts';
import { DEAL, startPortal } from './hubspot-portal.ts';

const PROPERTIES = '/crm/v3/properties/deals';
const STATUS = {
  name: 'dealseat_status',
  label: 'Dealseat status',
  type: 'string',
  fieldType: 'text',
  groupName: 'dealinformation',
};

describe('properties', () => {
  test('a property can be written only once it was made', async () => {
    const portal = await startPortal();
    const write = () => portal.send('PATCH', DEAL, { properties: { dealseat_status: 'Planning' } });
    expect((await write()).status).toBe(400);
    expect((await portal.send('POST', PROPERTIES, STATUS)).status).toBe(201);
    expect((await write()).status).toBe(200);
    expect((await portal.get(`${PROPERTIES}/dealseat_status`)).body).toMatchObject(STATUS);
  });

  test('a portal can be started with the dealseat properties in place', async () => {
    const portal = await startPortal({ withDealseatProperties: true });
    const properties = { dealseat_status: 'Planning', dealseat_seats: 25 };
    expect((await portal.send('PATCH', DEAL, { properties })).status).toBe(200);
    const contact = {
      properties: { dealseat_redeem_link: 'https://learn.example/redeem/A\nhttps://learn.example/redeem/B' },
    };
    expect((await portal.send('PATCH', '/crm/v3/objects/contacts/6001', contact)).status).toBe(200);
  });

  test('a name that is taken is a conflict', async () => {
    const portal = await startPortal();
    await portal.send('POST', PROPERTIES, STATUS);
    const again = await portal.send('POST', PROPERTIES, STATUS);
    expect(again.status).toBe(409);
    expect(again.body).toMatchObject({ category: 'OBJECT_ALREADY_EXISTS' });
  });

  test.each([
    ['without a label', { label: undefined }],
    ['with a field type of another type', { type: 'number' }],
    ['with an unknown type', { type: 'text' }],
    ['with capitals in its name', { name: 'DealseatStatus' }],
    ['in a group that does not exist', { groupName: 'dealseat' }],
    ['of options, without options', { type: 'enumeration', fieldType: 'select' }],
  ])('a property %s is refused', async (_name, change) => {
    const portal = await startPortal();
    expect((await portal.send('POST', PROPERTIES, { ...STATUS, ...change })).status).toBe(400);
  });

  test('a property can be made in a group that was made before', async () => {
    const portal = await startPortal();
    const group = { name: 'dealseat', label: 'Dealseat' };
    expect((await portal.send('POST', `${PROPERTIES}/groups`, group)).status).toBe(201);
    expect((await portal.send('POST', `${PROPERTIES}/groups`, group)).status).toBe(409);
    expect((await portal.send('POST', PROPERTIES, { ...STATUS, groupName: 'dealseat' })).status).toBe(201);
  });

  test('a value of a unique property belongs to one record', async () => {
    const portal = await startPortal();
    const other = portal.state.createDeal();
    await portal.send('POST', PROPERTIES, { ...STATUS, name: 'order_number', hasUniqueValue: true });
    const body = { properties: { order_number: 'A-1' } };
    expect((await portal.send('PATCH', DEAL, body)).status).toBe(200);
    expect((await portal.send('PATCH', `/crm/v3/objects/deals/${other}`, body)).status).toBe(400);
    expect((await portal.send('PATCH', DEAL, body)).status).toBe(200);
  });

  test('an eleventh unique property is refused', async () => {
    const portal = await startPortal();
    const make = (n: number) =>
      portal.send('POST', PROPERTIES, { ...STATUS, name: `unique_${n}`, hasUniqueValue: true });
    for (let n = 0; n < 10; n += 1) expect((await make(n)).status).toBe(201);
    expect((await make(10)).status).toBe(400);
  });

  test('a change of a property writes its options over as a whole, and leaves what it does not name', async () => {
    const portal = await startPortal();
    const option = (value: string) => ({ label: value, value, hidden: false });
    const select = { ...STATUS, type: 'enumeration', fieldType: 'select', options: ['a', 'b'].map(option) };
    await portal.send('POST', PROPERTIES, select);
    const change = (body: object, name = STATUS.name) => portal.send('PATCH', `${PROPERTIES}/${name}`, body);
    expect(await change({ options: [option('c')] })).toMatchObject({
      status: 200,
      body: { label: STATUS.label, options: [option('c')] },
    });
    expect((await change({ options: [] })).status).toBe(400);
    expect((await change({ options: [{ value: 'd' }] })).status).toBe(400);
    expect((await change({ label: 'x' }, 'dealname')).status).toBe(400);
    expect((await change({ label: 'x' }, 'dealseat_none')).status).toBe(404);
  });

  test('what HubSpot defines cannot be deleted', async () => {
    const portal = await startPortal();
    await portal.send('POST', PROPERTIES, STATUS);
    expect((await portal.send('DELETE', `${PROPERTIES}/dealname`)).status).toBe(400);
    expect((await portal.send('DELETE', `${PROPERTIES}/dealseat_status`)).status).toBe(204);
    expect((await portal.get(`${PROPERTIES}/dealseat_status`)).status).toBe(404);
  });
});

describe('pipelines and owners', () => {
  test('stage metadata is text, and the label does not tell which stage is won', async () => {
    const portal = await startPortal();
    const { body } = await portal.get('/crm/v3/pipelines/deals');
    const { results } = body as { results: { id: string; stages: { label: string; metadata: object }[] }[] };
    const stages = results.find(({ id }) => id === NUMERIC_PIPELINE)?.stages ?? [];
    expect(stages.find(({ label }) => label === 'Signed')?.metadata).toEqual({
      isClosed: 'true',
      probability: '1',
    });
    expect(stages.find(({ label }) => label.startsWith('Closed Won'))?.metadata).toEqual({
      isClosed: 'false',
      probability: '0.95',
    });
  });

  test('owners are found by e-mail, by id, and by user id only when asked so', async () => {
    const portal = await startPortal();
    expect((await portal.get('/crm/v3/owners/?email=SAM.ops@vendor.example')).body).toMatchObject({
      results: [{ id: '8001' }],
    });
    expect((await portal.get('/crm/v3/owners/8001?idProperty=id')).body).toMatchObject({ userId: 4711 });
    expect((await portal.get('/crm/v3/owners/4711')).status).toBe(404);
    expect((await portal.get('/crm/v3/owners/4711?idProperty=userId')).body).toMatchObject({ id: '8001' });
  });
});
