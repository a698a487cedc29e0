import { describe, expect, test } from '@jest/globals';
import { type Answer, type Portal, startPortal } from './hubspot-portal.ts';

const SEND = '/marketing/v3/transactional/single-email/send';
const TO = 'dana.reyes@acme.example';

function send(portal: Portal, change: object = {}, message: object = {}): Promise<Answer> {
  return portal.send('POST', SEND, { emailId: 1234567, message: { to: TO, ...message }, ...change });
}

async function resultOf(portal: Portal, sent: Answer): Promise<unknown> {
  const { statusId } = sent.body as { statusId: string };
  return (await portal.get(`/marketing/v3/email/send-statuses/${statusId}`)).body;
}

describe('single send', () => {
  test('a mail is pending first, sent when asked again, and lies merged and escaped in the outbox', async () => {
    const portal = await startPortal();
    portal.state.singleSends.addTemplate({
      emailId: 77,
      name: 'Mixed',
      subject: '{{ custom.subject|default("Your learning seats are ready") }}',
      html: 'Hello {{ contact.firstname }}, {{ custom.links }} {{ custom.message|default("")|safe }}',
    });
    const customProperties = { links: 'https://learn.example/A?x=<1>', message: '<b>Ready</b>' };
    const sent = await send(portal, { emailId: 77, customProperties }, { sendId: 'deal-9001' });
    expect(sent.status).toBe(200);
    expect(sent.body).toMatchObject({ status: 'PENDING', statusId: expect.any(String) });
    expect(sent.body).not.toHaveProperty('sendResult');
    expect(await resultOf(portal, sent)).toMatchObject({
      status: 'COMPLETE',
      sendResult: 'SENT',
      eventId: { id: expect.any(String) },
    });
    expect(portal.outbox.mails).toEqual([
      {
        system: 'hubspot',
        to: TO,
        subject: 'Your learning seats are ready',
        html: 'Hello Dana, https://learn.example/A?x=&lt;1&gt; <b>Ready</b>',
        properties: customProperties,
        attachments: [],
        sentAt: '2026-11-25T12:00:00.000Z',
        key: 'deal-9001',
      },
    ]);
  });

  test('a status can be made to need several polls', async () => {
    const portal = await startPortal({ pollsUntilComplete: 2 });
    const sent = await send(portal);
    expect(await resultOf(portal, sent)).toMatchObject({ status: 'PROCESSING' });
    expect(await resultOf(portal, sent)).toMatchObject({ status: 'COMPLETE' });
  });

  test.each(['IDEMPOTENT_IGNORE', 'IDEMPOTENT_FAIL'] as const)(
    'a repeated sendId sends nothing and ends in %s',
    async (repeatResult) => {
      const portal = await startPortal({ repeatResult });
      await send(portal, {}, { sendId: 'once' });
      const again = await send(portal, {}, { sendId: 'once' });
      expect(again.status).toBe(200);
      expect(await resultOf(portal, again)).toMatchObject({ status: 'COMPLETE', sendResult: repeatResult });
      expect(portal.outbox.mails).toHaveLength(1);
    },
  );

  test('mails without a sendId are all sent', async () => {
    const portal = await startPortal();
    await send(portal);
    await send(portal);
    expect(portal.outbox.mails).toHaveLength(2);
  });

  test.each([
    ['an unknown e-mail', { emailId: 1 }, {}, 'MISSING_CONTENT'],
    ['a role address', {}, { to: 'noreply@acme.example' }, 'INVALID_TO_ADDRESS'],
    ['an address that bounced', {}, { to: 'bounced@acme.example' }, 'PREVIOUSLY_BOUNCED'],
    ['a template property that is missing', { emailId: 77 }, {}, 'MISSING_TEMPLATE_PROPERTIES'],
  ])(
    '%s is accepted with 200, fails in the status, and sends nothing',
    async (_name, change, message, result) => {
      const portal = await startPortal();
      portal.state.singleSends.rejectAddress('bounced@acme.example', 'PREVIOUSLY_BOUNCED');
      portal.state.singleSends.addTemplate({
        emailId: 77,
        name: 'Strict',
        subject: 'S',
        html: '{{ custom.link }}',
      });
      const sent = await send(portal, change, { sendId: 'key', ...message });
      expect(sent.status).toBe(200);
      expect(await resultOf(portal, sent)).toMatchObject({ status: 'COMPLETE', sendResult: result });
      expect(portal.outbox.mails).toEqual([]);
    },
  );

  test.each([
    ['failedSendUsesSendId', true, 0],
    ['failedSendUsesSendId', false, 1],
  ] as const)('a failed send with %s %s leaves its sendId used up or not', async (option, value, mails) => {
    const portal = await startPortal({ [option]: value });
    await send(portal, { emailId: 1 }, { sendId: 'key' });
    await send(portal, {}, { sendId: 'key' });
    expect(portal.outbox.mails).toHaveLength(mails);
  });

  test.each([
    ['an e-mail id in text', { emailId: '1234567' }, {}],
    ['no e-mail id', { emailId: undefined }, {}],
    ['no recipient', {}, { to: undefined }],
    ['a recipient that is no address', {}, { to: 'Dana' }],
    ['a list as custom property', { customProperties: { links: ['a'] } }, {}],
    ['a contact property that does not exist', { contactProperties: { nonsense: 'x' } }, {}],
  ])('%s is refused', async (_name, change, message) => {
    const portal = await startPortal();
    expect((await send(portal, change, message)).status).toBe(400);
    expect(portal.outbox.mails).toEqual([]);
  });

  test('an unknown recipient becomes a contact, and contact properties are kept on it', async () => {
    const portal = await startPortal();
    await send(portal, { contactProperties: { jobtitle: 'Buyer' } }, { to: 'new@acme.example' });
    const contact = portal.state.records.findByValue('contacts', 'email', 'new@acme.example');
    expect(contact?.properties).toMatchObject({ jobtitle: 'Buyer' });
    expect(contact?.properties).not.toHaveProperty('hs_marketable_status');
  });

  test('the marketing kind makes the recipient a marketing contact', async () => {
    const portal = await startPortal({ tier: 'enterprise' });
    const body = { emailId: 1234567, message: { to: TO } };
    expect((await portal.send('POST', '/marketing/v4/email/single-send', body)).status).toBe(200);
    expect(portal.state.valuesOf('contacts', '6001').hs_marketable_status).toBe('true');
  });

  test('an unknown status is not found', async () => {
    const portal = await startPortal();
    expect((await portal.get('/marketing/v3/email/send-statuses/nothing')).status).toBe(404);
  });
});

describe('sequences', () => {
  const BODY = { sequenceId: '3001', contactId: '6001', senderEmail: 'sam.ops@vendor.example' };
  const enroll = (portal: Portal, body: object = BODY, query = '?userId=4711') =>
    portal.send('POST', `/automation/v4/sequences/enrollments${query}`, body);

  test('a contact is enrolled once, and the enrolment can be read', async () => {
    const portal = await startPortal();
    const path = '/automation/v4/sequences/enrollments/contact/6001';
    expect((await portal.get(path)).status).toBe(404);
    const made = await enroll(portal);
    expect(made.status).toBe(200);
    expect((await portal.get(path)).body).toMatchObject({
      id: (made.body as { id: string }).id,
      sequenceId: '3001',
      toEmail: TO,
    });
    const again = await enroll(portal);
    expect(again.status).toBe(400);
    expect(again.body).toMatchObject({ message: expect.stringContaining('ALREADY_ENROLLED') });
  });

  test('a contact whose sequence has ended can be enrolled again', async () => {
    const portal = await startPortal();
    await enroll(portal);
    portal.state.sequences.finish('6001');
    expect((await enroll(portal)).status).toBe(200);
  });

  test.each([
    ['no user', BODY, '', 400],
    ['an unknown user', BODY, '?userId=1', 400],
    ['an inbox that is not connected', { ...BODY, senderEmail: 'other@vendor.example' }, undefined, 400],
    ['an unknown sequence', { ...BODY, sequenceId: '1' }, undefined, 404],
    ['an unknown contact', { ...BODY, contactId: '1' }, undefined, 404],
    ['a contact id that is a number', { ...BODY, contactId: 6001 }, undefined, 400],
    ['no sender', { ...BODY, senderEmail: undefined }, undefined, 400],
  ])('%s is refused', async (_name, body, query, status) => {
    const portal = await startPortal();
    expect((await enroll(portal, body, query)).status).toBe(status);
    expect(portal.state.sequences.enrollments).toEqual([]);
  });

  test('a contact without an address, or who has unsubscribed, is refused', async () => {
    const portal = await startPortal();
    const nobody = portal.state.createContact({ firstName: 'No', lastName: 'Mail' });
    expect((await enroll(portal, { ...BODY, contactId: nobody })).status).toBe(400);
    portal.state.sequences.unsubscribe(TO);
    expect((await enroll(portal)).status).toBe(400);
  });
});

describe('lists', () => {
  const ADD = '/crm/v3/lists/2001/memberships/add';

  test('a contact is added once, and unknown contacts are named', async () => {
    const portal = await startPortal();
    expect((await portal.send('PUT', ADD, ['6001', '1'])).body).toEqual({
      recordsIdsAdded: ['6001'],
      recordIdsRemoved: [],
      recordIdsMissing: ['1'],
    });
    expect((await portal.send('PUT', ADD, ['6001'])).body).toMatchObject({ recordsIdsAdded: [] });
    expect((await portal.get('/crm/v3/lists/2001/memberships')).body).toMatchObject({
      results: [{ recordId: '6001' }],
    });
    expect((await portal.get('/crm/v3/lists/records/0-1/6001/memberships')).body).toMatchObject({
      results: [{ listId: '2001' }],
    });
  });

  test('a removed contact is on the list no more', async () => {
    const portal = await startPortal();
    await portal.send('PUT', ADD, ['6001']);
    const removed = await portal.send('PUT', '/crm/v3/lists/2001/memberships/remove', ['6001', '6002']);
    expect(removed.body).toMatchObject({ recordIdsRemoved: ['6001'] });
    expect((await portal.get('/crm/v3/lists/2001/memberships')).body).toMatchObject({ total: 0 });
  });

  test.each([
    ['an object', { ids: ['6001'] }],
    ['numbers', [6001]],
  ])('%s instead of a list of texts is refused', async (_name, body) => {
    const portal = await startPortal();
    expect((await portal.send('PUT', ADD, body)).status).toBe(400);
  });

  test('a dynamic list takes no members', async () => {
    const portal = await startPortal();
    portal.state.lists.create({ listId: '2002', name: 'Dynamic', object: 'contacts', kind: 'DYNAMIC' });
    expect((await portal.send('PUT', '/crm/v3/lists/2002/memberships/add', ['6001'])).status).toBe(400);
  });

  test('a new list answers 200, and its name is its own', async () => {
    const portal = await startPortal();
    const body = { name: 'New buyers', objectTypeId: '0-1', processingType: 'MANUAL' };
    expect((await portal.send('POST', '/crm/v3/lists', body)).status).toBe(200);
    expect((await portal.send('POST', '/crm/v3/lists', body)).status).toBe(400);
    expect((await portal.get('/crm/v3/lists/object-type-id/0-1/name/New%20buyers')).body).toMatchObject({
      list: { name: 'New buyers', processingType: 'MANUAL' },
    });
  });

  test('an unknown list is not found', async () => {
    const portal = await startPortal();
    expect((await portal.send('PUT', '/crm/v3/lists/1/memberships/add', ['6001'])).status).toBe(404);
  });
});
