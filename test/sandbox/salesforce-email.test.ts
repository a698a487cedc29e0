import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openOrg, recordsOf, send, textOf } from './salesforce-org.ts';

const DEAL = '0065Y00001Suvw6QAB';
const ACTION = '/actions/standard/emailSimple';
let org: Awaited<ReturnType<typeof openOrg>>;
beforeEach(async () => {
  org = await openOrg();
});
afterEach(() => org.close());

const mail = {
  recipientAddresses: 'robin.vale@globex.example',
  emailSubject: 'Your seats',
  emailBody: '<p>See the file.</p>',
  senderType: 'CurrentUser',
  sendRichBody: true,
};
const post = (...inputs: object[]) => org.call('POST', ACTION, { body: { inputs } });
const result = (isSuccess: boolean, errors: unknown) => ({
  actionName: 'emailSimple',
  errors,
  invocationId: null,
  isSuccess,
  outcome: null,
  outputValues: null,
  sortOrder: -1,
  version: 1,
});

async function inputNames(version: string): Promise<string[]> {
  const answer = await send('GET', `${org.url}/services/data/v${version}${ACTION}`, {
    headers: { authorization: `Bearer ${org.currentToken()}` },
  });
  const { inputs } = answer.json as { inputs: unknown[] };
  return inputs.map((input) => textOf(input, 'name'));
}

describe('emailSimple', () => {
  test('puts the mail with its file into the outbox and gives no message id', async () => {
    const uploaded = await org.call('POST', '/sobjects/ContentVersion', {
      body: { PathOnClient: 'roster.csv', VersionData: 'YSxiCg==', FirstPublishLocationId: DEAL },
    });
    const answer = await post({ ...mail, attachmentId: textOf(uploaded.json, 'id') });
    expect([answer.status, answer.json]).toEqual([200, [result(true, null)]]);
    expect(org.outbox.mails).toMatchObject([
      {
        system: 'salesforce',
        to: 'robin.vale@globex.example',
        subject: 'Your seats',
        html: '<p>See the file.</p>',
        attachments: [{ name: 'roster.csv', bytes: Buffer.from('a,b\n') }],
        key: null,
      },
    ]);
  });

  test('sends plain text unless a rich body is asked for', async () => {
    await post({ ...mail, sendRichBody: false });
    expect(org.outbox.mails[0]?.html).toBe('&lt;p&gt;See the file.&lt;/p&gt;');
  });

  test('logs the mail on the record when it is told to', async () => {
    await post({ ...mail, relatedRecordId: DEAL, logEmailOnSend: true }, mail);
    const logged = await org.query(
      `SELECT Subject, HtmlBody, ToAddress, Status, MessageDate FROM EmailMessage WHERE RelatedToId = '${DEAL}'`,
    );
    expect(recordsOf(logged)).toEqual([
      {
        attributes: expect.anything(),
        Subject: 'Your seats',
        HtmlBody: '<p>See the file.</p>',
        ToAddress: 'robin.vale@globex.example',
        Status: '3',
        MessageDate: expect.stringMatching(/\+0000$/),
      },
    ]);
    expect(org.outbox.mails).toHaveLength(2);
  });

  test('sends to a contact by id', async () => {
    const [contact] = org.state.rows('Contact');
    const { recipientAddresses: _addresses, ...rest } = mail;
    await post({ ...rest, recipientId: contact?.Id });
    expect(org.outbox.mails[0]?.to).toBe('robin.vale@globex.example');
  });

  test('made twice is two mails: the action knows no key', async () => {
    await post(mail);
    await post(mail);
    expect(org.outbox.mails).toHaveLength(2);
  });

  test('names its recipients by the API version', async () => {
    expect(await inputNames('61.0')).toEqual(expect.arrayContaining(['emailAddresses']));
    expect(await inputNames('61.0')).not.toContain('attachmentId');
    expect(await inputNames('64.0')).toEqual(expect.arrayContaining(['emailAddresses', 'attachmentId']));
    expect(await inputNames('66.0')).toEqual(expect.arrayContaining(['recipientAddresses', 'attachmentId']));
    expect(await inputNames('66.0')).not.toContain('emailAddresses');
  });

  test.each([
    ['the recipients of an older version', { ...mail, emailAddresses: 'a@b.example' }, 'emailAddresses'],
    ['an input that never existed', { ...mail, htmlBody: 'x' }, 'htmlBody'],
    ['a text for a boolean', { ...mail, sendRichBody: 'true' }, 'sendRichBody'],
    ['no recipient', { ...mail, recipientAddresses: '' }, 'recipient'],
    ['an address that is none', { ...mail, recipientAddresses: 'robin' }, 'robin'],
    ['no subject', { ...mail, emailSubject: '' }, 'emailSubject'],
    ['a file that does not exist', { ...mail, attachmentId: '0685Y00000zzzzzQAA' }, 'attachment'],
    ['a person as the related record', { ...mail, relatedRecordId: '0035Y0000000001QAA' }, 'relatedRecordId'],
    ['a log without a record', { ...mail, logEmailOnSend: true }, 'logEmailOnSend'],
    ['an unverified sender', { ...mail, senderType: 'OrgWideEmailAddress' }, 'sender'],
  ])('refuses %s and sends nothing', async (_name, input, word) => {
    const answer = await post(input);
    expect(answer.status).toBe(400);
    expect(answer.json).toEqual([
      result(false, [{ statusCode: expect.any(String), message: expect.stringContaining(word), fields: [] }]),
    ]);
    expect(org.outbox.mails).toEqual([]);
  });

  test('refuses a call without inputs', async () => {
    expect((await org.call('POST', ACTION, { body: { inputs: [] } })).status).toBe(400);
    expect((await org.call('POST', ACTION, { body: {} })).status).toBe(400);
  });

  test.each([
    ['fail200', 200],
    ['fail400', 400],
  ] as const)('tells a refused mail with %s', async (mailMode, status) => {
    org.state.settings.mailMode = mailMode;
    const answer = await post({ ...mail, relatedRecordId: DEAL, logEmailOnSend: true });
    expect(answer.status).toBe(status);
    expect(answer.json).toMatchObject([{ isSuccess: false, errors: [{ message: expect.any(String) }] }]);
    expect(org.outbox.mails).toEqual([]);
    expect(org.state.rows('EmailMessage')).toEqual([]);
  });

  test('claims success for mail that the org drops', async () => {
    org.state.settings.mailMode = 'dropped';
    const answer = await post(mail);
    expect([answer.status, answer.json]).toEqual([200, [result(true, null)]]);
    expect(org.outbox.mails).toEqual([]);
  });
});
