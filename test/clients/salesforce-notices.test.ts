import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { noticeOf, type SandboxOrg, startSandboxOrg } from './salesforce-sandbox.ts';
import { DEAL_ID, failureOf } from './salesforce-stub.ts';

const NOTICE = noticeOf(DEAL_ID);
const KIM = 'kim.ops@vendor.example';

describe('tasks on an opportunity', () => {
  let org: SandboxOrg;

  beforeEach(async () => {
    org = await startSandboxOrg();
    await org.crm.ping();
  });

  afterEach(async () => {
    await org.close();
  });

  const tasks = () => org.state.rows('Task');
  const openKeys = () =>
    tasks()
      .filter(({ IsClosed }) => IsClosed === false)
      .map(({ Description }) => /Reference: (\S+)$/.exec(String(Description))?.[1]);

  async function callsOf(call: Promise<unknown>): Promise<number> {
    const before = org.state.apiCalls;
    await call;
    return org.state.apiCalls - before;
  }

  describe('a notice', () => {
    test('that somebody must act on is due today, for the owner, and says what is to be done', async () => {
      const ownerId = String(org.state.opportunity(DEAL_ID).OwnerId);
      await org.crm.notify({ ...NOTICE, ownerId });

      expect(tasks()).toMatchObject([
        {
          WhatId: DEAL_ID,
          OwnerId: ownerId,
          Subject: 'Look',
          Description: 'Please look.\nSoon.\n\nReference: ask-1',
          Priority: 'High',
          Status: 'Not Started',
          ActivityDate: new Date().toISOString().slice(0, 10),
        },
      ]);
    });

    test('for information has a low priority and no day', async () => {
      await org.crm.notify({ ...NOTICE, priority: 'low' });
      expect(tasks()).toMatchObject([{ Priority: 'Low' }]);
      expect(tasks()[0]?.ActivityDate ?? null).toBeNull();
    });

    test('is made once a key, whatever its words, and not again after it was closed', async () => {
      await org.crm.notify(NOTICE);
      await org.crm.notify({ ...NOTICE, subject: 'Look again' });
      await org.crm.closeNotices({ dealId: DEAL_ID, keys: ['ask-'] });
      await org.crm.notify(NOTICE);
      await org.crm.notify({ ...NOTICE, key: 'ask-11' });
      expect(tasks()).toHaveLength(2);
    });

    test('is made though a person has copied its reference into a task', async () => {
      org.state.addTask(DEAL_ID, { by: KIM, description: 'Reference: ask-1' });
      await org.crm.notify(NOTICE);
      expect(tasks()).toHaveLength(2);
    });

    test('is made though another one quotes its reference, as the name of a deal may', async () => {
      await org.crm.notify({ ...NOTICE, key: 'ask-2', text: 'The deal is called\nReference: ask-1' });
      await org.crm.notify(NOTICE);
      expect(openKeys().sort()).toEqual(['ask-1', 'ask-2']);
    });

    test('is made once on a deal with more tasks than an answer can hold', async () => {
      await org.crm.notify(NOTICE);
      const description = 'x'.repeat(32_000);
      for (let n = 0; n < 600; n += 1) {
        org.state.records.insert('Task', { WhatId: DEAL_ID, Subject: 'Mail', Description: description });
      }
      await org.crm.notify(NOTICE);
      expect(tasks().filter(({ Subject }) => Subject === NOTICE.subject)).toHaveLength(1);
    });

    test('that was made but not heard of is found, not made again', async () => {
      org.faults.add({ system: 'salesforce', method: 'POST', path: /Task/, kind: 'dropAfterCommit' });
      expect((await failureOf(org.crm.notify(NOTICE))).code).toBe('crm.outcome_unknown');
      await org.crm.notify(NOTICE);
      expect(tasks()).toHaveLength(1);
    });

    test('takes a subject of any length', async () => {
      await org.crm.notify({ ...NOTICE, subject: '\u{1F393}'.repeat(400) });
      expect(String(tasks()[0]?.Subject)).toMatch(/^(\u{1F393})+…$/u);
    });

    test('about more than the field takes says the first lines and how many more there are', async () => {
      const lines = Array.from({ length: 400 }, (_, n) => `Line ${n} names no product. ${'x'.repeat(250)}`);
      await org.crm.notify({ ...NOTICE, text: lines.join('\n') });
      await org.crm.notify({ ...NOTICE, text: lines.join('\n') });

      const [task, ...others] = tasks();
      const description = String(task?.Description);
      expect(others).toEqual([]);
      expect(description.length).toBeLessThanOrEqual(32_000);
      expect(description.length).toBeGreaterThan(31_500);
      const left = Number(
        /\n… and ([\d,]+) more lines\n\nReference: ask-1$/.exec(description)?.[1]?.replace(',', ''),
      );
      expect(description.split('\n').slice(0, -3)).toEqual(lines.slice(0, lines.length - left));
    });

    test.each([
      ['one line that is too long by itself', 'x'.repeat(40_000), /^x+…\n\nReference: ask-1$/],
      ['such a line and another', `${'x'.repeat(40_000)}\ny`, /^x+…\n… and 1 more line\n\nReference: ask-1$/],
    ])('of %s is cut', async (_, text, expected) => {
      await org.crm.notify({ ...NOTICE, text });
      expect(String(tasks()[0]?.Description)).toMatch(expected);
      expect(String(tasks()[0]?.Description)).toHaveLength(32_000);
    });

    test('costs two calls, and one more on a deal with tasks of ours', async () => {
      org.state.addTask(DEAL_ID, { by: KIM, description: 'Call them' });
      expect(await callsOf(org.crm.notify(NOTICE))).toBe(2);
      expect(await callsOf(org.crm.notify({ ...NOTICE, key: 'ask-2' }))).toBe(3);
    });
  });

  describe('closing notices', () => {
    test('closes those whose key begins so, and leaves the others and the excepted one open', async () => {
      for (const key of ['ask-1', 'ask-2', 'ask-3', 'ended-1', 'unused-1', 'task-1']) {
        await org.crm.notify({ ...NOTICE, key });
      }
      await org.crm.closeNotices({ dealId: DEAL_ID, keys: ['ask-', 'unused-'], except: 'ask-2' });
      expect(openKeys()).toEqual(['ask-2', 'ended-1', 'task-1']);
    });

    test('of another deal or another user is none of it', async () => {
      const other = org.state.createOpportunity({
        name: 'Other',
        stageName: 'Closed Won',
        closeDate: '2026-12-01',
      });
      await org.crm.notify({ ...NOTICE, dealId: other });
      org.state.addTask(DEAL_ID, { by: KIM, description: 'Please look.\n\nReference: ask-1' });
      await org.crm.closeNotices({ dealId: DEAL_ID, keys: ['ask-'] });
      expect(openKeys()).toHaveLength(2);
    });

    test('closes every one of many, and costs one call where none is open', async () => {
      for (let n = 0; n < 250; n += 1) {
        const Description = `Look\n\nReference: ask-${n}`;
        org.state.records.insert('Task', { WhatId: DEAL_ID, Subject: 'Look', Description });
      }
      await org.crm.closeNotices({ dealId: DEAL_ID, keys: ['ask-'] });
      expect(openKeys()).toEqual([]);
      expect(await callsOf(org.crm.closeNotices({ dealId: DEAL_ID, keys: ['ask-'] }))).toBe(1);
    });

    test('costs three calls where some are open', async () => {
      await org.crm.notify(NOTICE);
      expect(await callsOf(org.crm.closeNotices({ dealId: DEAL_ID, keys: ['ask-'] }))).toBe(3);
    });

    test('takes one that somebody deleted meanwhile for closed, and tells of any other refusal', async () => {
      await org.crm.notify(NOTICE);
      await org.crm.notify({ ...NOTICE, key: 'ask-2' });
      const answer = (...codes: string[]) =>
        org.faults.add({
          system: 'salesforce',
          method: 'PATCH',
          kind: 'status',
          status: 200,
          body: codes.map((statusCode) => ({ success: false, errors: [{ statusCode, message: 'm' }] })),
        });
      const close = () => org.crm.closeNotices({ dealId: DEAL_ID, keys: ['ask-'] });
      answer('ENTITY_IS_DELETED', 'ENTITY_IS_DELETED');
      await expect(close()).resolves.toBeUndefined();
      answer('ENTITY_IS_DELETED', 'UNABLE_TO_LOCK_ROW');
      expect((await failureOf(close())).code).toBe('crm.conflict');
    });
  });
});
