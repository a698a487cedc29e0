import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Message, SendHistory } from '../../src/clients/crm.ts';
import type { HubSpotCrm } from '../../src/clients/hubspot/crm.ts';
import { type MailTool, NO_MAIL } from '../../src/domain/deal/mail-tool.ts';
import type { FailureCode } from '../../src/domain/failure.ts';
import { failureOf, type HubSpotAccount, openHubSpotAccount } from './hubspot-account.ts';
import { FIRST, LIST, MESSAGE, SEQUENCE, SINGLE_SEND, withSettings } from './hubspot-mail-tools.ts';

const DANA = 'dana.reyes@acme.example';
const SAID_MISSING = { resendToken: '0a1b2c3d' };

let account: HubSpotAccount;

beforeEach(async () => {
  account = await openHubSpotAccount({ pollsUntilComplete: 3 });
});

afterEach(() => account.close());

interface Delivery {
  readonly message?: Partial<Message>;
  readonly history?: Partial<SendHistory>;
  readonly crm?: HubSpotCrm;
  readonly signal?: AbortSignal;
}

function deliver(tool: MailTool, { message, history, crm = account.crm, signal }: Delivery = {}) {
  return crm.mailTool(tool).deliver({ ...MESSAGE, ...message }, { ...FIRST, ...history }, signal);
}

/** An attempt before this one may have handed it over. */
const again = (): Partial<SendHistory> => ({ mayBeOutSince: Date.now() - 1_000 });

const refused = (code: FailureCode, message: RegExp) => ({
  is: 'refused',
  problem: { code, message: expect.stringMatching(message), cure: expect.any(String) },
});

const inDoubt = (message: RegExp) => ({
  is: 'inDoubt',
  problem: { code: 'crm.mail_unknown', message: expect.stringMatching(message), cure: expect.any(String) },
});

function attachRoster() {
  return account.crm.attachRoster({
    dealId: '9001',
    fileName: 'roster-acme-d0123456789abcde.csv',
    csv: Buffer.from('code\r\nCANARY1\r\n'),
    noteHtml: '',
  });
}

describe('a HubSpot single send', () => {
  const many = Array.from({ length: 400 }, (_, n) => `https://learn.example/redeem/LONGCODE${n}`);

  test('reaches the contact once with properties and links, and its result is awaited', async () => {
    expect(await deliver(SINGLE_SEND)).toEqual({ is: 'sent', reference: expect.any(String) });
    expect(account.outbox.mails).toEqual([
      expect.objectContaining({
        to: DANA,
        key: MESSAGE.sendKey,
        properties: expect.objectContaining({
          seats: '25',
          redeem_links: MESSAGE.redeemLinks.join('\n'),
          redeem_links_html:
            '<a href="https://learn.example/redeem/CANARY1">https://learn.example/redeem/CANARY1</a><br>' +
            '<a href="https://learn.example/redeem/CANARY2">https://learn.example/redeem/CANARY2</a>',
          roster_link: '',
        }),
      }),
    ]);
  });

  test('has links with an ampersand or a quote as links that can be clicked', async () => {
    const redeemLinks = ['https://learn.example/redeem?a=1&code=CANARY1', 'https://learn.example/"CANARY2"'];
    await deliver(SINGLE_SEND, { message: { redeemLinks } });
    const { redeem_links_html: html } = account.outbox.mails[0]?.properties ?? {};
    expect(html).toContain('<a href="https://learn.example/redeem?a=1&amp;code=CANARY1">');
    expect(html).not.toContain('"CANARY2"');
  });

  test('with a signed link to the roster has no other link, of either form', async () => {
    const { fileId, url } = await attachRoster();
    await deliver(SINGLE_SEND, { message: { redeemLinks: many, roster: { fileId, url } } });
    expect(account.outbox.mails[0]?.properties).toMatchObject({
      redeem_links: '',
      redeem_links_html: '',
      roster_link: expect.stringMatching(/^http/),
    });
  });

  test('with a signed link to the roster has the text that speaks of one, and leads to the workbook', async () => {
    const roster = await account.crm.attachRoster({
      dealId: '9001',
      fileName: 'roster-acme-d0123456789abcde.csv',
      csv: Buffer.from('code\r\nCANARY1\r\n'),
      xlsx: Buffer.from('a workbook'),
      noteHtml: '',
    });
    const propertiesIfLinked = () => ({ ...MESSAGE.properties, message: 'one link' });
    await deliver(SINGLE_SEND, { message: { redeemLinks: many, roster, propertiesIfLinked } });
    expect(account.outbox.mails[0]?.properties).toMatchObject({
      message: 'one link',
      roster_link: expect.stringContaining('.xlsx?'),
    });
  });

  test('names the product over the links of each, where there are several', async () => {
    const [first = '', second = ''] = MESSAGE.redeemLinks;
    const linkSections = [
      { title: 'Tips & tricks', links: [first] },
      { title: 'Track', links: [second] },
    ];
    await deliver(SINGLE_SEND, { message: { linkSections } });
    const { redeem_links_html: html, redeem_links: text } = account.outbox.mails[0]?.properties ?? {};
    expect(html).toMatch(
      /^<strong>Tips &amp; tricks<\/strong><br><a .*CANARY1<\/a><br><br><strong>Track<\/strong><br><a .*CANARY2<\/a>$/,
    );
    expect(text).toBe(`${first}\n${second}`);
  });

  test('repeated with the same key sends no second mail and is no failure', async () => {
    await deliver(SINGLE_SEND);
    expect(await deliver(SINGLE_SEND, { history: again() })).toMatchObject({ is: 'accepted' });
    expect(account.outbox.mails).toHaveLength(1);
  });

  test.each(['IDEMPOTENT_IGNORE', 'IDEMPOTENT_FAIL'] as const)(
    'whose key was used before we could have used it (%s) is in doubt, and no mail for sure',
    async (repeatResult) => {
      const portal = await openHubSpotAccount({ repeatResult, failedSendUsesSendId: true });
      try {
        const { crm } = portal;
        portal.state.singleSends.rejectAddress(DANA, 'PREVIOUSLY_BOUNCED');
        expect(await deliver(SINGLE_SEND, { crm })).toMatchObject({ is: 'refused' });
        portal.state.edit('contacts', '6001', { email: 'dana@acme.example' });
        expect(await deliver(SINGLE_SEND, { crm })).toEqual(inDoubt(new RegExp(repeatResult)));
        expect(portal.outbox.mails).toEqual([]);
      } finally {
        await portal.close();
      }
    },
  );

  test('that a person found missing goes out under another key, once', async () => {
    await deliver(SINGLE_SEND);
    const history = { saidMissing: SAID_MISSING };
    expect(await deliver(SINGLE_SEND, { history })).toMatchObject({ is: 'sent' });
    expect(await deliver(SINGLE_SEND, { history: { ...history, ...again() } })).toMatchObject({
      is: 'accepted',
    });
    expect(account.outbox.mails.map(({ key }) => key)).toEqual([
      MESSAGE.sendKey,
      `${MESSAGE.sendKey}-0a1b2c3d`,
    ]);
  });

  test.each(['dropAfterCommit', 'dropBefore'] as const)(
    'whose answer was lost (%s) may be out, and handing it over again makes one mail',
    async (kind) => {
      account.fail({ method: 'POST', path: /single-email\/send$/, kind });
      expect((await failureOf(deliver(SINGLE_SEND))).code).toBe('crm.outcome_unknown');
      await deliver(SINGLE_SEND, { history: again() });
      expect(account.outbox.mails).toHaveLength(1);
    },
  );

  test('that was surely not handed over is a failure that a repeat cures', async () => {
    account.fail({ path: /single-email\/send$/, kind: 'rateLimit' });
    expect((await failureOf(deliver(SINGLE_SEND))).class).toBe('later');
    expect(account.outbox.mails).toEqual([]);
  });

  test('taken under a success code that HubSpot does not document is taken', async () => {
    const body = { statusId: 'abc', status: 'COMPLETE' };
    account.fail({ path: /single-email\/send$/, kind: 'status', status: 202, body });
    expect(await deliver(SINGLE_SEND)).toEqual({ is: 'accepted', reference: 'abc' });
  });

  test('carries a signed link to the private roster when the links do not fit', async () => {
    const roster = await attachRoster();
    await deliver(SINGLE_SEND, { message: { redeemLinks: many, roster } });
    const { roster_link, redeem_links } = account.outbox.mails[0]?.properties ?? {};
    expect(redeem_links).toBe('');
    expect((await fetch(roster_link ?? '')).status).toBe(200);
    expect((await fetch((roster_link ?? '').split('?')[0] ?? '')).status).toBe(403);
  });

  test('carries the signed link also when the caller gives no links at all', async () => {
    const roster = await attachRoster();
    await deliver(SINGLE_SEND, { message: { redeemLinks: [], roster } });
    expect(account.outbox.mails[0]?.properties.roster_link).toMatch(/^http/);
  });

  test('is refused before it is sent when links do not fit and there is no roster', async () => {
    const outcome = await deliver(SINGLE_SEND, { message: { redeemLinks: many } });
    expect(outcome).toEqual(refused('crm.mail_rejected', /do not fit/));
    expect(account.outbox.mails).toEqual([]);
  });

  test.each([
    'PREVIOUSLY_BOUNCED',
    'ADDRESS_OPTED_OUT',
    'PORTAL_OVER_LIMIT',
    'GDPR_DOI_ENABLED',
    'A_RESULT_OF_TOMORROW',
  ])('that HubSpot ends with %s is refused with that word and a cure', async (result) => {
    account.state.singleSends.rejectAddress(DANA, result);
    const outcome = await deliver(SINGLE_SEND);
    expect(outcome).toEqual(refused('crm.mail_rejected', new RegExp(`6001: ${result}\\. \\w.+\\.$`)));
    expect(JSON.stringify(outcome)).not.toContain('CANARY');
  });

  test('that is refused after an attempt that may have sent it is in doubt', async () => {
    account.state.singleSends.rejectAddress(DANA, 'PREVIOUSLY_BOUNCED');
    expect(await deliver(SINGLE_SEND, { history: again() })).toEqual(
      inDoubt(/may have been sent by an earlier attempt.*crm\.mail_rejected.*PREVIOUSLY_BOUNCED/),
    );
  });

  test.each([
    [403, 'crm.forbidden'],
    [404, 'crm.not_found'],
    [400, 'crm.mail_rejected'],
  ] as const)(
    'that HubSpot answers with %d is refused, which proves that nothing is out',
    async (status, code) => {
      account.fail({ path: /single-email\/send$/, kind: 'status', status, body: { category: 'SAID' } });
      expect(await deliver(SINGLE_SEND)).toEqual(refused(code, /single send/));
    },
  );

  test.each([
    [401, { category: 'EXPIRED_AUTHENTICATION' }, 'crm.unauthorized'],
    [403, '<html></html>', 'crm.forbidden'],
  ] as const)(
    'that HubSpot answers with %d and %p may be taken a moment later',
    async (status, body, code) => {
      account.fail({ path: /single-email\/send$/, kind: 'status', status, body });
      await expect(deliver(SINGLE_SEND)).rejects.toMatchObject({ code, mayPass: true });
    },
  );

  test('of an unknown e-mail id names the catalog setting', async () => {
    expect(await deliver(withSettings(SINGLE_SEND, { emailId: 99 }))).toEqual(
      refused('crm.mail_rejected', /handOver\.hubspot\.emailId/),
    );
  });

  test('to a contact without address is refused before it is sent', async () => {
    expect(await deliver(SINGLE_SEND, { message: { email: null } })).toMatchObject({ is: 'refused' });
    expect(account.requests.some((request) => request.includes('single-email'))).toBe(false);
  });

  test('counts as accepted when its result does not come in time', async () => {
    account.fail({ path: /send-statuses/, kind: 'status', status: 503, times: Number.POSITIVE_INFINITY });
    const crm = account.connect({ singleSend: { resultPollMs: 5, resultWaitMs: 30 } });
    expect(await deliver(SINGLE_SEND, { crm })).toMatchObject({ is: 'accepted' });
    expect(account.outbox.mails).toHaveLength(1);
  });

  test('refused with the links quoted in the answer keeps them out of the outcome', async () => {
    const body = {
      message: `bad value ${MESSAGE.redeemLinks[0]}`,
      category: 'VALIDATION_ERROR',
      correlationId: 'abc',
    };
    account.fail({ path: /single-email\/send$/, kind: 'status', status: 400, body });
    const outcome = await deliver(SINGLE_SEND);
    expect(outcome).toEqual(refused('crm.mail_rejected', /correlation id abc/));
    expect(JSON.stringify(outcome)).not.toContain('CANARY1');
  });

  test('cannot be taken back, and nothing is tried', async () => {
    await account.crm.mailTool(SINGLE_SEND).takeBack({ dealId: '9001', contactId: '6001' });
    expect(account.requests).toEqual([]);
  });
});

describe('a HubSpot sequence', () => {
  const otherDeal = { dealId: '9002', sendKey: 'another deal' };

  test('takes the contact once, however often it is asked', async () => {
    const first = await deliver(SEQUENCE);
    expect(first).toEqual({ is: 'accepted', reference: expect.any(String) });
    expect(await deliver(SEQUENCE, { history: again() })).toEqual(first);
    expect(account.state.sequences.enrollments).toHaveLength(1);
  });

  test('that the contact is in already by someone else is no message of ours, and a person decides', async () => {
    await deliver(SEQUENCE, { message: otherDeal });
    expect(await deliver(SEQUENCE)).toEqual(
      refused('crm.mail_rejected', /already in sequence 3001.*--mail-was-sent.*unenrol/),
    );
  });

  test('that the contact was in before our first attempt is not taken for ours', async () => {
    await deliver(SEQUENCE, { message: otherDeal });
    const history = { mayBeOutSince: Date.now() + 10 * 60_000 };
    expect(await deliver(SEQUENCE, { history })).toEqual(inDoubt(/already in sequence 3001/));
  });

  test('whose enrolment was made but not acknowledged is read back', async () => {
    account.fail({ method: 'POST', path: /enrollments$/, kind: 'dropAfterCommit' });
    expect(await deliver(SEQUENCE)).toMatchObject({ is: 'accepted' });
    expect(account.state.sequences.enrollments).toHaveLength(1);
  });

  test('whose enrolment never arrived is an unknown outcome, and the next attempt makes it', async () => {
    account.fail({ method: 'POST', path: /enrollments$/, kind: 'dropBefore' });
    expect((await failureOf(deliver(SEQUENCE))).code).toBe('crm.outcome_unknown');
    expect(account.state.sequences.enrollments).toEqual([]);
    expect(await deliver(SEQUENCE, { history: again() })).toMatchObject({ is: 'accepted' });
    expect(account.state.sequences.enrollments).toHaveLength(1);
  });

  test('is looked for until its time is up before a second enrolment is tried', async () => {
    const looks = () => account.requests.filter((request) => request.startsWith('GET')).length;
    const history = { ...again(), lookUntil: performance.now() + 60_000, lookIntervalMs: 5 };
    const delivering = deliver(SEQUENCE, { history });
    while (looks() < 3) await new Promise((resolve) => setImmediate(resolve));
    expect(account.requests.filter((request) => request.startsWith('POST'))).toEqual([]);
    // The lost call arrives after all.
    account.state.sequences.enroll({
      sequenceId: '3001',
      userId: '4711',
      senderEmail: 'sam.ops@vendor.example',
      contact: account.state.records.getLive('contacts', '6001'),
      owners: account.state.owners,
    });
    expect(await delivering).toMatchObject({ is: 'accepted' });
    expect(account.state.sequences.enrollments).toHaveLength(1);
  });

  test('is looked for no longer than the caller wants', async () => {
    const cancel = new AbortController();
    const history = { ...again(), lookUntil: performance.now() + 60_000, lookIntervalMs: 60_000 };
    const ended = failureOf(deliver(SEQUENCE, { history, signal: cancel.signal }));
    while (account.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    cancel.abort();
    expect(await ended).toMatchObject({ name: 'AbortError' });
    expect(account.state.sequences.enrollments).toEqual([]);
  });

  test('refuses a contact that is in another sequence, and names that one', async () => {
    account.state.sequences.add({ id: '3002', name: 'Onboarding', userId: '4711' });
    await deliver(withSettings(SEQUENCE, { sequenceId: '3002' }));
    expect(await deliver(SEQUENCE)).toEqual(refused('crm.mail_rejected', /3002 "Onboarding"/));
  });

  test('tells why HubSpot refuses to enrol', async () => {
    account.state.sequences.unsubscribe(DANA);
    expect(await deliver(SEQUENCE)).toEqual(refused('crm.mail_rejected', /UNSUBSCRIBED/));
  });

  test('on a portal whose tier has none is refused as forbidden', async () => {
    const starter = await openHubSpotAccount({ tier: 'starter' });
    try {
      expect(await deliver(SEQUENCE, { crm: starter.crm })).toEqual(refused('crm.forbidden', /tier/));
    } finally {
      await starter.close();
    }
  });
});

describe('a HubSpot static list', () => {
  const members = () => [...account.state.lists.get('2001').members.keys()];
  const takeBack = () => account.crm.mailTool(LIST).takeBack({ dealId: '9001', contactId: '6001' });
  const ADDED = { is: 'accepted', reference: '2001' };

  test('takes the contact, who joins it by that', async () => {
    expect(await deliver(LIST)).toEqual(ADDED);
    expect(account.state.lists.joined).toEqual([{ listId: '2001', recordId: '6001' }]);
  });

  test('that the contact is on already tells nobody, so a person must', async () => {
    await deliver(LIST);
    expect(await deliver(LIST, { message: { dealId: '9002', sendKey: 'another deal' } })).toEqual(
      inDoubt(/on the list already.*fires on joining sends nothing.*--mail-was-sent.*off the list.*--resend/),
    );
    expect(account.state.lists.joined).toHaveLength(1);
  });

  test('that the contact joined by an attempt whose answer was lost is found by the next one', async () => {
    account.fail({ method: 'PUT', path: /memberships\/add$/, kind: 'dropAfterCommit' });
    expect((await failureOf(deliver(LIST))).code).toBe('crm.outcome_unknown');
    expect(await deliver(LIST, { history: again() })).toEqual(ADDED);
    expect(members()).toEqual(['6001']);
  });

  test('that the contact was on before the first attempt is not taken for that attempt', async () => {
    await deliver(LIST);
    const history = { mayBeOutSince: Date.now() + 10 * 60_000 };
    expect(await deliver(LIST, { history })).toEqual(inDoubt(/on the list already/));
  });

  test('that a person left the contact on is no resend; one that it was taken off is', async () => {
    await deliver(LIST);
    const history = { saidMissing: SAID_MISSING };
    expect(await deliver(LIST, { history })).toEqual(inDoubt(/on the list already/));
    account.state.lists.take(account.state.lists.get('2001'), ['6001']);
    expect(await deliver(LIST, { history })).toEqual(ADDED);
    expect(account.state.lists.joined).toHaveLength(2);
  });

  test('that does not know the contact refuses it, although HubSpot answers 200', async () => {
    expect(await deliver(LIST, { message: { contactId: '31337' } })).toEqual(
      refused('crm.not_found', /31337/),
    );
  });

  test('that does not exist is named', async () => {
    expect(await deliver(withSettings(LIST, { listId: '999' }))).toEqual(
      refused('crm.not_found', /list 999/),
    );
  });

  test('gives the contact back, and once more is no failure', async () => {
    await deliver(LIST);
    await takeBack();
    await takeBack();
    expect(members()).toEqual([]);
  });

  test.each([
    ['shows Delivered', { dealseat_status: 'Delivered' }],
    ['has active seats', { dealseat_status: 'Failed', dealseat_ledger: '{"groups":[{"active":3}]}' }],
    ['has a ledger that nobody can read', { dealseat_ledger: 'edited' }],
  ])('keeps the contact while another deal of theirs %s', async (_name, fields) => {
    const other = account.state.createDeal({ contacts: [{ id: '6001' }] });
    account.state.edit('deals', other, fields);
    await deliver(LIST);
    await takeBack();
    expect(members()).toEqual(['6001']);
  });

  test.each([
    ['was given nothing', {}],
    [
      'has all seats withdrawn',
      { dealseat_status: 'Cancelled', dealseat_ledger: '{"groups":[{"active":0}]}' },
    ],
  ])('does not keep the contact for another deal that %s', async (_name, fields) => {
    const other = account.state.createDeal({ contacts: [{ id: '6001' }] });
    account.state.edit('deals', other, fields);
    account.state.edit('deals', '9001', { dealseat_status: 'Delivered' });
    await deliver(LIST);
    await takeBack();
    expect(members()).toEqual([]);
  });

  test('has nothing to give back of a contact or a list that is gone', async () => {
    await account.crm.mailTool(LIST).takeBack({ dealId: '9001', contactId: '31337' });
    await account.crm.mailTool(withSettings(LIST, { listId: '999' })).takeBack(MESSAGE);
  });
});

describe('no mail tool', () => {
  test('asks HubSpot for nothing', async () => {
    expect(await deliver(NO_MAIL)).toEqual({ is: 'none', reference: null });
    await account.crm.mailTool(NO_MAIL).takeBack({ dealId: '9001', contactId: '6001' });
    expect(account.requests).toEqual([]);
  });

  test('of the other CRM is a bug, and told as one', () => {
    expect(() => account.crm.mailTool({ ...NO_MAIL, via: 'emailSimple' })).toThrow(TypeError);
  });

  test('without a setting that it needs is one too', () => {
    expect(() => account.crm.mailTool({ ...LIST, settings: {} })).toThrow(/needs the setting listId/);
  });
});
