import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Notice } from '../../src/clients/crm.ts';
import { numberOf } from '../../src/domain/words.ts';
import { failureOf, type HubSpotAccount, openHubSpotAccount } from './hubspot-account.ts';

const DEAL = { object: 'deals', id: '9001' } as const;
const TOKEN = 'sandbox-hubspot-token';
const OTHER_APP = { token: 'token-of-another-app', appId: 777 };

const NOTICE: Notice = {
  dealId: '9001',
  ownerId: '8001',
  key: 'ask-9001-1',
  subject: 'Seats need your help',
  text: 'Line item "Foo & Bar" has <no> SKU.\nGive it one.',
  priority: 'high',
};

let account: HubSpotAccount;

beforeEach(async () => {
  account = await openHubSpotAccount({ tokens: [{ token: TOKEN }, OTHER_APP] });
});

afterEach(() => account.close());

const notes = () => account.state.engagementsOf('notes', DEAL);
const tasks = () => account.state.engagementsOf('tasks', DEAL);
const statuses = () => tasks().map(({ properties }) => properties.hs_task_status);

/** A person makes a task on the deal with this text. */
function personsTask(text: string): string {
  const id = account.state.create('tasks', {
    hs_timestamp: '2026-11-20T00:00:00Z',
    hs_task_subject: 'Mine',
    hs_task_status: 'NOT_STARTED',
    hs_task_body: text,
  });
  const { associations } = account.state;
  associations.link(DEAL, { object: 'tasks', id }, associations.plainType('deals', 'tasks'));
  return id;
}

describe('a notice to the owner of a HubSpot deal', () => {
  test('is a task of the owner on the deal, its text escaped', async () => {
    await account.crm.notify(NOTICE);
    expect(tasks()).toHaveLength(1);
    expect(tasks()[0]?.properties).toMatchObject({
      hs_task_subject: 'Seats need your help',
      hs_task_status: 'NOT_STARTED',
      hs_task_priority: 'HIGH',
      hubspot_owner_id: '8001',
      hs_task_body: expect.stringContaining('has &lt;no&gt; SKU.<br>Give it one.'),
    });
  });

  test('for information only has a low priority', async () => {
    await account.crm.notify({ ...NOTICE, priority: 'low' });
    expect(tasks()[0]?.properties.hs_task_priority).toBe('LOW');
  });

  test('told twice is one task; another key is another task', async () => {
    await account.crm.notify(NOTICE);
    await account.crm.notify(NOTICE);
    await account.crm.notify({ ...NOTICE, key: 'ask-9001-11' });
    expect(tasks()).toHaveLength(2);
  });

  test('is told once by whichever process comes next', async () => {
    await account.crm.notify(NOTICE);
    await account.connect().notify(NOTICE);
    expect(tasks()).toHaveLength(1);
  });

  test('that the owner has closed is not told again', async () => {
    await account.crm.notify(NOTICE);
    account.state.edit('tasks', tasks()[0]?.id ?? '', { hs_task_status: 'COMPLETED' });
    await account.crm.notify(NOTICE);
    expect(tasks()).toHaveLength(1);
  });

  test('is a note where there is no owner, once', async () => {
    await account.crm.notify({ ...NOTICE, ownerId: null });
    await account.crm.notify({ ...NOTICE, ownerId: null });
    expect(tasks()).toEqual([]);
    expect(notes()).toHaveLength(1);
    expect(notes()[0]?.properties.hs_note_body).toContain('Seats need your help');
  });

  test('that was made but not acknowledged is one task after the next call', async () => {
    account.fail({ method: 'POST', path: /objects\/tasks$/, kind: 'dropAfterCommit' });
    await account.crm.notify(NOTICE).catch(() => null);
    await account.crm.notify(NOTICE);
    expect(tasks()).toHaveLength(1);
  });

  test.each([
    ['many lines', Array.from({ length: 2_000 }, (_, n) => `Line item "No. ${n}" has no SKU.`).join('\n')],
    ['one endless line', '<'.repeat(100_000)],
    ['an endless line and another', `${'&'.repeat(100_000)}\nsecond`],
  ])('of %s is told shortened instead of not at all', async (_name, text) => {
    for (const ownerId of ['8001', null]) {
      await account.crm.notify({ ...NOTICE, ownerId, key: `ask-${ownerId}`, text });
      await account.crm.notify({ ...NOTICE, ownerId, key: `ask-${ownerId}`, text });
    }
    const [task] = tasks();
    const [note] = notes();
    expect([tasks().length, notes().length]).toEqual([1, 1]);
    for (const body of [task?.properties.hs_task_body, note?.properties.hs_note_body]) {
      expect(body?.length).toBeGreaterThan(60_000);
      expect(body?.length).toBeLessThanOrEqual(65_536);
    }
  });

  test('that is shortened says how much is missing', async () => {
    const text = Array.from({ length: 3_000 }, () => 'x'.repeat(40)).join('\n');
    await account.crm.notify({ ...NOTICE, text });
    const body = tasks()[0]?.properties.hs_task_body ?? '';
    const shown = body.split('x'.repeat(40)).length - 1;
    expect(body).toContain(`<br>… and ${numberOf(3_000 - shown)} more lines</p>`);
  });
});

describe("a copy of a notice's reference", () => {
  test('by a person does not keep the owner from being notified', async () => {
    await account.crm.notify(NOTICE);
    const copied = tasks()[0]?.properties.hs_task_body ?? '';
    for (const task of tasks()) account.state.records.archive(task, 'CRM_UI');
    personsTask(copied);
    await account.crm.notify(NOTICE);
    expect(tasks()).toHaveLength(2);
    await account.crm.notify(NOTICE);
    expect(tasks()).toHaveLength(2);
  });

  test('by another app does not either', async () => {
    const other = account.connect({ accessToken: OTHER_APP.token });
    await other.notify(NOTICE);
    await account.crm.notify(NOTICE);
    expect(tasks()).toHaveLength(2);
  });

  test('where HubSpot does not say whose the token is: an app may have made it, a person may not', async () => {
    account.fail({ path: /access-token-info/, kind: 'status', status: 404, body: {}, times: 9 });
    await account.crm.notify(NOTICE);
    await account.crm.notify(NOTICE);
    expect(tasks()).toHaveLength(1);
    const copied = tasks()[0]?.properties.hs_task_body ?? '';
    account.state.records.archive(account.state.records.getLive('tasks', tasks()[0]?.id ?? ''), 'CRM_UI');
    personsTask(copied);
    await account.crm.notify(NOTICE);
    expect(tasks()).toHaveLength(2);
  });

  test('is judged anew after HubSpot has refused the token for a moment', async () => {
    await account.connect({ accessToken: OTHER_APP.token }).notify(NOTICE);
    account.fail({ path: /access-token-info/, kind: 'status', status: 401, body: {} });
    const ours = account.connect();
    await ours.notify(NOTICE);
    expect(tasks()).toHaveLength(1);
    await ours.notify(NOTICE);
    expect(tasks()).toHaveLength(2);
  });

  test('is not judged while HubSpot cannot say whose the token is', async () => {
    await account.crm.notify(NOTICE);
    account.fail({ path: /access-token-info/, kind: 'status', status: 503 });
    expect((await failureOf(account.connect().notify(NOTICE))).code).toBe('crm.unavailable');
    expect(tasks()).toHaveLength(1);
  });
});

describe('notices that are closed', () => {
  test('are the open ones of these kinds, but for the one that is current', async () => {
    for (const key of ['ask-1', 'ask-2', 'ended-1', 'unused-1']) await account.crm.notify({ ...NOTICE, key });
    await account.crm.closeNotices({ dealId: '9001', keys: ['ask-', 'ended-'], except: 'ask-2' });
    expect(statuses()).toEqual(['COMPLETED', 'NOT_STARTED', 'COMPLETED', 'NOT_STARTED']);
  });

  test('are never those of a person or of another app', async () => {
    await account.crm.notify(NOTICE);
    personsTask(tasks()[0]?.properties.hs_task_body ?? '');
    await account.connect({ accessToken: OTHER_APP.token }).notify({ ...NOTICE, key: 'ask-other' });
    await account.crm.closeNotices({ dealId: '9001', keys: ['ask-'] });
    expect(statuses()).toEqual(['COMPLETED', 'NOT_STARTED', 'NOT_STARTED']);
  });

  test('are none on a deal without any, and closing twice is no error', async () => {
    await account.crm.closeNotices({ dealId: '9001', keys: ['ask-'] });
    await account.crm.notify(NOTICE);
    await account.crm.closeNotices({ dealId: '9001', keys: ['ask-'] });
    account.requests.length = 0;
    await account.crm.closeNotices({ dealId: '9001', keys: ['ask-'] });
    expect(account.requests.some((request) => request.endsWith('batch/update'))).toBe(false);
    expect(statuses()).toEqual(['COMPLETED']);
  });

  test('are closed by the next attempt where HubSpot closed none of them and called it a success', async () => {
    await account.crm.notify(NOTICE);
    const errors = [{ status: 'error', category: 'CONFLICT', message: 'locked' }];
    const body = { status: 'COMPLETE', results: [], numErrors: 1, errors };
    account.fail({ path: /tasks\/batch\/update$/, kind: 'status', status: 207, body });
    const query = { dealId: '9001', keys: ['ask-'] };
    expect((await failureOf(account.crm.closeNotices(query))).code).toBe('crm.conflict');
    await account.crm.closeNotices(query);
    expect(statuses()).toEqual(['COMPLETED']);
  });

  test('are all of them, beyond one batch too', async () => {
    await account.crm.notify(NOTICE);
    const ours = tasks()[0]?.properties.hs_task_body ?? '';
    const { associations, records } = account.state;
    for (let n = 0; n < 101; n += 1) {
      const properties = { hs_task_status: 'NOT_STARTED', hs_task_body: ours };
      const { id } = records.create('tasks', properties, 'INTEGRATION');
      associations.link(DEAL, { object: 'tasks', id }, associations.plainType('deals', 'tasks'));
    }
    await account.crm.closeNotices({ dealId: '9001', keys: ['ask-'] });
    expect(new Set(statuses())).toEqual(new Set(['COMPLETED']));
  });
});
