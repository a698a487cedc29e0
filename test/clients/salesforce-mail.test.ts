import { afterEach, describe, expect, test } from '@jest/globals';
import { messageOf, rosterOf, type SandboxOrg, startSandboxOrg } from './salesforce-sandbox.ts';
import { DEAL_ID, failureOf } from './salesforce-stub.ts';

const LINK = 'https://learn.globex.example/redeem?code=CANARY99&lang=en';

describe('mail through Salesforce', () => {
  let org: SandboxOrg;

  afterEach(async () => {
    await org.close();
  });

  async function start(options: Parameters<typeof startSandboxOrg>[0] = {}) {
    org = await startSandboxOrg(options);
    return messageOf(DEAL_ID, org.contactId('Robin'));
  }

  test('goes to the contact with the roster attached, and is logged on the deal', async () => {
    const message = await start();
    const roster = await org.crm.attachRoster(rosterOf(DEAL_ID));

    const sent = await org.crm.sendMessage({ ...message, roster });

    expect(sent).toEqual({ state: 'accepted', reference: null });
    expect(org.outbox.mails).toMatchObject([
      {
        to: 'robin.vale@globex.example',
        subject: 'Your seats',
        html: `<p>Hello</p><p>Reference: ${message.sendKey}</p>`,
        attachments: [{ name: 'globex-roster-1.csv' }],
      },
    ]);
    expect(org.state.rows('EmailMessage')).toMatchObject([{ RelatedToId: DEAL_ID }]);
  });

  test('of one key goes out once, and the repeat names the logged mail', async () => {
    const message = await start();
    await org.crm.sendMessage(message);

    const again = await org.crm.sendMessage({ ...message, html: '<p>Other words</p>' });

    expect(again).toEqual({ state: 'accepted', reference: org.state.rows('EmailMessage')[0]?.Id });
    expect(org.outbox.mails).toHaveLength(1);
  });

  test('of another key goes out as well, even when one key begins with the other', async () => {
    const message = await start();
    await org.crm.sendMessage({ ...message, sendKey: `${message.sendKey}:2` });
    await org.crm.sendMessage(message);
    expect(org.outbox.mails).toHaveLength(2);
  });

  test('whose answer was lost is unknown at first, then found in the log, never sent twice', async () => {
    const message = await start();
    org.faults.add({ system: 'salesforce', method: 'POST', path: /emailSimple/, kind: 'dropAfterCommit' });

    expect((await failureOf(org.crm.sendMessage(message))).code).toBe('crm.outcome_unknown');
    expect(await org.crm.findMessage(message)).toMatchObject({ state: 'accepted' });
    await org.crm.sendMessage(message);

    expect(org.outbox.mails).toHaveLength(1);
  });

  test('that never reached Salesforce is not found, and may be sent', async () => {
    const message = await start();
    org.faults.add({ system: 'salesforce', method: 'POST', path: /emailSimple/, kind: 'dropBefore' });

    expect((await failureOf(org.crm.sendMessage(message))).code).toBe('crm.outcome_unknown');
    expect(await org.crm.findMessage(message)).toBe('not_sent');
    await org.crm.sendMessage(message);

    expect(org.outbox.mails).toHaveLength(1);
  });

  test.each(['fail200', 'fail400'] as const)(
    'refused (%s): told as refused, with its words',
    async (mailMode) => {
      const message = await start({ mailMode });
      const failure = await failureOf(org.crm.sendMessage(message));
      expect(failure.code).toBe('crm.mail_rejected');
      expect(failure.message).toContain('the sender is not allowed');
      expect(failure.message).toContain(message.contactId);
    },
  );

  test('refused with words that hold a redeem link: the words are left out', async () => {
    const message = await start();
    const errors = [
      { statusCode: 'INVALID_INPUT', message: `bad body CANARY99 for a@b.example`, fields: [] },
    ];
    org.faults.add({
      system: 'salesforce',
      method: 'POST',
      path: /emailSimple/,
      kind: 'status',
      status: 400,
      body: [{ actionName: 'emailSimple', errors, isSuccess: false }],
    });

    const failure = await failureOf(org.crm.sendMessage({ ...message, redeemLinks: [LINK] }));

    expect(failure.code).toBe('crm.mail_rejected');
    expect(failure.message).toContain('INVALID_INPUT');
    expect(failure.message).not.toMatch(/CANARY99|a@b/);
  });

  test('carries the redeem links that its text leaves out, once each', async () => {
    const message = await start();
    const written = 'https://x.example/2';
    await org.crm.sendMessage({ ...message, html: `<p>${written}</p>`, redeemLinks: [LINK, written] });

    const html = org.outbox.mails[0]?.html ?? '';
    expect(html).toContain('href="https://learn.globex.example/redeem?code=CANARY99&amp;lang=en"');
    expect(html.split(written)).toHaveLength(2);
  });

  test.each(['58.0', '64.0', '65.0', '66.0'])('reaches the buyer with API version %s', async (apiVersion) => {
    const message = await start({ apiVersion });
    await org.crm.sendMessage(message);
    expect(org.outbox.mails).toMatchObject([{ to: 'robin.vale@globex.example' }]);
  });

  test('with an attachment needs a version that takes one, and says so', async () => {
    const message = await start({ apiVersion: '62.0' });
    const roster = await org.crm.attachRoster(rosterOf(DEAL_ID));
    const failure = await failureOf(org.crm.sendMessage({ ...message, roster }));
    expect(failure.code).toBe('crm.forbidden');
    expect(failure.message).toContain('SALESFORCE_API_VERSION');
  });

  test('to a contact without an address is refused before it is sent', async () => {
    const message = await start();
    const contactId = org.state.addContact(DEAL_ID, { lastName: 'Mute', email: null });
    const failure = await failureOf(org.crm.sendMessage({ ...message, contactId }));
    expect(failure.code).toBe('crm.mail_rejected');
    expect(failure.message).toContain(contactId);
  });

  test('that the catalog does not want is not sent', async () => {
    const message = await start();
    const wanted = { ...message, tool: { via: 'none' } as const };
    expect(await org.crm.sendMessage(wanted)).toEqual({ state: 'none', reference: null });
    expect(await org.crm.findMessage(wanted)).toEqual({ state: 'none', reference: null });
    expect(org.outbox.mails).toEqual([]);
  });

  test('goes out on a deal with a draft that has no body yet: that is not ours', async () => {
    const message = await start();
    org.state.logMail(DEAL_ID, { by: 'kim.ops@vendor.example', body: null });
    expect(await org.crm.findMessage(message)).toBe('not_sent');
    await org.crm.sendMessage(message);
    expect(org.outbox.mails).toHaveLength(1);
  });

  test('goes out once amid a correspondence that is larger than an answer may be', async () => {
    const message = await start();
    // The oldest one is ours, so all of them are looked at.
    await org.crm.sendMessage(message);
    for (let n = 0; n < 300; n += 1) {
      org.state.logMail(DEAL_ID, { by: 'kim.ops@vendor.example', body: 'x'.repeat(60_000) });
    }
    expect(await org.crm.findMessage(message)).toMatchObject({ state: 'accepted' });
    await org.crm.sendMessage({ ...message, sendKey: 'another one' });
    expect(org.outbox.mails).toHaveLength(2);
  });

  test('is found by whomever it was logged, as after a change of the integration user', async () => {
    const message = await start();
    const body = `<p>Hello</p><p>Reference: ${message.sendKey}</p>`;
    const reference = org.state.logMail(DEAL_ID, { by: 'former@vendor.example', body });
    expect(await org.crm.sendMessage(message)).toEqual({ state: 'accepted', reference });
    expect(org.outbox.mails).toEqual([]);
  });

  test('cannot be told from another whose body is hidden, so nothing is sent', async () => {
    const message = await start();
    await org.crm.sendMessage({ ...message, sendKey: 'someone-else' });
    const id = org.state.rows('EmailMessage')[0]?.Id;
    org.state.records.update('EmailMessage', String(id), { HtmlBody: null, TextBody: null });

    expect(await org.crm.findMessage(message)).toBe('unknown');
    expect((await failureOf(org.crm.sendMessage(message))).code).toBe('crm.outcome_unknown');
    expect(org.outbox.mails).toHaveLength(1);
  });
});
