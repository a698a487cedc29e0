import { describe, expect, test } from '@jest/globals';
import { NUMERIC_PIPELINE, NUMERIC_WON_STAGE } from '../../sandbox/hubspot/pipelines.ts';
import { DEAL, propertyFaults, startPortal } from './hubspot-portal.ts';

const NOW = '2026-11-25T12:00:00.000Z';

describe('reading', () => {
  test('all values are text, and unknown names are ignored', async () => {
    const portal = await startPortal();
    const { status, body } = await portal.get(
      `${DEAL}?properties=dealname,hs_is_closed_won&properties=closedate&properties=nonsense`,
    );
    expect(status).toBe(200);
    expect(body).toEqual({
      id: '9001',
      properties: {
        dealname: 'Acme leadership rollout',
        hs_is_closed_won: 'true',
        closedate: NOW,
        createdate: NOW,
        hs_lastmodifieddate: NOW,
        hs_object_id: '9001',
      },
      createdAt: NOW,
      updatedAt: NOW,
      archived: false,
    });
  });

  test('the id of a merged deal leads to the surviving deal under its own id', async () => {
    const portal = await startPortal();
    const merged = portal.state.createDeal({ name: 'Twin' });
    portal.state.merge('deals', '9001', merged);
    expect((await portal.get(`/crm/v3/objects/deals/${merged}`)).body).toMatchObject({ id: '9001' });
  });

  test('a deleted deal is not found, and deleting it again is no error', async () => {
    const portal = await startPortal();
    expect((await portal.send('DELETE', DEAL)).status).toBe(204);
    expect((await portal.get(DEAL)).body).toMatchObject({ category: 'OBJECT_NOT_FOUND' });
    expect((await portal.get(`${DEAL}?archived=true`)).body).toMatchObject({ archived: true });
    expect((await portal.send('DELETE', DEAL)).status).toBe(204);
  });

  test('a contact can be read by e-mail, but not by a name that others may share', async () => {
    const portal = await startPortal();
    const path = '/crm/v3/objects/contacts';
    expect((await portal.get(`${path}/dana.reyes@acme.example?idProperty=email`)).body).toMatchObject({
      id: '6001',
    });
    expect((await portal.get(`${path}/Dana?idProperty=firstname`)).status).toBe(400);
  });

  test('the history of a stage names each time it was reached, newest first', async () => {
    const portal = await startPortal();
    portal.clock.now += 1000;
    portal.state.edit('deals', '9001', { dealstage: 'contractsent' });
    portal.clock.now += 1000;
    portal.state.edit('deals', '9001', { dealstage: 'closedwon' });
    const { body } = await portal.get(`${DEAL}?propertiesWithHistory=dealstage`);
    const history = (body as { propertiesWithHistory: { dealstage: { value: string }[] } })
      .propertiesWithHistory;
    expect(history.dealstage.map(({ value }) => value)).toEqual(['closedwon', 'contractsent', 'closedwon']);
    expect(history.dealstage[0]).toMatchObject({
      timestamp: '2026-11-25T12:00:02.000Z',
      sourceType: 'CRM_UI',
    });
  });
});

describe('writing', () => {
  test('one bad property keeps all of them from being written, and every fault is named', async () => {
    const portal = await startPortal();
    const answer = await portal.send('PATCH', DEAL, {
      properties: {
        dealname: 'Renamed',
        dealseat_status: 'Delivered',
        amount: 'many',
        hs_is_closed_won: 'true',
      },
    });
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ category: 'VALIDATION_ERROR' });
    expect(propertyFaults(answer).map(({ name, error }) => [name, error])).toEqual([
      ['dealseat_status', 'PROPERTY_DOESNT_EXIST'],
      ['amount', 'INVALID_NUMBER'],
      ['hs_is_closed_won', 'READ_ONLY_VALUE'],
    ]);
    expect(portal.state.valuesOf('deals', '9001').dealname).toBe('Acme leadership rollout');
  });

  test.each([
    ['an option that the property does not have', { deal_currency_code: 'XXX' }, 'INVALID_OPTION'],
    ['a stage of another pipeline', { dealstage: NUMERIC_WON_STAGE }, 'INVALID_OPTION'],
    ['a pipeline that does not exist', { pipeline: '1' }, 'INVALID_OPTION'],
    ['a day that the calendar does not have', { closedate: '2026-02-31' }, 'INVALID_DATE'],
    ['text that is too long', { description: 'x'.repeat(65_537) }, 'PROPERTY_VALUE_TOO_LONG'],
    ['a user id where an owner id belongs', { hubspot_owner_id: '4711' }, 'INVALID_OWNER_ID'],
    ['the date of creation', { createdate: '2026-01-01' }, 'READ_ONLY_VALUE'],
  ])('%s is refused', async (_name, properties, error) => {
    const portal = await startPortal();
    const answer = await portal.send('PATCH', DEAL, { properties });
    expect(answer.status).toBe(400);
    expect(propertyFaults(answer)[0]?.error).toBe(error);
  });

  test('the refusal of a stage lists the stages of the pipeline', async () => {
    const portal = await startPortal();
    const [fault] = propertyFaults(await portal.send('PATCH', DEAL, { properties: { dealstage: 'won' } }));
    expect(fault?.message).toMatch(
      /^won is not a valid pipeline stage ID\. Valid options are: pipelineId=default : \[ /,
    );
  });

  test('numbers and epoch dates are taken, and come back as text', async () => {
    const portal = await startPortal();
    const properties = { amount: 99.5, closedate: Date.parse('2026-12-01T08:00:00Z') };
    expect((await portal.send('PATCH', DEAL, { properties })).status).toBe(200);
    expect(portal.state.valuesOf('deals', '9001')).toMatchObject({
      amount: '99.5',
      closedate: '2026-12-01T08:00:00.000Z',
    });
  });

  test('an empty text empties a property', async () => {
    const portal = await startPortal();
    await portal.send('PATCH', DEAL, { properties: { hubspot_owner_id: '' } });
    expect((await portal.get(`${DEAL}?properties=hubspot_owner_id`)).body).toMatchObject({
      properties: { hubspot_owner_id: null },
    });
  });

  test.each([
    ['no body', undefined, {}, 400],
    ['broken JSON', '{"properties":', {}, 400],
    ['an array', [], {}, 400],
    ['a nested value', { properties: { dealname: { a: 1 } } }, {}, 400],
    ['another content type', '{}', { 'content-type': 'text/plain' }, 415],
  ])('%s is refused', async (_name, body, headers, status) => {
    const portal = await startPortal();
    expect((await portal.send('PATCH', DEAL, body, headers as Record<string, string>)).status).toBe(status);
  });

  test('moving a deal to a won stage sets the calculated flags only after their delay', async () => {
    const portal = await startPortal({ closedFlagsDelayMs: 3000 });
    portal.clock.now += 3000;
    await portal.send('PATCH', DEAL, { properties: { pipeline: NUMERIC_PIPELINE, dealstage: '1233582148' } });
    const wonFlag = async () =>
      (
        (await portal.get(`${DEAL}?properties=hs_is_closed_won`)).body as {
          properties: { hs_is_closed_won: string };
        }
      ).properties.hs_is_closed_won;
    expect(await wonFlag()).toBe('true');
    portal.clock.now += 3000;
    expect(await wonFlag()).toBe('false');
    await portal.send('PATCH', DEAL, { properties: { dealstage: NUMERIC_WON_STAGE } });
    portal.clock.now += 3000;
    expect(await wonFlag()).toBe('true');
  });

  test('a contact with the e-mail of another is a conflict that names the other', async () => {
    const portal = await startPortal();
    const answer = await portal.send('POST', '/crm/v3/objects/contacts', {
      properties: { email: 'DANA.reyes@acme.example' },
    });
    expect(answer.status).toBe(409);
    expect(answer.body).toMatchObject({
      message: 'Contact already exists. Existing ID: 6001',
      category: 'CONFLICT',
    });
  });

  test('a switch answers creates with 200 instead of 201 while still making the record', async () => {
    const portal = await startPortal();
    portal.state.okInsteadOfCreated = /notes/;
    const note = { properties: { hs_timestamp: NOW } };
    expect((await portal.send('POST', '/crm/v3/objects/notes', note)).status).toBe(200);
    expect(portal.state.records.list('notes')).toHaveLength(1);
  });
});

describe('notes and tasks', () => {
  const onDeal = (typeId: number) => [
    { to: { id: '9001' }, types: [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: typeId }] },
  ];

  test('a note made with its association is found from the deal', async () => {
    const portal = await startPortal();
    const made = await portal.send('POST', '/crm/v3/objects/notes', {
      properties: { hs_timestamp: NOW, hs_note_body: '<p>Roster</p>' },
      associations: onDeal(214),
    });
    expect(made.status).toBe(201);
    const [note] = portal.state.engagementsOf('notes', { object: 'deals', id: '9001' });
    expect(note?.properties.hs_note_body).toBe('<p>Roster</p>');
  });

  test.each([
    ['without its time', { properties: {} }],
    [
      'with an attachment that does not exist',
      { properties: { hs_timestamp: NOW, hs_attachment_ids: '1;2' } },
    ],
    ['with a task’s association type', { properties: { hs_timestamp: NOW }, associations: onDeal(216) }],
    [
      'for a deal that does not exist',
      { properties: { hs_timestamp: NOW }, associations: [{ ...onDeal(214)[0], to: { id: '1' } }] },
    ],
  ])('a note %s is refused and not made', async (_name, body) => {
    const portal = await startPortal();
    expect((await portal.send('POST', '/crm/v3/objects/notes', body)).status).toBe(400);
    expect(portal.state.records.list('notes')).toEqual([]);
  });

  test('an association without types is taken and links nothing', async () => {
    const portal = await startPortal();
    const body = { properties: { hs_timestamp: NOW }, associations: [{ to: { id: '9001' }, types: [] }] };
    expect((await portal.send('POST', '/crm/v3/objects/notes', body)).status).toBe(201);
    expect(portal.state.engagementsOf('notes', { object: 'deals', id: '9001' })).toEqual([]);
  });

  test('an e-mail engagement sends nothing', async () => {
    const portal = await startPortal();
    const properties = { hs_timestamp: NOW, hs_email_direction: 'EMAIL', hs_email_subject: 'Hello' };
    expect((await portal.send('POST', '/crm/v3/objects/emails', { properties })).status).toBe(201);
    expect(portal.outbox.mails).toEqual([]);
  });
});

describe('batches', () => {
  test('a batch that asks for histories has fewer records', async () => {
    const portal = await startPortal();
    const ask = (count: number, propertiesWithHistory: readonly string[]) => {
      const inputs = Array.from({ length: count }, (_, index) => ({ id: String(6001 + index) }));
      return portal.send('POST', '/crm/v3/objects/contacts/batch/read', { inputs, propertiesWithHistory });
    };
    expect((await ask(51, [])).status).toBe(207);
    expect((await ask(50, ['email'])).status).toBe(207);
    expect((await ask(51, ['email'])).status).toBe(400);
  });

  test('a read with missing ids answers 207 with what there is and the ids that are not', async () => {
    const portal = await startPortal();
    const answer = await portal.send('POST', '/crm/v3/objects/contacts/batch/read', {
      inputs: [{ id: '6001' }, { id: '1' }],
      properties: ['email'],
    });
    expect(answer.status).toBe(207);
    expect(answer.body).toMatchObject({
      status: 'COMPLETE',
      results: [{ id: '6001', properties: { email: 'dana.reyes@acme.example' } }],
      numErrors: 1,
      errors: [{ category: 'OBJECT_NOT_FOUND', context: { ids: ['1'] } }],
    });
  });

  test('more than 100 inputs are refused', async () => {
    const portal = await startPortal();
    const inputs = Array.from({ length: 101 }, () => ({ id: '6001' }));
    expect((await portal.send('POST', '/crm/v3/objects/contacts/batch/read', { inputs })).status).toBe(400);
  });

  test('one bad row keeps a whole update from being written', async () => {
    const portal = await startPortal();
    const inputs = [
      { id: '6001', properties: { jobtitle: 'Buyer' } },
      { id: '6002', properties: { nonsense: 'x' } },
    ];
    expect((await portal.send('POST', '/crm/v3/objects/contacts/batch/update', { inputs })).status).toBe(400);
    expect(portal.state.valuesOf('contacts', '6001').jobtitle).toBeUndefined();
  });

  test('creates stand alone only when each row carries its own trace id', async () => {
    const portal = await startPortal();
    const rows = [{ properties: { name: 'Good' } }, { properties: { nonsense: 'x' } }];
    const create = (inputs: object[]) =>
      portal.send('POST', '/crm/v3/objects/companies/batch/create', { inputs });
    expect((await create(rows)).status).toBe(400);
    expect(portal.state.records.list('companies')).toHaveLength(1);
    const traced = await create(rows.map((row, index) => ({ ...row, objectWriteTraceId: String(index) })));
    expect(traced.status).toBe(207);
    expect(traced.body).toMatchObject({ results: [{ objectWriteTraceId: '0' }], numErrors: 1 });
  });

  test('an upsert by e-mail makes once and changes after that', async () => {
    const portal = await startPortal();
    const upsert = (firstname: string) =>
      portal.send('POST', '/crm/v3/objects/contacts/batch/upsert', {
        inputs: [{ id: 'new@acme.example', idProperty: 'email', properties: { firstname } }],
      });
    expect((await upsert('Ann')).body).toMatchObject({ results: [{ new: true }] });
    expect((await upsert('Anna')).body).toMatchObject({
      results: [{ new: false, properties: { firstname: 'Anna' } }],
    });
  });

  test('an upsert by a property that is not unique is refused', async () => {
    const portal = await startPortal();
    const inputs = [{ id: 'Acme', idProperty: 'name', properties: {} }];
    expect((await portal.send('POST', '/crm/v3/objects/companies/batch/upsert', { inputs })).status).toBe(
      400,
    );
  });
});
