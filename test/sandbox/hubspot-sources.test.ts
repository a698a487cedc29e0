import { describe, expect, test } from '@jest/globals';
import { startPortal, TOKEN } from './hubspot-portal.ts';

const TASKS = '/crm/v3/objects/tasks';
const TOKEN_INFO = '/oauth/v2/private-apps/get/access-token-info';
const SOURCE = '?properties=hs_object_source,hs_object_source_id';
const TASK = { hs_timestamp: '2026-11-25T12:00:00Z', hs_task_subject: 'Call' };

describe('who made a record', () => {
  test('is the app of the token that made it by the API, and shows in the answer too', async () => {
    const portal = await startPortal({ tokens: [{ token: TOKEN }, { token: 'other', appId: 777 }] });
    const made = await portal.send('POST', TASKS, { properties: TASK }, { authorization: 'Bearer other' });
    expect(made.body).toMatchObject({
      properties: { hs_object_source: 'INTEGRATION', hs_object_source_id: '777' },
    });
    const own = await portal.send('POST', TASKS, { properties: TASK });
    const { id } = own.body as { id: string };
    expect((await portal.get(`${TASKS}/${id}${SOURCE}`)).body).toMatchObject({
      properties: { hs_object_source: 'INTEGRATION', hs_object_source_id: '54321' },
    });
  });

  test('is the user for what a person made', async () => {
    const portal = await startPortal();
    const id = portal.state.create('tasks', TASK);
    expect((await portal.get(`${TASKS}/${id}${SOURCE}`)).body).toMatchObject({
      properties: { hs_object_source: 'CRM_UI', hs_object_source_id: 'userId:4711' },
    });
  });

  test('cannot be written', async () => {
    const portal = await startPortal();
    const properties = { ...TASK, hs_object_source_id: '54321' };
    expect((await portal.send('POST', TASKS, { properties })).status).toBe(400);
  });

  test('stays when another edits it, and the history names the editor', async () => {
    const portal = await startPortal();
    const made = await portal.send('POST', TASKS, { properties: TASK });
    const { id } = made.body as { id: string };
    portal.state.edit('tasks', id, { hs_task_subject: 'Call again' });
    const path = `${TASKS}/${id}${SOURCE}&propertiesWithHistory=hs_task_subject`;
    expect((await portal.get(path)).body).toMatchObject({
      properties: { hs_object_source: 'INTEGRATION' },
      propertiesWithHistory: {
        hs_task_subject: [
          { value: 'Call again', sourceType: 'CRM_UI', sourceId: 'userId:4711' },
          { value: 'Call', sourceType: 'INTEGRATION', sourceId: '54321' },
        ],
      },
    });
  });
});

describe('the description of a token', () => {
  test('names its app and portal', async () => {
    const portal = await startPortal();
    expect((await portal.send('POST', TOKEN_INFO, { tokenKey: TOKEN })).body).toMatchObject({
      appId: 54321,
      hubId: 62515,
      scopes: expect.arrayContaining(['crm.objects.deals.read']),
    });
  });

  test('is there for static tokens only', async () => {
    const portal = await startPortal({ tokens: [{ token: TOKEN, kind: 'oauth' }] });
    expect((await portal.send('POST', TOKEN_INFO, { tokenKey: TOKEN })).status).toBe(404);
    expect((await portal.send('POST', TOKEN_INFO, {})).status).toBe(400);
  });
});

test('a list tells who came onto it, once for each coming', async () => {
  const portal = await startPortal();
  await portal.send('PUT', '/crm/v3/lists/2001/memberships/add', ['6001']);
  await portal.send('PUT', '/crm/v3/lists/2001/memberships/add', ['6001']);
  await portal.send('PUT', '/crm/v3/lists/2001/memberships/remove', ['6001']);
  await portal.send('PUT', '/crm/v3/lists/2001/memberships/add', ['6001']);
  expect(portal.state.lists.joined).toEqual([
    { listId: '2001', recordId: '6001' },
    { listId: '2001', recordId: '6001' },
  ]);
});

test('an upload may come out with another access than it asked for', async () => {
  const portal = await startPortal();
  portal.state.files.forcedAccess = 'PUBLIC_NOT_INDEXABLE';
  const options = JSON.stringify({ access: 'PRIVATE' });
  const made = await portal.upload({ file: new Blob(['a']), options, folderPath: '/dealseat/rosters' });
  expect(made.body).toMatchObject({ access: 'PUBLIC_NOT_INDEXABLE' });
});

test('the deals of a contact are listed from its side', async () => {
  const portal = await startPortal();
  const { body } = await portal.get('/crm/v4/objects/contacts/6001/associations/deals');
  expect(body).toMatchObject({ results: [{ toObjectId: 9001 }] });
});
