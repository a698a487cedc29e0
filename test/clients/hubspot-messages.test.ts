import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Message } from '../../src/clients/crm.ts';
import type { MailTool } from '../../src/domain/deal/catalog.ts';
import { failureOf, type HubSpotAccount, openHubSpotAccount } from './hubspot-account.ts';

const SINGLE_SEND: MailTool = { via: 'singleSend', emailId: 1234567 };
const SEQUENCE: MailTool = {
  via: 'sequence',
  sequenceId: '3001',
  userId: '4711',
  senderEmail: 'sam.ops@vendor.example',
};
const LIST: MailTool = { via: 'list', listId: '2001' };
const LINKS = ['https://learn.example/redeem/CANARY1', 'https://learn.example/redeem/CANARY2'];

let account: HubSpotAccount;

beforeEach(async () => {
  account = await openHubSpotAccount({ pollsUntilComplete: 3 });
});

afterEach(() => account.close());

function message(tool: MailTool, changes: Partial<Message> = {}): Message {
  return {
    dealId: '9001',
    contactId: '6001',
    tool,
    sendKey: 'hubspot:62515:9001:1:6001:buyer',
    mayBeOutSince: null,
    subject: 'Your seats',
    html: '<p>Your seats</p>',
    properties: { subject: 'Your seats', seats: '25' },
    redeemLinks: LINKS,
    roster: null,
    ...changes,
  };
}

/** A message that an attempt before this one may have handed over. */
function again(tool: MailTool): Message {
  return message(tool, { mayBeOutSince: Date.now() - 1_000 });
}

async function attachRoster() {
  return account.crm.attachRoster({
    dealId: '9001',
    fileName: 'roster.csv',
    csv: Buffer.from('code\r\nCANARY1\r\n'),
    noteHtml: '',
  });
}

describe('a HubSpot single send', () => {
  test('reaches the contact once with properties and links, and its result is awaited', async () => {
    const sent = await account.crm.sendMessage(message(SINGLE_SEND));
    expect(sent).toEqual({ state: 'sent', reference: expect.any(String) });
    expect(account.outbox.mails).toEqual([
      expect.objectContaining({
        to: 'dana.reyes@acme.example',
        key: 'hubspot:62515:9001:1:6001:buyer',
        properties: expect.objectContaining({
          seats: '25',
          redeem_links: LINKS.join('\n'),
          roster_link: '',
        }),
      }),
    ]);
  });

  test('repeated with the same key sends no second mail and is no error', async () => {
    await account.crm.sendMessage(message(SINGLE_SEND));
    expect(await account.crm.sendMessage(again(SINGLE_SEND))).toMatchObject({ state: 'accepted' });
    expect(account.outbox.mails).toHaveLength(1);
  });

  test.each(['IDEMPOTENT_IGNORE', 'IDEMPOTENT_FAIL'] as const)(
    'whose key was used before we could have used it (%s) is in doubt, and no mail for sure',
    async (repeatResult) => {
      const portal = await openHubSpotAccount({ repeatResult, failedSendUsesSendId: true });
      try {
        const { singleSends } = portal.state;
        singleSends.rejectAddress('dana.reyes@acme.example', 'PREVIOUSLY_BOUNCED');
        await failureOf(portal.crm.sendMessage(message(SINGLE_SEND)));
        portal.state.edit('contacts', '6001', { email: 'dana@acme.example' });
        const failure = await failureOf(portal.crm.sendMessage(message(SINGLE_SEND)));
        expect(failure).toMatchObject({ code: 'crm.mail_unknown' });
        expect(failure.message).toContain(repeatResult);
        expect(portal.outbox.mails).toEqual([]);
      } finally {
        await portal.close();
      }
    },
  );

  test('whose answer was lost may be repeated, and one mail goes out', async () => {
    account.fail({ method: 'POST', path: /single-email\/send$/, kind: 'dropAfterCommit' });
    const failure = await failureOf(account.crm.sendMessage(message(SINGLE_SEND)));
    expect(failure.class).toBe('retry');
    expect(await account.crm.findMessage(message(SINGLE_SEND))).toBe('not_sent');
    await account.crm.sendMessage(again(SINGLE_SEND));
    expect(account.outbox.mails).toHaveLength(1);
  });

  test('carries a signed link to the private roster when the links do not fit', async () => {
    const roster = await attachRoster();
    const many = Array.from({ length: 400 }, (_, n) => `https://learn.example/redeem/LONGCODE${n}`);
    await account.crm.sendMessage(message(SINGLE_SEND, { redeemLinks: many, roster }));
    const { roster_link, redeem_links } = account.outbox.mails[0]?.properties ?? {};
    expect(redeem_links).toBe('');
    expect((await fetch(roster_link ?? '')).status).toBe(200);
    expect((await fetch((roster_link ?? '').split('?')[0] ?? '')).status).toBe(403);
  });

  test('carries the signed link also when the caller gives no links at all', async () => {
    const roster = await attachRoster();
    await account.crm.sendMessage(message(SINGLE_SEND, { redeemLinks: [], roster }));
    expect(account.outbox.mails[0]?.properties.roster_link).toMatch(/^http/);
  });

  test('is refused before it is sent when links do not fit and there is no roster', async () => {
    const many = Array.from({ length: 400 }, (_, n) => `https://learn.example/redeem/LONGCODE${n}`);
    const failure = await failureOf(account.crm.sendMessage(message(SINGLE_SEND, { redeemLinks: many })));
    expect(failure.code).toBe('crm.mail_rejected');
    expect(account.outbox.mails).toEqual([]);
  });

  test.each([
    'PREVIOUSLY_BOUNCED',
    'ADDRESS_OPTED_OUT',
    'PORTAL_OVER_LIMIT',
    'GDPR_DOI_ENABLED',
    'A_RESULT_OF_TOMORROW',
  ])('that HubSpot ends with %s is rejected with that word and a cure', async (result) => {
    account.state.singleSends.rejectAddress('dana.reyes@acme.example', result);
    const failure = await failureOf(account.crm.sendMessage(message(SINGLE_SEND)));
    expect(failure.code).toBe('crm.mail_rejected');
    expect(failure.message).toMatch(new RegExp(`6001: ${result}\\. \\w.+\\.$`));
    expect(failure.message).not.toContain('CANARY');
  });

  test('of an unknown e-mail id names the catalog setting', async () => {
    const failure = await failureOf(account.crm.sendMessage(message({ via: 'singleSend', emailId: 99 })));
    expect(failure).toMatchObject({
      code: 'crm.mail_rejected',
      message: expect.stringContaining('handOver.hubspot.emailId'),
    });
  });

  test('to a contact without address is rejected before it is sent', async () => {
    const contactId = account.state.createContact({});
    const failure = await failureOf(account.crm.sendMessage(message(SINGLE_SEND, { contactId })));
    expect(failure.code).toBe('crm.mail_rejected');
    expect(account.requests.some((request) => request.includes('single-email'))).toBe(false);
  });

  test('counts as accepted when its result does not come in time', async () => {
    account.fail({ path: /send-statuses/, kind: 'status', status: 503, times: Number.POSITIVE_INFINITY });
    const crm = account.connect({ singleSend: { resultPollMs: 5, resultWaitMs: 30 } });
    expect(await crm.sendMessage(message(SINGLE_SEND))).toMatchObject({ state: 'accepted' });
    expect(account.outbox.mails).toHaveLength(1);
  });

  test('refused with the links quoted in the answer keeps them out of the error', async () => {
    const body = { message: `bad value ${LINKS[0]}`, category: 'VALIDATION_ERROR', correlationId: 'abc' };
    account.fail({ path: /single-email\/send$/, kind: 'status', status: 400, body });
    const failure = await failureOf(account.crm.sendMessage(message(SINGLE_SEND)));
    expect(failure.code).toBe('crm.mail_rejected');
    expect(failure.message).toContain('correlation id abc');
    expect(`${failure.stack} ${String(failure.cause)}`).not.toContain('CANARY1');
  });
});

describe('a HubSpot sequence', () => {
  test('takes the contact once, however often it is asked', async () => {
    const first = await account.crm.sendMessage(message(SEQUENCE));
    expect(first).toEqual({ state: 'accepted', reference: expect.any(String) });
    expect(await account.crm.sendMessage(again(SEQUENCE))).toEqual(first);
    expect(account.state.sequences.enrollments).toHaveLength(1);
  });

  test('is found afterwards, and not before', async () => {
    expect(await account.crm.findMessage(again(SEQUENCE))).toBe('not_sent');
    const sent = await account.crm.sendMessage(message(SEQUENCE));
    expect(await account.crm.findMessage(again(SEQUENCE))).toEqual(sent);
  });

  test('that the contact is in already by someone else is no message of ours, and a person decides', async () => {
    await account.crm.sendMessage(message(SEQUENCE, { dealId: '9002', sendKey: 'another deal' }));
    const failure = await failureOf(account.crm.sendMessage(message(SEQUENCE)));
    expect(failure).toMatchObject({
      code: 'crm.mail_rejected',
      message: expect.stringMatching(/already in sequence 3001.*--mail-was-sent.*unenrol/),
    });
  });

  test('that the contact was in before our first attempt is not found as ours', async () => {
    await account.crm.sendMessage(message(SEQUENCE, { dealId: '9002', sendKey: 'another deal' }));
    const later = message(SEQUENCE, { mayBeOutSince: Date.now() + 10 * 60_000 });
    expect(await account.crm.findMessage(later)).toBe('not_sent');
    expect((await failureOf(account.crm.sendMessage(later))).code).toBe('crm.mail_rejected');
  });

  test('whose enrolment was made but not acknowledged is read back', async () => {
    account.fail({ method: 'POST', path: /enrollments$/, kind: 'dropAfterCommit' });
    expect(await account.crm.sendMessage(message(SEQUENCE))).toMatchObject({ state: 'accepted' });
    expect(account.state.sequences.enrollments).toHaveLength(1);
  });

  test('whose enrolment never arrived is an unknown outcome, not a failure to repeat', async () => {
    account.fail({ method: 'POST', path: /enrollments$/, kind: 'dropBefore' });
    const failure = await failureOf(account.crm.sendMessage(message(SEQUENCE)));
    expect(failure.code).toBe('crm.outcome_unknown');
    expect(account.state.sequences.enrollments).toEqual([]);
  });

  test('refuses a contact that is in another sequence, and names that one', async () => {
    account.state.sequences.add({ id: '3002', name: 'Onboarding', userId: '4711' });
    await account.crm.sendMessage(message({ ...SEQUENCE, sequenceId: '3002' } as MailTool));
    const failure = await failureOf(account.crm.sendMessage(message(SEQUENCE)));
    expect(failure).toMatchObject({
      code: 'crm.mail_rejected',
      message: expect.stringContaining('3002 "Onboarding"'),
    });
  });

  test('tells why HubSpot refuses to enrol', async () => {
    account.state.sequences.unsubscribe('dana.reyes@acme.example');
    const failure = await failureOf(account.crm.sendMessage(message(SEQUENCE)));
    expect(failure).toMatchObject({
      code: 'crm.mail_rejected',
      message: expect.stringContaining('UNSUBSCRIBED'),
    });
  });

  test('on a portal whose tier has none is forbidden', async () => {
    const starter = await openHubSpotAccount({ tier: 'starter' });
    try {
      expect((await failureOf(starter.crm.sendMessage(message(SEQUENCE)))).code).toBe('crm.forbidden');
    } finally {
      await starter.close();
    }
  });
});

describe('a HubSpot static list', () => {
  const members = () => [...account.state.lists.get('2001').members.keys()];

  test('takes the contact once, however often it is asked', async () => {
    const sent = { state: 'accepted', reference: '2001' };
    expect(await account.crm.sendMessage(message(LIST))).toEqual(sent);
    expect(await account.crm.sendMessage(message(LIST))).toEqual(sent);
    expect(members()).toEqual(['6001']);
  });

  test('is found afterwards, and not before', async () => {
    expect(await account.crm.findMessage(message(LIST))).toBe('not_sent');
    const sent = await account.crm.sendMessage(message(LIST));
    expect(await account.crm.findMessage(message(LIST))).toEqual(sent);
  });

  test('that does not know the contact is an error, although HubSpot answers 200', async () => {
    const failure = await failureOf(account.crm.sendMessage(message(LIST, { contactId: '31337' })));
    expect(failure).toMatchObject({ code: 'crm.not_found', message: expect.stringContaining('31337') });
  });

  test('that does not exist is named', async () => {
    const failure = await failureOf(account.crm.sendMessage(message({ via: 'list', listId: '999' })));
    expect(failure).toMatchObject({ code: 'crm.not_found', message: expect.stringContaining('list 999') });
  });
});

describe('no mail tool', () => {
  test('asks HubSpot for nothing', async () => {
    const none = { state: 'none', reference: null };
    expect(await account.crm.sendMessage(message({ via: 'none' }))).toEqual(none);
    expect(await account.crm.findMessage(message({ via: 'none' }))).toEqual(none);
    expect(account.requests).toEqual([]);
  });

  test('of the other CRM is a bug, and told as one', async () => {
    await expect(account.crm.findMessage(message({ via: 'emailSimple' }))).rejects.toThrow(TypeError);
  });
});
