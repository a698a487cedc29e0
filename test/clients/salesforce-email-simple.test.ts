import { afterEach, describe, expect, test } from '@jest/globals';
import type { MailSender, Message, SendHistory } from '../../src/clients/crm.ts';
import { until } from '../support/until.ts';
import {
  historyOf,
  messageOf,
  rosterOf,
  type SandboxOrg,
  senderOf,
  startSandboxOrg,
} from './salesforce-sandbox.ts';
import { DEAL_ID, failureOf } from './salesforce-stub.ts';

const LINK = 'https://learn.globex.example/redeem?code=CANARY99&lang=en';
const ACTION = { system: 'salesforce', method: 'POST', path: /emailSimple/ } as const;
const ACCEPTED = { is: 'accepted', reference: null };
/** Of a look into a log without mails and tasks of ours, and of a sending. */
const LOOK_CALLS = 2;
const SEND_CALLS = 3;
const SAID_MISSING = { saidMissing: { resendToken: 'r1' } };

describe('mail through Salesforce', () => {
  let org: SandboxOrg;
  let sender: MailSender;

  afterEach(async () => {
    await org.close();
  });

  async function start(options: Parameters<typeof startSandboxOrg>[0] = {}): Promise<Message> {
    org = await startSandboxOrg(options);
    sender = senderOf(org.crm);
    return messageOf(DEAL_ID, org.contactId('Robin'));
  }

  const deliver = (message: Message, changes: Partial<SendHistory> = {}) =>
    sender.deliver(message, historyOf(changes));

  /** As field-level security does it. */
  function hideBodies(): void {
    for (const { Id } of org.state.rows('EmailMessage')) {
      org.state.records.update('EmailMessage', String(Id), { HtmlBody: null, TextBody: null });
    }
  }

  test('goes to the contact with the roster attached, and is logged on the deal', async () => {
    const message = await start();
    const roster = await org.crm.attachRoster(rosterOf(DEAL_ID));

    expect(await deliver({ ...message, roster })).toEqual(ACCEPTED);

    expect(org.outbox.mails).toMatchObject([
      {
        to: 'robin.vale@globex.example',
        subject: 'Your seats',
        html: `<p>Hello</p><p>Reference: ${message.sendKey}</p>`,
        attachments: [{ name: rosterOf(DEAL_ID).fileName }],
      },
    ]);
    expect(org.state.rows('EmailMessage')).toMatchObject([{ RelatedToId: DEAL_ID }]);
  });

  test('carries the redeem links that its text leaves out, once each', async () => {
    const message = await start();
    const written = 'https://x.example/2';
    await deliver({ ...message, html: `<p>${written}</p>`, redeemLinks: [LINK, written] });

    const html = org.outbox.mails[0]?.html ?? '';
    expect(html).toContain('href="https://learn.globex.example/redeem?code=CANARY99&amp;lang=en"');
    expect(html.split(written)).toHaveLength(2);
  });

  test.each(['58.0', '64.0', '65.0', '66.0'])('reaches the buyer with API version %s', async (apiVersion) => {
    const message = await start({ apiVersion });
    await deliver(message);
    expect(org.outbox.mails).toMatchObject([{ to: 'robin.vale@globex.example' }]);
  });

  test('asks what the action takes once for many mails, and again after one that failed', async () => {
    const message = await start();
    const cost = async (sendKey: string) => {
      const before = org.state.apiCalls;
      await sender.deliver({ ...message, sendKey }, historyOf({ isFirst: true })).catch(() => undefined);
      return org.state.apiCalls - before;
    };
    expect([await cost('a'), await cost('b')]).toEqual([2, 1]);
    org.faults.add({
      ...ACTION,
      kind: 'status',
      status: 400,
      body: [{ errorCode: 'INVALID_INPUT', message: 'm' }],
    });
    await cost('c');
    expect([await cost('d'), await cost('e')]).toEqual([2, 1]);
  });

  test('that the catalog does not want is not sent', async () => {
    const message = await start();
    const none = senderOf(org.crm, 'none');
    expect(await none.deliver(message, historyOf())).toEqual({ is: 'none', reference: null });
    expect(org.outbox.mails).toEqual([]);
    expect(org.state.apiCalls).toBe(0);
  });

  test('cannot be called back: taking it back does nothing', async () => {
    const message = await start();
    await deliver(message);
    const calls = org.state.apiCalls;
    await sender.takeBack({ dealId: DEAL_ID, contactId: message.contactId });
    expect(org.state.apiCalls).toBe(calls);
  });

  describe('of one key', () => {
    test('goes out once, and the repeat names the logged mail', async () => {
      const message = await start();
      await deliver(message);

      const again = await deliver({ ...message, html: '<p>Other words</p>' });

      expect(again).toEqual({ is: 'accepted', reference: org.state.rows('EmailMessage')[0]?.Id });
      expect(org.outbox.mails).toHaveLength(1);
    });

    test('goes out beside that of another key, even when one key begins with the other', async () => {
      const message = await start();
      await deliver({ ...message, sendKey: `${message.sendKey}:2` });
      await deliver(message);
      expect(org.outbox.mails).toHaveLength(2);
    });

    test('goes out once in an org that logs mails as tasks', async () => {
      const message = await start();
      const reference = org.state.records.insert('Task', {
        WhatId: DEAL_ID,
        Subject: 'Email: Your seats',
        Description: `Hello\n\nReference: ${message.sendKey}`,
        Status: 'Completed',
      });
      expect(await deliver(message)).toEqual({ is: 'accepted', reference });
      expect(org.outbox.mails).toEqual([]);
    });

    test('goes out once amid a correspondence that is larger than an answer may be', async () => {
      const message = await start();
      await deliver(message);
      for (let n = 0; n < 300; n += 1) {
        org.state.records.insert('EmailMessage', { RelatedToId: DEAL_ID, HtmlBody: 'x'.repeat(60_000) });
      }
      expect(await deliver(message)).toMatchObject({ is: 'accepted', reference: expect.any(String) });
      await deliver({ ...message, sendKey: 'another-one' });
      expect(org.outbox.mails).toHaveLength(2);
    });

    test('goes out on a deal where a person has put its reference into a mail and a task', async () => {
      const message = await start();
      const body = `<p>Reference: ${message.sendKey}</p>`;
      org.state.logMail(DEAL_ID, { by: 'kim.ops@vendor.example', body });
      org.state.addTask(DEAL_ID, {
        by: 'kim.ops@vendor.example',
        description: `Reference: ${message.sendKey}`,
      });
      expect(await deliver(message)).toEqual(ACCEPTED);
      expect(org.outbox.mails).toHaveLength(1);
    });

    test('goes out on a deal with a draft that has no body yet: that is not ours', async () => {
      const message = await start();
      org.state.logMail(DEAL_ID, { by: 'kim.ops@vendor.example', body: null });
      expect(await deliver(message)).toEqual(ACCEPTED);
    });
  });

  describe('whose answer was lost', () => {
    test('is unknown at first, then found in the log, never sent twice', async () => {
      const message = await start();
      const mayBeOutSince = Date.now();
      org.faults.add({ ...ACTION, kind: 'dropAfterCommit' });

      expect((await failureOf(deliver(message))).code).toBe('crm.outcome_unknown');
      expect(await deliver(message, { mayBeOutSince })).toEqual({
        is: 'accepted',
        reference: org.state.rows('EmailMessage')[0]?.Id,
      });

      expect(org.outbox.mails).toHaveLength(1);
    });

    test('and that never reached Salesforce is sent when the log stays without it', async () => {
      const message = await start();
      const mayBeOutSince = Date.now();
      org.faults.add({ ...ACTION, kind: 'dropBefore' });

      expect((await failureOf(deliver(message))).code).toBe('crm.outcome_unknown');
      expect(await deliver(message, { mayBeOutSince, lookUntil: performance.now() + 30 })).toEqual(ACCEPTED);

      expect(org.outbox.mails).toHaveLength(1);
    });

    test('is found when it is logged late', async () => {
      const message = await start();
      const looks = { mayBeOutSince: Date.now(), lookUntil: performance.now() + 60_000, lookIntervalMs: 5 };
      const delivering = deliver(message, looks);
      await until('it has looked in vain', () => org.state.apiCalls > LOOK_CALLS);
      const reference = org.state.records.insert('EmailMessage', {
        RelatedToId: DEAL_ID,
        HtmlBody: `<p>Reference: ${message.sendKey}</p>`,
      });
      expect(await delivering).toEqual({ is: 'accepted', reference });
      expect(org.outbox.mails).toEqual([]);
    });

    test('is looked for again and again until then, before it is sent', async () => {
      const message = await start();
      const began = Date.now();
      const lookUntil = performance.now() + 200;
      await deliver(message, { mayBeOutSince: began, lookUntil, lookIntervalMs: 20 });
      const sentAt = Date.parse(org.outbox.mails[0]?.sentAt ?? '');
      expect(sentAt - began).toBeGreaterThanOrEqual(199);
      expect(org.state.apiCalls).toBeGreaterThan(2 * LOOK_CALLS + SEND_CALLS);
    });

    test('is looked for no more once the run is cancelled', async () => {
      const message = await start();
      const cancellation = new AbortController();
      const history = historyOf({
        mayBeOutSince: 0,
        lookUntil: performance.now() + 60_000,
        lookIntervalMs: 60_000,
      });
      const delivering = sender.deliver(message, history, cancellation.signal);
      await until('it has looked once', () => org.state.apiCalls === LOOK_CALLS);
      const reason = new Error('the run was cancelled');
      cancellation.abort(reason);
      await expect(delivering).rejects.toBe(reason);
      expect(org.state.apiCalls).toBe(LOOK_CALLS);
    });

    test('and whose repeat is refused is in doubt, because the first may be out', async () => {
      const message = await start({ mailMode: 'fail400' });
      const outcome = await deliver(message, { mayBeOutSince: Date.now() });
      expect(outcome).toMatchObject({
        is: 'inDoubt',
        problem: { code: 'crm.mail_unknown', message: expect.stringContaining('crm.mail_rejected') },
      });
    });

    test('and whose log cannot be read any more is in doubt', async () => {
      const message = await start();
      const body = [{ errorCode: 'INSUFFICIENT_ACCESS', message: 'no' }];
      org.faults.add({ system: 'salesforce', path: /query/, kind: 'status', status: 403, body });
      const outcome = await deliver(message, { mayBeOutSince: Date.now() });
      expect(outcome).toMatchObject({ is: 'inDoubt', problem: { code: 'crm.mail_unknown' } });
    });

    test('and whose repeat meets a server error is tried again later', async () => {
      const message = await start();
      org.faults.add({ system: 'salesforce', path: /query/, kind: 'html' });
      expect((await failureOf(deliver(message, { mayBeOutSince: 0 }))).code).toBe('crm.unavailable');
    });
  });

  describe('refused', () => {
    test.each(['fail200', 'fail400'] as const)('(%s) tells so with the words', async (mailMode) => {
      const message = await start({ mailMode });
      expect(await deliver(message)).toMatchObject({
        is: 'refused',
        problem: {
          code: 'crm.mail_rejected',
          message: expect.stringMatching(`${message.contactId}.*the sender is not allowed`),
        },
      });
    });

    test('with words that hold a redeem link: the words are left out', async () => {
      const message = await start();
      const errors = [
        { statusCode: 'INVALID_INPUT', message: 'bad body CANARY99 for a@b.example', fields: [] },
      ];
      const body = [{ actionName: 'emailSimple', errors, isSuccess: false }];
      org.faults.add({ ...ACTION, kind: 'status', status: 400, body });

      const outcome = await deliver({ ...message, redeemLinks: [LINK] });

      expect(outcome).toMatchObject({ is: 'refused', problem: { code: 'crm.mail_rejected' } });
      expect(JSON.stringify(outcome)).toContain('INVALID_INPUT');
      expect(JSON.stringify(outcome)).not.toMatch(/CANARY99|a@b/);
    });

    test('with an attachment by a version that takes none: says which to set', async () => {
      const message = await start({ apiVersion: '62.0' });
      const roster = await org.crm.attachRoster(rosterOf(DEAL_ID));
      expect(await deliver({ ...message, roster })).toMatchObject({
        is: 'refused',
        problem: { code: 'crm.forbidden', message: expect.stringContaining('SALESFORCE_API_VERSION') },
      });
    });

    test('to a contact without an address, before anything is sent', async () => {
      const message = await start();
      expect(await deliver({ ...message, email: null })).toMatchObject({
        is: 'refused',
        problem: { code: 'crm.mail_rejected', message: expect.stringContaining(message.contactId) },
      });
    });

    test.each([
      [403, 'INSUFFICIENT_ACCESS', 'crm.forbidden'],
      [400, 'INVALID_FIELD', 'crm.field_missing'],
      [400, 'MALFORMED_QUERY', 'crm.invalid_request'],
      [401, 'INVALID_SESSION_ID', 'crm.unauthorized'],
    ])('by %i %s before anything is sent', async (status, errorCode, code) => {
      const message = await start();
      const body = [{ errorCode, message: 'This session is not valid for use with the REST API' }];
      org.faults.add({ system: 'salesforce', path: /query/, kind: 'status', status, body });
      expect(await deliver(message)).toMatchObject({ is: 'refused', problem: { code } });
    });

    test('for now, because the daily mails are used up, is tried again later', async () => {
      const message = await start();
      const body = [{ errorCode: 'SINGLE_EMAIL_LIMIT_EXCEEDED', message: 'limit' }];
      org.faults.add({ ...ACTION, kind: 'status', status: 400, body });
      expect((await failureOf(deliver(message))).code).toBe('crm.rate_limited');
      expect(org.outbox.mails).toEqual([]);
    });
  });

  describe('on a deal where a mail of ours hides its body', () => {
    async function startHidden(): Promise<Message> {
      const message = await start();
      await deliver({ ...message, sendKey: 'dealseat-other' });
      hideBodies();
      return message;
    }

    test('is in doubt, and not sent', async () => {
      const message = await startHidden();
      expect(await deliver(message)).toMatchObject({
        is: 'inDoubt',
        problem: { code: 'crm.mail_unknown', message: expect.stringContaining('HtmlBody and TextBody') },
      });
      expect(org.outbox.mails).toHaveLength(1);
    });

    test('is sent when a person looked and found it missing', async () => {
      const message = await startHidden();
      expect(await deliver(message, SAID_MISSING)).toEqual(ACCEPTED);
      expect(org.outbox.mails).toHaveLength(2);
    });

    test('is sent once after that, even when the answer of the sending is lost', async () => {
      const message = await startHidden();
      org.state.records.update('EmailMessage', String(org.state.rows('EmailMessage')[0]?.Id), {
        CreatedDate: '2026-01-01T00:00:00.000+0000',
      });
      const mayBeOutSince = Date.now();
      org.faults.add({ ...ACTION, kind: 'dropAfterCommit' });
      expect((await failureOf(deliver(message, SAID_MISSING))).code).toBe('crm.outcome_unknown');
      hideBodies();
      expect(await deliver(message, { ...SAID_MISSING, mayBeOutSince })).toMatchObject({ is: 'inDoubt' });
      expect(org.outbox.mails).toHaveLength(2);
    });
  });
});
